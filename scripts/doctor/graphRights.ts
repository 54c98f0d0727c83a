import { personFix } from "../../core/fix";
import { directoryRoleName } from "../../core/access/directoryRoles";
import { callerOf, ownershipFault } from "../../core/access/ownership";
import { faultFixes } from "../../core/settings/settingsFaults";
import { graphRights, grantSiteAccess, rightsOf, type GraphRight } from "../../core/access/rights";
import { registeredApps } from "../../core/settings/settings";
import { rolesOf, type DecodedToken } from "../../azure/tokenClaims";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { fail, pass, skip } from "./finding";

/** The identity's rights in the directory against what its work needs. */
export function checkGraphRights({ graphToken, who, settings, stack }: DoctorContext): Finding {
  if (!graphToken.known) return skip("not reached: see identity");
  const token = graphToken.value;
  const isApp = token.claims["scp"] === undefined;
  const held = isApp ? rolesOf(token) : directoryRolesOf(token);
  const granterApart = settings.known && settings.value.granter.clientId !== undefined;
  const delegated =
    settings.known && registeredApps(settings.value).some(([, { delegated }]) => delegated !== undefined);
  const hasSites =
    settings.known && Object.values(settings.value.apps).some(({ sites = [] }) => sites.length > 0);
  const needs = [
    ...graphRights(rightsOf(who, { granterApart, delegated })),
    ...(who === "deployer" && hasSites ? [grantSiteAccess] : []),
  ];
  const missing = needs.filter((need) => !waysOf(need, isApp).some((way) => held.includes(way)));
  const evidence = {
    held: held.map(directoryRoleName),
    identity: isApp ? "application" : "user",
  };
  const caller = callerOf(token.claims);
  const changesApps = rightsOf(who).some(({ kind }) => kind === "ownership");
  const ownership =
    settings.known && caller !== undefined && changesApps
      ? ownershipFault(settings.value.owners, caller)
      : undefined;
  if (missing.length === 0 && ownership !== undefined)
    return fail(ownership.reason, faultFixes(ownership, stack), evidence);
  if (missing.length === 0) return pass(needs.map(({ purpose }) => purpose).join("; "), evidence);
  const wanted = missing.map((need) => directoryRoleName(waysOf(need, isApp)[0] ?? ""));
  return fail(
    `the identity may not ${missing.map(({ purpose }) => purpose).join("; ")}`,
    personFix(
      "rights.graph",
      isApp
        ? `Give it ${wanted.join(", ")}: portal, App registrations, API permissions, Microsoft Graph, Application permissions, then Grant admin consent.`
        : `Ask for ${wanted.join(", ")}: portal, Roles and administrators (or activate it in Privileged Identity Management), then az login again.`,
    ),
    evidence,
  );
}

/** What does, the least first: permissions of an app, directory roles of a user. */
function waysOf({ permission, orElse, asUser }: GraphRight, isApp: boolean): readonly string[] {
  return isApp ? [permission, ...orElse] : asUser.map(({ templateId }) => templateId);
}

function directoryRolesOf({ claims: { wids } }: DecodedToken): string[] {
  return Array.isArray(wids) ? wids.filter((role) => typeof role === "string") : [];
}
