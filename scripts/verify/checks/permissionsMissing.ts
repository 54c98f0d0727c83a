import { commandFix, refreshCommand, waitFix, type Fix } from "../../../core/fix";
import type { AppEvidence, StackEvidence } from "../evidence";
import type { Finding } from "../report";
import { rolesOf } from "../../../azure/tokenClaims";
import { counted, tokenNotReached } from "./explain";
import { grantedPermissions } from "./grantedPermissions";

/** `permissions-missing`: every permission in the settings is in the token's `roles`. */
export function checkPermissionsMissing(app: AppEvidence, stack: StackEvidence): Finding {
  if (!app.token.known) return tokenNotReached(app);
  const { permissions: asked } = app.outputs;
  const roles = rolesOf(app.token.value.decoded);
  const missing = asked.filter((permission) => !roles.includes(permission));
  if (missing.length === 0) {
    return {
      status: "pass",
      summary: `${counted(asked.length, "permission")} requested, all in the token`,
      evidence: { asked, inToken: roles },
    };
  }
  const granted = grantedPermissions(app, stack);
  const arriving = granted === undefined ? [] : missing.filter((permission) => granted.includes(permission));
  return {
    status: "fail",
    summary: `not in the token: ${missing.join(", ")}`,
    evidence: { asked, inToken: roles, missing, ...(granted === undefined ? {} : { granted }) },
    fixes: [
      arriving.length === missing.length
        ? waitFix(
            "permissions.arriving",
            "The grants are there and have not reached the token endpoint: run again in some minutes, or with a longer --wait.",
          )
        : consentFix(stack),
    ],
  };
}

/** For a permission that is not granted, of whatever API. */
export function consentFix({ stackName }: StackEvidence): Fix {
  return commandFix(
    "permissions.not-granted",
    "Grant admin consent, as an identity with AppRoleAssignment.ReadWrite.All or in the portal (App registrations, " +
      "API permissions, Grant admin consent)",
    refreshCommand(stackName),
  );
}
