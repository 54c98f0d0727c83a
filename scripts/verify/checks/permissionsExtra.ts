import { personFix, type Fix } from "../../../core/fix";
import type { AppEvidence, StackEvidence } from "../evidence";
import type { Finding } from "../report";
import { rolesOf, type DecodedToken } from "../../../azure/tokenClaims";
import { tokenNotReached } from "./explain";

/** In `wids` of every token; it means no role. */
const noDirectoryRole = "0997a1d0-0d1d-4acb-b408-d5ca73121e90";

/** `permissions-extra`: the token's `roles` and directory roles contain only what the settings request. */
export function checkPermissionsExtra(app: AppEvidence, stack: StackEvidence): Finding {
  if (!app.token.known) return tokenNotReached(app);
  const { permissions: asked } = app.outputs;
  const { decoded } = app.token.value;
  const extra = rolesOf(decoded).filter((role) => !asked.includes(role));
  const directoryRoles = directoryRolesOf(decoded);
  if (extra.length === 0 && directoryRoles.length === 0) {
    return { status: "pass", summary: "no other permission is in the token", evidence: {} };
  }
  const found = [
    ...(extra.length > 0 ? [`in the token, but not requested: ${extra.join(", ")}`] : []),
    ...(directoryRoles.length > 0 ? [`the app holds directory roles: ${directoryRoles.join(", ")}`] : []),
  ];
  const grants = extra.map((permission) => describeGrant(permission, app, stack));
  return {
    status: "fail",
    summary: found.join("; "),
    evidence: { extra, directoryRoles, grants },
    fixes: [
      removeGrantFix(
        app,
        directoryRoles.length > 0 ? "; directory roles under Roles and administrators." : ".",
      ),
    ],
  };
}

/**
 * For a permission that is granted and not in the settings, of whatever API.
 *
 * @param end Of the text. Default: a full stop.
 */
export function removeGrantFix({ outputs }: AppEvidence, end = "."): Fix {
  return personFix(
    "permissions.extra",
    "Either ask for it in copilot-token:apps, or remove the grant: portal, Enterprise applications, " +
      `object ${outputs.servicePrincipalObjectId}, Permissions${end}`,
  );
}

function directoryRolesOf({ claims: { wids } }: DecodedToken): string[] {
  return Array.isArray(wids)
    ? wids.filter((role): role is string => typeof role === "string" && role !== noDirectoryRole)
    : [];
}

function describeGrant(permission: string, app: AppEvidence, stack: StackEvidence): string {
  if (!app.directory.known || !stack.graphRoles.known)
    return `${permission}: the caller may not read the grant`;
  const { names } = stack.graphRoles.value;
  const grant = app.directory.value.grants.find(({ appRoleId }) => names.get(appRoleId) === permission);
  if (grant === undefined) return `${permission}: its grant is already removed; tokens issued before keep it`;
  const origin = app.origins.get(grant.id);
  const by =
    origin === undefined ? "by whom, the caller may not read or the log no longer says" : `by ${origin.by}`;
  return `${permission}: grant ${grant.id}, made ${grant.createdDateTime ?? "at an unknown time"}, ${by}`;
}
