import type { Fault } from "../../core/errors";
import {
  permissionInstead,
  resolvePermissions,
  type GraphPermissions,
} from "../../core/permissions/permissions";
import { judgeSettings } from "../../core/settings/settings";
import { resolveDelegated } from "../../core/permissions/delegatedPermissions";
import { riskOfDelegated, tierZeroPermissions } from "../../core/permissions/tierZero";
import type { Known } from "../shared/known";
import type { Question } from "./question";

/**
 * Asks for Microsoft Graph permissions, and checks their names as the program will: against the tenant's own
 * Microsoft Graph, where it could be read. A separate question covers those that can take over the tenant:
 * {@link tierZeroReason}.
 *
 * @param asks Whether a person answers, who can confirm that delegated permissions are meant.
 */
export function permissionQuestion(
  usual: readonly string[],
  offer: Known<GraphPermissions>,
  asks = false,
): Question {
  const names = offer.known ? Object.keys(offer.value.appRoleIds) : [];
  return {
    flag: "permission",
    text: `Microsoft Graph application permissions${names.length > 0 ? ", Tab completes" : ""}`,
    takesMany: true,
    usual,
    suggestions: names.sort(),
    judge: (permissions) => {
      const apps = { app: { permissions } };
      const malformed = judgeSettings({ apps }).faults;
      if (malformed.length > 0) return { faults: malformed.map(faultText) };
      if (!offer.known) return { values: permissions };
      const graph = offer.value;
      const acceptTierZero = [...tierZeroPermissions.keys()];
      if (asks && areForUsers(permissions, offer)) return { values: permissions };
      const { faults } = resolvePermissions({ apps, acceptTierZero }, graph);
      if (faults.length === 0) return { values: permissions };
      return {
        faults: faults.map(faultText),
        instead: permissions.map((name) => permissionInstead(name, graph) ?? name),
      };
    },
  };
}

/**
 * Asks for delegated permissions of Microsoft Graph instead, by a flag or where the stack file has such already; names are
 * checked likewise.
 */
export function delegatedQuestion(usual: readonly string[], offer: Known<GraphPermissions>): Question {
  return {
    flag: "delegated",
    text: "Microsoft Graph delegated permissions",
    takesMany: true,
    usual,
    suggestions: offer.known ? Object.keys(offer.value.delegatedIds).sort() : [],
    judge: (delegated) => {
      const malformed = judgeSettings({ apps: { app: { delegated } } }).faults;
      if (malformed.length > 0) return { faults: malformed.map(faultText) };
      if (!offer.known) return { values: delegated };
      const apps = { app: { permissions: [], delegated } };
      const { faults } = resolveDelegated({ apps, acceptTierZero: delegated }, offer.value);
      return faults.length === 0 ? { values: delegated } : { faults: faults.map(faultText) };
    },
  };
}

/** Whether these can only be meant for a signed-in user: users have all of them, and applications lack one at least. */
export function areForUsers(names: readonly string[], offer: Known<GraphPermissions>): boolean {
  if (!offer.known) return false;
  const { appRoleIds, delegatedIds } = offer.value;
  return (
    names.every((name) => Object.hasOwn(delegatedIds, name)) &&
    names.some((name) => !Object.hasOwn(appRoleIds, name))
  );
}

/** Why a permission has to be accepted by name; undefined for every one that need not. */
export function tierZeroReason(permission: string): string | undefined {
  const way = riskOfDelegated(permission);
  return way === undefined ? undefined : `"${permission}" can take over the tenant (${way})`;
}

/** Without the key, which the person who answers a question has not seen. */
function faultText({ value, reason }: Fault): string {
  return `${value}: ${reason}`;
}
