import type { CredentialKind } from "../settings/credentialKind";
import type { Fault } from "../errors";
import { resolveDelegated, type ResolvedScopes } from "./delegatedPermissions";
import { apiOfRole, readWrittenApi, type WrittenApi } from "./knownApis";
import { meantPermission, nearPermissions, readWrittenPermission } from "./permissionAdvice";
import type { AskedPermissions } from "../settings/settings";
import { configKey, removeCommand, setCommand, type Path } from "../settings/settingsFaults";
import { tierZeroPermissions } from "./tierZero";

/** A Microsoft Graph application permission of one tenant: its name and the GUID that a grant needs. */
export interface AppRole {
  /** Permission name, such as `User.Read.All`. */
  readonly name: string;
  /** GUID of the app role in the tenant's Microsoft Graph. */
  readonly appRoleId: string;
}

/** What the tenant's own Microsoft Graph service principal offers: permission name to GUID. */
export interface GraphPermissions {
  readonly graphObjectId: string;
  /** Application permissions (app roles). */
  readonly appRoleIds: Readonly<Record<string, string>>;
  /** Delegated permissions (scopes). */
  readonly delegatedIds: Readonly<Record<string, string>>;
  /** Delegated permissions to which no user can consent alone; absent where the tenant was not asked. */
  readonly adminConsent?: readonly string[];
}

export interface ResolvedPermissions {
  /** By app, one role per configured name, in the order configured. */
  readonly roles: Readonly<Record<string, readonly AppRole[]>>;
  /** Delegated ones, likewise. */
  readonly scopes: ResolvedScopes["scopes"];
  readonly faults: readonly Fault[];
}

/**
 * Looks up the app roles behind every app's permission names; names case-sensitively, as Graph does.
 *
 * @returns Roles by app, and a fault for each name that is delegated-only (`PERMISSION_DELEGATED_ONLY`),
 *   unknown (`PERMISSION_UNKNOWN`) or able to take over the tenant without having been accepted by name
 *   (`PERMISSION_TIER_ZERO`).
 * @see https://learn.microsoft.com/graph/permissions-reference (read 2026-11)
 */
export function resolvePermissions(settings: AskedPermissions, graph: GraphPermissions): ResolvedPermissions {
  const faults: Fault[] = [];
  const roles = new Map<string, AppRole[]>();
  let refused = 0;
  for (const [app, { permissions, credential = "secret" }] of Object.entries(settings.apps)) {
    const resolved: AppRole[] = [];
    roles.set(app, resolved);
    for (const [index, name] of permissions.entries()) {
      const path = ["apps", app, "permissions", index];
      const appRoleId = Object.hasOwn(graph.appRoleIds, name) ? graph.appRoleIds[name] : undefined;
      if (appRoleId === undefined) {
        faults.push(unresolved(path, name, graph, permissions));
      } else if (tierZeroPermissions.has(name) && !settings.acceptTierZero.includes(name)) {
        faults.push(tierZero(path, name, powerOf[credential], settings.acceptTierZero.length + refused));
        refused += 1;
      } else {
        resolved.push({ name, appRoleId });
      }
    }
  }
  const delegated = resolveDelegated(settings, graph, refused);
  return {
    roles: Object.fromEntries(roles),
    scopes: delegated.scopes,
    faults: [...eachAlternativeOnce(faults), ...delegated.faults],
  };
}

/** The command that moves all of an app's permissions stands at the first of them. */
function eachAlternativeOnce(faults: readonly Fault[]): Fault[] {
  const seen = new Set<string>();
  return faults.map(({ alternative, ...fault }) => {
    if (alternative === undefined || seen.has(alternative)) return fault;
    seen.add(alternative);
    return { ...fault, alternative };
  });
}

const reference = "https://learn.microsoft.com/graph/permissions-reference";

/** Never offers more than was asked for: what is not surely meant is left to its reader. */
function unresolved(
  path: (string | number)[],
  text: string,
  graph: GraphPermissions,
  beside: readonly string[],
): Fault {
  const common = { key: configKey(path), value: JSON.stringify(text) };
  const unknown = (reason: string, instead: string | undefined): Fault => ({
    ...common,
    code: "PERMISSION_UNKNOWN",
    reason,
    repair: instead === undefined ? `Look it up: ${reference}` : setCommand(path, instead),
  });
  const written = readWrittenPermission(text);
  if (written.kind === "otherApi") return ofOtherApi(unknown, path, written, readWrittenApi(written.api));
  if (written.kind === "id") {
    const named = nameOf(written.id, graph.appRoleIds);
    if (named !== undefined)
      return unknown(`This is the ID of "${named}"; permissions are named here.`, named);
    const scope = nameOf(written.id, graph.delegatedIds);
    return scope === undefined
      ? unknown("This ID is of no permission that Microsoft Graph has in this tenant.", undefined)
      : delegatedOnly(path, text, scope, graph, beside);
  }
  const { name } = written;
  const names = Object.keys(graph.appRoleIds);
  const exact = sameButForCase(name, names);
  if (exact !== undefined) {
    const reason =
      name.length === text.length
        ? `Case matters in permission names: Microsoft Graph calls it "${exact}".`
        : `Microsoft Graph calls it "${exact}", without anything before or in it.`;
    return unknown(reason, exact);
  }
  const scope = sameButForCase(name, Object.keys(graph.delegatedIds));
  if (scope !== undefined) return delegatedOnly(path, text, scope, graph, beside);
  const owner = apiOfRole(name);
  if (owner !== undefined) {
    const role = owner.ownRoles?.find((one) => one.toLowerCase() === name.toLowerCase()) ?? name;
    const api = { kind: "clientId", clientId: owner.clientId, known: owner } as const;
    return ofOtherApi(unknown, path, { api: owner.title, name: role }, api);
  }
  const near = nearPermissions(name, names);
  return unknown(
    "Microsoft Graph has no application permission of this name in this tenant" +
      (near.length === 0 ? "." : `; nearest: ${near.join(", ")}.`),
    meantPermission(name, names),
  );
}

