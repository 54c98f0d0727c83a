import { servicePrincipalCreation } from "../azureCli";
import type { Cloud } from "../cloud/clouds";
import { commandFix, fixLine } from "../fix";
import type { Fault } from "../errors";
import type { CredentialKind } from "../settings/credentialKind";
import type { AskedPermissions, AskingApp } from "../settings/settings";
import { configKey, removeCommand, setCommand, type Path } from "../settings/settingsFaults";
import { apiOfRole, audienceIn, graphApiName, knownApis, readWrittenApi, type KnownApi } from "./knownApis";
import { nearestNames } from "./nearestNames";
import { meantPermission } from "./permissionAdvice";
import type { AppRole } from "./permissions";

/** An API of one tenant: its service principal and its application permissions. */
export interface TenantApi {
  /** Client ID, a GUID. */
  readonly clientId: string;
  /** Object ID of its service principal. */
  readonly objectId: string;
  readonly displayName: string;
  /** Client ID and application ID URIs. */
  readonly names: readonly string[];
  /** Application permissions (app roles) that are enabled: GUID by name. */
  readonly appRoleIds: Readonly<Record<string, string>>;
  /** Names of its delegated permissions. */
  readonly delegatedNames: readonly string[];
}

/** What an app asks of one API beside Microsoft Graph. */
export interface ApiAccess {
  /** Client ID of the API, a GUID. */
  readonly clientId: string;
  /** Object ID of its service principal; it differs from tenant to tenant. */
  readonly objectId: string;
  /** As the tenant shows it. */
  readonly name: string;
  /** Application ID URI that tokens are asked for, without `/.default`. */
  readonly audience: string;
  /** App roles to declare and to grant. */
  readonly roles: AppRole[];
}

/** The tenant's APIs by the text that names each in the settings; undefined for one that the tenant lacks. */
export type TenantApis = ReadonlyMap<string, TenantApi | undefined>;

/** Texts that name APIs in the settings and have to be looked up in the tenant. */
export function apisToLookUp(asked: AskedPermissions): string[] {
  const named = Object.values(asked.apps).flatMap(({ apis = {} }) => Object.keys(apis));
  return [...new Set(named)].filter((text) => {
    const written = readWrittenApi(text);
    return written.kind === "uri" || (written.kind === "clientId" && written.known?.instead === undefined);
  });
}

export interface ResolvedApis {
  /** By app, one entry for each API that it names. */
  readonly apis: Readonly<Record<string, readonly ApiAccess[]>>;
  readonly faults: readonly Fault[];
  /** What an app needs beside an API's app roles, for people. */
  readonly notes: readonly string[];
}

/**
 * Looks up the app roles behind every app's permissions of other APIs; names case-sensitively, as Entra does.
 *
 * @returns Access by app, and a fault for each API that is unknown or has no app roles (`API_UNKNOWN`) and each name that
 *   is no app role of its API (`PERMISSION_UNKNOWN`).
 */
export function resolveApis(cloud: Cloud, asked: AskedPermissions, tenant: TenantApis): ResolvedApis {
  const faults: Fault[] = [];
  const notes = new Set<string>();
  const apis = Object.entries(asked.apps).map(([app, asking]) => {
    const { apis: named = {}, credential = "secret" } = asking;
    const resolved: ApiAccess[] = [];
    for (const [text, names] of Object.entries(named)) {
      const path = ["apps", app, "apis", text];
      const api = tenant.get(text);
      const written = readWrittenApi(text);
      const known = written.kind === "clientId" ? written.known : undefined;
      if (api === undefined || known?.instead !== undefined) {
        faults.push(unknownApi(path, names, asking));
        continue;
      }
      const earlier = resolved.find(({ clientId }) => clientId === api.clientId);
      if (earlier !== undefined) {
        faults.push({
          ...fault(path, names),
          reason: `It is ${api.displayName}, which this app names twice.`,
        });
        continue;
      }
      const roles: AppRole[] = [];
      for (const [index, name] of names.entries()) {
        const at = [...path, index];
        const appRoleId = Object.hasOwn(api.appRoleIds, name) ? api.appRoleIds[name] : undefined;
        if (appRoleId === undefined) faults.push(unknownRole(at, name, api, named));
        else roles.push({ name, appRoleId });
      }
      if (known !== undefined) {
        for (const note of notesOf(known, roles, credential)) notes.add(`${app}: ${note}`);
      }
      const { clientId, objectId, displayName: name } = api;
      resolved.push({ clientId, objectId, name, audience: audienceOf(cloud, text, api, known), roles });
    }
    return [app, resolved] as const;
  });
  return { apis: Object.fromEntries(apis), faults, notes: [...notes] };
}

