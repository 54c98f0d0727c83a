import { rolesOf, type DecodedToken } from "../tokenClaims";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { fail, pass, skip } from "./finding";

interface Need {
  readonly purpose: string;
  /** Application permissions, any of which is enough; the least one first. */
  readonly permissions: readonly string[];
  /** Directory roles of a user, any of which is enough, by template ID. */
  readonly directoryRoles: readonly string[];
}

const globalAdministrator = "62e90394-69f5-4237-9190-012177145e10";
const privilegedRoleAdministrator = "e8611ab8-c189-46e8-94e1-60213ab1f814";
const applicationAdministrator = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3";
const cloudApplicationAdministrator = "158c047a-c907-4556-b7ef-446551a6b5f7";

/**
 * What `pulumi up` does in the directory.
 *
 * @see https://learn.microsoft.com/graph/permissions-reference (read 2026-11)
 * @see https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference (read 2026-11)
 */
const needs: readonly Need[] = [
  {
    purpose: "make apps and client secrets",
    permissions: ["Application.ReadWrite.OwnedBy", "Application.ReadWrite.All"],
    directoryRoles: [applicationAdministrator, cloudApplicationAdministrator, globalAdministrator],
  },
  {
    purpose: "grant admin consent",
    permissions: ["AppRoleAssignment.ReadWrite.All"],
    directoryRoles: [privilegedRoleAdministrator, globalAdministrator],
  },
  {
    purpose: "read Microsoft Graph's permissions and existing apps",
    permissions: ["Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All"],
    directoryRoles: [
      applicationAdministrator,
      cloudApplicationAdministrator,
      privilegedRoleAdministrator,
      globalAdministrator,
    ],
  },
];

const roleNames: Readonly<Record<string, string>> = {
  [globalAdministrator]: "Global Administrator",
  [privilegedRoleAdministrator]: "Privileged Role Administrator",
  [applicationAdministrator]: "Application Administrator",
  [cloudApplicationAdministrator]: "Cloud Application Administrator",
};

/** The deployer's rights in the directory against what this stack needs. */
export function checkGraphRights({ graphToken }: DoctorContext): Finding {
  if (!graphToken.known) return skip("not reached: see identity");
  const token = graphToken.value;
  const isApp = token.claims["scp"] === undefined;
  const held = isApp ? rolesOf(token) : directoryRolesOf(token);
  const missing = needs.filter((need) => !waysOf(need, isApp).some((way) => held.includes(way)));
  const evidence = {
    held: held.map((role) => roleNames[role] ?? role),
    identity: isApp ? "application" : "user",
  };
  if (missing.length === 0) return pass(needs.map(({ purpose }) => purpose).join("; "), evidence);
  const wanted = missing.map((need) => {
    const [least = ""] = waysOf(need, isApp);
    return roleNames[least] ?? least;
  });
  return fail(
    `the identity may not ${missing.map(({ purpose }) => purpose).join("; ")}`,
    isApp
      ? `Give it ${wanted.join(", ")}: portal, App registrations, API permissions, Microsoft Graph, Application permissions, then Grant admin consent.`
      : `Ask for ${wanted.join(", ")}: portal, Roles and administrators (or activate it in Privileged Identity Management), then az login again.`,
    evidence,
  );
}

function waysOf(need: Need, isApp: boolean): readonly string[] {
  return isApp ? need.permissions : need.directoryRoles;
}

function directoryRolesOf({ claims: { wids } }: DecodedToken): string[] {
  return Array.isArray(wids) ? wids.filter((role) => typeof role === "string") : [];
}
