import type { Fault } from "../../core/errors";
import {
  permissionInstead,
  resolvePermissions,
  type GraphPermissions,
} from "../../core/permissions/permissions";
import { judgeSettings } from "../../core/settings/settings";
import { tierZeroPermissions } from "../../core/permissions/tierZero";
import type { Known } from "../shared/known";
import type { Question } from "./question";

/**
 * Asks for Microsoft Graph permissions, and checks their names as the program will: against the tenant's own
 * Microsoft Graph, where it could be read. A separate question covers those that can take over the tenant:
 * {@link tierZeroReason}.
 */
export function permissionQuestion(usual: readonly string[], offer: Known<GraphPermissions>): Question {
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
      const { faults } = resolvePermissions({ apps, acceptTierZero }, graph);
      if (faults.length === 0) return { values: permissions };
      return {
        faults: faults.map(faultText),
        instead: permissions.map((name) => permissionInstead(name, graph) ?? name),
      };
    },
  };
}

/** Why a permission has to be accepted by name; undefined for every one that need not. */
export function tierZeroReason(permission: string): string | undefined {
  const way = tierZeroPermissions.get(permission);
  return way === undefined ? undefined : `"${permission}" can take over the tenant (${way})`;
}

/** Without the key, which the person who answers a question has not seen. */
function faultText({ value, reason }: Fault): string {
  return `${value}: ${reason}`;
}