/** What an app needs beside the app roles, and which of them reach further than most apps need. */
function notesOf(known: KnownApi, roles: readonly AppRole[], credential: CredentialKind): string[] {
  const { note, roleNotes = {} } = known;
  const general = roles.some(({ name }) => !Object.hasOwn(roleNotes, name)) ? note : undefined;
  return [
    ...(general === undefined || (isSharePoint(known) && credential !== "secret") ? [] : [general]),
    ...roles.flatMap(({ name }) => (Object.hasOwn(roleNotes, name) ? (roleNotes[name] ?? []) : [])),
    ...roles.flatMap(({ name }) => wideRoleNote(known, name) ?? []),
  ];
}

function isSharePoint({ name }: KnownApi): boolean {
  return name === "Office365SharePointOnline";
}

/** What consumers ask tokens for: as the settings write it, else as documented, else as the tenant lists it. */
function audienceOf(
  cloud: Cloud,
  text: string,
  { names, clientId }: TenantApi,
  known: KnownApi | undefined,
): string {
  const written = readWrittenApi(text);
  if (written.kind === "uri") return written.uri;
  if (known === undefined) return names.find((name) => /^(?:api|https):\/\//.test(name)) ?? clientId;
  return audienceIn(cloud, known, written.kind === "clientId" ? written.audience : undefined) ?? clientId;
}

function fault(path: Path, value: unknown): Fault {
  return {
    code: "API_UNKNOWN",
    key: configKey(path),
    value: JSON.stringify(value),
    reason: "",
    repair: removeCommand(path),
  };
}

/** Commands that name the same permissions where Microsoft Graph's belong. */
function moveToGraph(path: Path, names: readonly string[], { permissions }: AskingApp): string {
  const to = ["apps", path[1] ?? "", "permissions"];
  const added = names.filter((name) => !permissions.includes(name));
  return [
    ...added.map((name, index) => setCommand([...to, permissions.length + index], name)),
    removeCommand(path),
  ].join(" && ");
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return "none";
  return names.length > 10
    ? `${names.slice(0, 10).join(", ")} and ${names.length - 10} more`
    : names.join(", ");
}

function unknownApi(path: Path, names: readonly string[], asking: AskingApp): Fault {
  const text = String(path.at(-1));
  const written = readWrittenApi(text);
  const common = fault(path, names);
  if (written.kind === "unknown") {
    const near = nearestNames(
      text,
      knownApis.map(({ name }) => name),
    );
    return {
      ...common,
      reason:
        "An API is named by its client ID, its application ID URI (api://… or https://…) or a well-known name" +
        (near.length === 0 ? "." : `; nearest: ${near.join(", ")}.`),
    };
  }
  if (written.kind === "clientId" && written.known?.instead !== undefined) {
    const { name, instead } = written.known;
    return {
      ...common,
      reason: instead,
      ...(name === graphApiName ? { repair: moveToGraph(path, names, asking) } : {}),
    };
  }
  if (/\/\.default$/.test(text)) {
    return {
      ...common,
      reason: "An application ID URI is expected, and this is a scope: leave out /.default.",
    };
  }
  if (written.kind === "uri") {
    return {
      ...common,
      reason:
        "No API of this tenant has this application ID URI. It is under Expose an API of the API's app registration; " +
        "an API of another organization needs a service principal in this tenant first.",
    };
  }
  return {
    ...common,
    reason: `This tenant has no service principal of ${written.known?.title ?? "the API with this client ID"}.`,
    repair: fixLine(
      commandFix(
        "apis.service-principal",
        "Bring it into the tenant as an administrator, then run this again",
        servicePrincipalCreation(written.clientId),
      ),
    ),
  };
}

function unknownRole(
  path: Path,
  name: string,
  { clientId, displayName, appRoleIds, delegatedNames }: TenantApi,
  beside: Readonly<Record<string, readonly string[]>>,
): Fault {
  const common: Fault = { ...fault(path, name), code: "PERMISSION_UNKNOWN" };
  const names = Object.keys(appRoleIds);
  const exact = names.find((one) => one.toLowerCase() === name.toLowerCase());
  if (exact !== undefined) {
    return {
      ...common,
      reason: `Case matters in permission names: ${displayName} calls it "${exact}".`,
      repair: setCommand(path, exact),
    };
  }
  // As portals and tokens show it: by its GUID, or with the API's address before it.
  const meantId = names.find((one) => appRoleIds[one]?.toLowerCase() === name.toLowerCase());
  const shown = meantId ?? names.find((one) => name.endsWith(`/${one}`));
  if (shown !== undefined) {
    return {
      ...common,
      reason: `A permission is named without its API: ${displayName} calls this one "${shown}".`,
      repair: setCommand(path, shown),
    };
  }
  if (delegatedNames.some((one) => one.toLowerCase() === name.toLowerCase())) {
    return {
      ...common,
      code: "PERMISSION_DELEGATED_ONLY",
      reason: `"${name}" of ${displayName} works only with a signed-in user, so an app cannot hold it; it has ${listed(names)}.`,
      repair: removeCommand(path),
    };
  }
  const owner = apiOfRole(name);
  if (owner !== undefined && owner.clientId !== clientId) {
    const there = beside[owner.name] ?? [];
    return {
      ...common,
      reason: `"${name}" is a permission of ${owner.title}, not of ${displayName}.`,
      repair: there.includes(name)
        ? removeCommand(path)
        : `${setCommand([...path.slice(0, -2), owner.name, there.length], name)} && ${removeCommand(path)}`,
    };
  }
  const near = nearestNames(name, names);
  const meant = meantPermission(name, names);
  const has = `it has ${listed(names)}`;
  return {
    ...common,
    reason:
      `${displayName} has no application permission of this name in this tenant; ` +
      (near.length === 0 ? `${has}.` : `nearest: ${near.join(", ")}.`),
    repair: meant === undefined ? removeCommand(path) : setCommand(path, meant),
  };
}

const everySite = "Sites.Selected, with the app's setting sites, opens single sites";
const everyMailbox =
  "RBAC for Applications in Exchange opens single mailboxes, if this permission is not granted beside it";

/** App roles of other APIs that reach all data of a kind: what they reach, and what reaches less. */
interface WideRoles {
  readonly roles: Readonly<Record<string, string>>;
  readonly smaller: string;
}

/**
 * By the API's well-known name. None is tier zero: the public lists of tier-zero permissions have only those of
 * Microsoft Graph.
 *
 * @see https://github.com/cisagov/ScubaGear, RiskyPermissions.json at 1512c6e (read 2026-11): which app roles are risky
 * @see https://learn.microsoft.com/graph/permissions-selected-overview (read 2026-11)
 * @see https://learn.microsoft.com/exchange/permissions-exo/application-rbac (read 2026-11)
 */
const wideRoles: Readonly<Record<string, WideRoles>> = {
  Office365SharePointOnline: {
    roles: {
      "Sites.FullControl.All": "owns every site",
      "Sites.ReadWrite.All": "changes every site",
      "Sites.Read.All": "reads every site",
    },
    smaller: everySite,
  },
  Office365ExchangeOnline: {
    roles: {
      full_access_as_app: "reads, changes and sends from every mailbox",
      "Mail.Read": "reads the mail of every mailbox",
      "Mail.ReadWrite": "changes the mail of every mailbox",
      "Mail.Send": "sends as every mailbox",
      "Calendars.Read": "reads every calendar",
      "Calendars.ReadWrite.All": "changes every calendar",
      "Contacts.Read": "reads the contacts of every mailbox",
      "Contacts.ReadWrite": "changes the contacts of every mailbox",
      "MailboxSettings.ReadWrite":
        "changes the settings of every mailbox, rules that forward mail among them",
    },
    smaller: everyMailbox,
  },
};

/** What to know of an app role that reaches further than most apps need; undefined for others. */
function wideRoleNote({ name, title }: KnownApi, role: string): string | undefined {
  const { roles = {}, smaller = "" } = wideRoles[name] ?? {};
  const reach = Object.hasOwn(roles, role) ? roles[role] : undefined;
  return reach === undefined ? undefined : `${role} of ${title} ${reach}. Smaller: ${smaller}.`;
}
