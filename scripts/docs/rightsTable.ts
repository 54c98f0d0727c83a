import { directoryRoles } from "../../core/access/directoryRoles";
import {
  identityKeys,
  isCustomRole,
  rights,
  type AzureRight,
  type GraphRight,
  type Right,
  type RightScope,
} from "../../core/access/rights";
import { markdownTable } from "./markdownTable";

const scopes: Readonly<Record<RightScope, string>> = {
  stack: "subscription, or the bootstrap's `scopes`",
  vault: "the stack's vault",
  stateContainer: "the state's blob container",
  stateKey: "the state's key",
};

/** Who needs what, where and why, for the README: the bootstrap gives from the same list. */
export function rightsTable(): string {
  const rows = identityKeys.flatMap((identity) =>
    rights[identity].map((right, index) => [
      index === 0 ? `**${identity}**` : "",
      right.purpose,
      needOf(right),
      placeOf(right),
      personOf(right),
    ]),
  );
  return markdownTable([["who", "to", "as a service principal", "at", "as a person"], ...rows]);
}

function needOf(right: Right): string {
  if (right.kind === "graph") return `Graph \`${right.permission}\``;
  if (right.kind === "ownership") return "owner, by the setting `owners`";
  const { role, mayAssign, byReaders } = right;
  if (isCustomRole(role)) {
    return `custom role _${role.name}_: ${role.actions.map((action) => `\`${action}\``).join(", ")}`;
  }
  if (mayAssign !== undefined) {
    return `${role.name}, under a condition: for ${mayAssign.map(({ name }) => name).join(", ")} alone`;
  }
  return byReaders === true ? `${role.name}, by the setting \`vault.readers\`` : role.name;
}

function placeOf(right: Right): string {
  if (right.kind === "azure") return scopes[right.scope];
  return right.kind === "graph" ? "the tenant" : "each app and its service principal";
}

function personOf(right: Right): string {
  if (right.kind === "ownership") return "not needed by an Application Administrator";
  return right.kind === "graph" ? directoryRolesOf(right) : roleOf(right);
}

/** The greatest role does everything, and is nothing to ask for. */
function directoryRolesOf({ asUser, notEnough }: GraphRight): string {
  const enough = asUser
    .filter((role) => role !== directoryRoles.globalAdministrator)
    .map(({ name }) => name)
    .join(", or ");
  return notEnough === undefined ? enough : `${enough}; **${notEnough.name} is not enough**`;
}

function roleOf({ asUser, role }: AzureRight): string {
  return asUser === undefined || asUser.name === role.name ? "the same" : asUser.name;
}
