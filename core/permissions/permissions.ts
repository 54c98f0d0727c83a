import type { CredentialKind } from "../settings/credentialKind";
import type { Fault } from "../errors";
import { nearestNames } from "./nearestNames";
import type { AskedPermissions } from "../settings/settings";
import { configKey, setCommand } from "../settings/settingsFaults";
import { tierZeroPermissions } from "./tierZero";

/** A Microsoft Graph application permission of one tenant: its name and the GUID that a grant needs. */
export interface AppRole {
  readonly name: string;
  readonly appRoleId: string;
}

/** What the tenant's own Microsoft Graph service principal offers: permission name to GUID. */
export interface GraphPermissions {
  readonly graphObjectId: string;
  /** Application permissions (app roles). */
  readonly appRoleIds: Readonly<Record<string, string>>;
  /** Delegated permissions (scopes). */
  readonly delegatedIds: Readonly<Record<string, string>>;
}

export interface ResolvedPermissions {
  /** By app, one role per configured name, in the order configured. */
  readonly roles: Readonly<Record<string, readonly AppRole[]>>;
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
  const roles: Record<string, AppRole[]> = {};
  let refused = 0;
  for (const [app, { permissions, credential = "secret" }] of Object.entries(settings.apps)) {
    roles[app] = [];
    for (const [index, name] of permissions.entries()) {
      const path = ["apps", app, "permissions", index];
      const appRoleId = Object.hasOwn(graph.appRoleIds, name) ? graph.appRoleIds[name] : undefined;
      if (appRoleId === undefined) {
        faults.push(unresolved(path, name, graph));
      } else if (tierZeroPermissions.has(name) && !settings.acceptTierZero.includes(name)) {
        faults.push(tierZero(path, name, powerOf[credential], settings.acceptTierZero.length + refused));
        refused += 1;
      } else {
        roles[app].push({ name, appRoleId });
      }
    }
  }
  return { roles, faults };
}

function unresolved(path: (string | number)[], name: string, graph: GraphPermissions): Fault {
  const common = { key: configKey(path), value: JSON.stringify(name) };
  const names = Object.keys(graph.appRoleIds);
  const otherCase = names.find((known) => known.toLowerCase() === name.toLowerCase());
  if (otherCase !== undefined) {
    return {
      ...common,
      code: "PERMISSION_UNKNOWN",
      reason: `Case matters in permission names: Microsoft Graph calls it "${otherCase}".`,
      repair: setCommand(path, otherCase),
    };
  }
  if (Object.hasOwn(graph.delegatedIds, name)) {
    const instead = Object.hasOwn(graph.appRoleIds, `${name}.All`)
      ? `${name}.All`
      : nearestNames(name, names, 1)[0];
    return {
      ...common,
      code: "PERMISSION_DELEGATED_ONLY",
      reason:
        `"${name}" works only with a signed-in user, so an app cannot hold it` +
        (instead === undefined ? "; it has no application counterpart." : `; use "${instead}".`) +
        (instead !== undefined && tierZeroPermissions.has(instead)
          ? ` That one can take over the tenant (${tierZeroPermissions.get(instead) ?? ""}), so it has to be accepted by name too.`
          : ""),
      repair:
        instead === undefined
          ? "Choose another one: https://learn.microsoft.com/graph/permissions-reference"
          : setCommand(path, instead),
    };
  }
  const nearest = nearestNames(name, names);
  return {
    ...common,
    code: "PERMISSION_UNKNOWN",
    reason:
      "Microsoft Graph has no application permission of this name in this tenant" +
      (nearest.length === 0 ? "." : `; nearest: ${nearest.join(", ")}.`),
    repair:
      nearest[0] === undefined
        ? "Look it up: https://learn.microsoft.com/graph/permissions-reference"
        : setCommand(path, nearest[0]),
  };
}

/** Whose a permission's power is, by the app's way to sign in. */
const powerOf: Readonly<Record<CredentialKind, string>> = {
  secret: "anyone who gets the client secret can do that",
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
