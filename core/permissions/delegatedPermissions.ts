import type { Fault } from "../errors";
import type { AskedPermissions } from "../settings/settings";
import { configKey, removeCommand, setCommand } from "../settings/settingsFaults";
import { meantPermission, nearPermissions, readWrittenPermission } from "./permissionAdvice";
import type { GraphPermissions } from "./permissions";
import { riskOfDelegated } from "./tierZero";

/** A Microsoft Graph delegated permission of one tenant: its name and the GUID that an app registration declares. */
export interface PermissionScope {
  /** Permission name, such as `User.Read`. */
  readonly name: string;
  /** GUID of the permission in the tenant's Microsoft Graph. */
  readonly scopeId: string;
}

export interface ResolvedScopes {
  /** By app, one scope per configured name, in the order configured. */
  readonly scopes: Readonly<Record<string, readonly PermissionScope[]>>;
  readonly faults: readonly Fault[];
}

/**
 * Looks up the scopes behind every app's delegated permissions; names case-sensitively, as for app roles.
 *
 * @param accepted How many entries `acceptTierZero` gets from other faults of the same settings.
 * @returns Scopes by app, and a fault for each name that is application-only, unknown, another API's (`PERMISSION_UNKNOWN`)
 *   or able to take over the tenant without having been accepted by name (`PERMISSION_TIER_ZERO`).
 * @see https://learn.microsoft.com/graph/permissions-reference (read 2026-11)
 */
export function resolveDelegated(
  settings: AskedPermissions,
  graph: GraphPermissions,
  accepted = 0,
): ResolvedScopes {
  const faults: Fault[] = [];
  const scopes = new Map<string, PermissionScope[]>();
  let refused = accepted;
  for (const [app, { delegated = [] }] of Object.entries(settings.apps)) {
    const resolved: PermissionScope[] = [];
    scopes.set(app, resolved);
    for (const [index, name] of delegated.entries()) {
      const path = ["apps", app, "delegated", index];
      const scopeId = Object.hasOwn(graph.delegatedIds, name) ? graph.delegatedIds[name] : undefined;
      const risk = riskOfDelegated(name);
      if (scopeId === undefined) {
        faults.push(unresolved(path, name, graph));
      } else if (risk !== undefined && !settings.acceptTierZero.includes(name)) {
        faults.push({
          code: "PERMISSION_TIER_ZERO",
          key: configKey(path),
          value: JSON.stringify(name),
          reason: `When an administrator signs in, this permission can take over the tenant (${risk}).`,
          repair: `Ask for less, or accept it by name: ${setCommand(["acceptTierZero", settings.acceptTierZero.length + refused], name)}`,
        });
        refused += 1;
      } else {
        resolved.push({ name, scopeId });
      }
    }
  }
  return { scopes: Object.fromEntries(scopes), faults };
}

const reference = "https://learn.microsoft.com/graph/permissions-reference";

function unresolved(path: (string | number)[], text: string, graph: GraphPermissions): Fault {
  const unknown = (reason: string, instead?: string): Fault => ({
    code: "PERMISSION_UNKNOWN",
    key: configKey(path),
    value: JSON.stringify(text),
    reason,
    repair: instead === undefined ? `Look it up: ${reference}` : setCommand(path, instead),
  });
  const takenOut = (reason: string): Fault => ({ ...unknown(reason), repair: removeCommand(path) });
  const written = readWrittenPermission(text);
  if (written.kind === "otherApi") {
    return takenOut(
      `"${written.name}" is a permission of ${written.api}; these are permissions of Microsoft Graph.`,
    );
  }
  const names = Object.keys(graph.delegatedIds);
  if (written.kind === "id") {
    const named = Object.entries(graph.delegatedIds).find(([, id]) => id.toLowerCase() === written.id)?.[0];
    return named === undefined
      ? unknown("This ID is of no delegated permission that Microsoft Graph has in this tenant.")
      : unknown(`This is the ID of "${named}"; permissions are named here.`, named);
  }
  const { name } = written;
  if (name.toLowerCase() === ".default") {
    return takenOut("`.default` means everything that the app declares; name each permission here.");
  }
  const exact = sameButForCase(name, names);
  if (exact !== undefined) {
    return unknown(
      name.length === text.length
        ? `Case matters in permission names: Microsoft Graph calls it "${exact}".`
        : `Microsoft Graph calls it "${exact}", without anything before or in it.`,
      exact,
    );
  }
  const role = sameButForCase(name, Object.keys(graph.appRoleIds));
  if (role !== undefined) {
    return takenOut(
      `"${role}" exists only as application permission: no signed-in user can have it. Ask for it under permissions of an app of its own.`,
    );
  }
  const near = nearPermissions(name, names);
  return unknown(
    "Microsoft Graph has no delegated permission of this name in this tenant" +
      (near.length === 0 ? "." : `; nearest: ${near.join(", ")}.`),
    meantPermission(name, names),
  );
}

function sameButForCase(name: string, known: readonly string[]): string | undefined {
  return known.find((one) => one.toLowerCase() === name.toLowerCase());
}