/** A permission of another API belongs under `apis`, where that API is known and has app roles. */
function ofOtherApi(
  unknown: (reason: string, instead: string | undefined) => Fault,
  path: Path,
  { api, name }: { api: string; name: string },
  written: WrittenApi,
): Fault {
  const known = written.kind === "clientId" ? written.known : undefined;
  const reason = `"${name}" is a permission of ${known?.title ?? api}; these are permissions of Microsoft Graph.`;
  const takeOut = removeCommand(path);
  const repair =
    known === undefined || known.instead !== undefined
      ? `Take it out: ${takeOut}`
      : `${setCommand([...path.slice(0, 2), "apis", known.name, 0], name)} && ${takeOut}`;
  return { ...unknown(reason, undefined), repair };
}

/** A permission for a signed-in user; its application counterpart has `.All` behind it, or nearly the same name. */
function delegatedOnly(
  path: (string | number)[],
  text: string,
  scope: string,
  graph: GraphPermissions,
  beside: readonly string[],
): Fault {
  const names = Object.keys(graph.appRoleIds);
  const instead =
    sameButForCase(scope, names) ?? sameButForCase(`${scope}.All`, names) ?? meantPermission(scope, names);
  const danger = instead === undefined ? undefined : tierZeroPermissions.get(instead);
  return {
    code: "PERMISSION_DELEGATED_ONLY",
    key: configKey(path),
    value: JSON.stringify(text),
    reason:
      `"${scope}" works only with a signed-in user, so an app cannot hold it` +
      (instead === undefined ? "; it has no application counterpart." : `; use "${instead}".`) +
      (danger === undefined
        ? ""
        : ` That one can take over the tenant (${danger}), so it has to be accepted by name too.`),
    repair: instead === undefined ? `Choose another one: ${reference}` : setCommand(path, instead),
    alternative: asDelegated(path, scope, beside, graph),
  };
}

/**
 * The command that asks for a permission as delegated: in the same app where all of its permissions have such names, and
 * in an app of its own otherwise.
 */
function asDelegated(
  path: (string | number)[],
  scope: string,
  beside: readonly string[],
  { delegatedIds }: GraphPermissions,
): string {
  const app = path.slice(0, 2);
  const scopes = beside.map((text) => sameButForCase(text, Object.keys(delegatedIds)));
  if (scopes.every((one) => one !== undefined)) {
    return [
      removeCommand([...app, "permissions"]),
      ...scopes.map((one, index) => setCommand([...app, "delegated", index], one)),
    ].join(" && ");
  }
  return [setCommand(["apps", `${String(app[1])}User`, "delegated", 0], scope), removeCommand(path)].join(
    " && ",
  );
}

function sameButForCase(name: string, known: readonly string[]): string | undefined {
  return known.find((one) => one.toLowerCase() === name.toLowerCase());
}

function nameOf(id: string, ids: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(ids).find(([, one]) => one.toLowerCase() === id)?.[0];
}

/** What an entry that cannot be resolved surely means, exactly as Graph names it; undefined where that is open. */
export function permissionInstead(text: string, graph: GraphPermissions): string | undefined {
  const [first, ...rest] = resolvePermissions(
    { apps: { one: { permissions: [text] } }, acceptTierZero: [...tierZeroPermissions.keys()] },
    graph,
  ).faults;
  if (first === undefined || rest.length > 0) return undefined;
  return Object.keys(graph.appRoleIds).find(
    (name) => first.repair === setCommand(["apps", "one", "permissions", 0], name),
  );
}

/** Whose a permission's power is, by the app's way to sign in. */
const powerOf: Readonly<Record<CredentialKind, string>> = {
  secret: "anyone who gets the client secret can do that",
  certificate: "anyone who can sign with the app's key can do that",
  federated: "anyone who can sign in as the app can do that",
  managedIdentity: "anyone who can run code as the managed identity can do that",
};

function tierZero(path: (string | number)[], name: string, power: string, accepted: number): Fault {
  return {
    code: "PERMISSION_TIER_ZERO",
    key: configKey(path),
    value: JSON.stringify(name),
    reason: `This permission can take over the tenant (${tierZeroPermissions.get(name) ?? ""}): ${power}.`,
    repair: `Ask for less, or accept it by name: ${setCommand(["acceptTierZero", accepted], name)}`,
  };
}
