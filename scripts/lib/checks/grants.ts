import type { AppEvidence, StackEvidence } from "../verify/evidence";
import type { Finding } from "../verify/report";
import { graphClientId } from "../../../azure/graphApi";
import { counted, notSeen } from "./explain";
import { declaredPermissions, grantedPermissions } from "./grantedPermissions";

/** What a caller needs to see the directory. */
export const directoryRight =
  "To have this checked too, give the caller Application.Read.All on Microsoft Graph (with admin consent).";

/** `grants`: consent, declared permissions and owners are exactly what the stack declares. */
export function checkGrants(app: AppEvidence, stack: StackEvidence): Finding {
  if (!app.directory.known) return notSeen("the app in the directory", app.directory.error, directoryRight);
  if (!stack.graphRoles.known) {
    return notSeen("Microsoft Graph's permissions", stack.graphRoles.error, directoryRight);
  }
  const { permissions: asked, owners: wantedOwners } = app.outputs;
  const { application, servicePrincipal, grants } = app.directory.value;
  const { graphObjectId } = stack.graphRoles.value;
  const granted = grantedPermissions(app, stack) ?? [];
  const declared = declaredPermissions(app, stack, graphClientId) ?? [];
  const elsewhere = grants
    .filter(({ resourceId }) => resourceId !== graphObjectId)
    .map(
      ({ appRoleId, resourceDisplayName, resourceId }) =>
        `${appRoleId} on ${resourceDisplayName ?? resourceId}`,
    );
  const owners = application.owners.map(({ id }) => id);

  const wrong = [
    ...difference("granted", granted, asked),
    ...difference("declared", declared, asked),
    ...(elsewhere.length > 0 ? [`granted on other APIs: ${elsewhere.join(", ")}`] : []),
    ...(wantedOwners === undefined
      ? []
      : [
          ...difference("owning the application", owners, wantedOwners),
          ...difference(
            "owning the service principal",
            servicePrincipal.owners.map(({ id }) => id),
            wantedOwners,
          ),
        ]),
    ...(application.appId === app.outputs.clientId ? [] : [`the application is ${application.appId}`]),
    ...(application.signInAudience === "AzureADMyOrg"
      ? []
      : [`accounts of other directories may use it (${application.signInAudience ?? "no signInAudience"})`]),
    ...(servicePrincipal.accountEnabled === false ? ["sign-in is switched off for it"] : []),
  ];
  const evidence = {
    granted,
    declared,
    owners: application.owners.map(({ id, displayName }) =>
      displayName == null ? id : `${displayName} (${id})`,
    ),
  };
  if (wrong.length === 0) {
    return {
      status: "pass",
      summary: `${counted(granted.length, "grant")}, as declared; ${counted(owners.length, "owner")}`,
      evidence,
    };
  }
  return {
    status: "fail",
    summary: wrong.join("; "),
    evidence,
    repair:
      "Bring the directory back to the settings: pulumi up --refresh; or put what shall stay into copilot-token:apps.",
  };
}

/** Both ways: what is too many hurts more than what is missing. */
function difference(what: string, seen: readonly string[], wanted: readonly string[]): string[] {
  const extra = seen.filter((one) => !wanted.includes(one));
  const missing = wanted.filter((one) => !seen.includes(one));
  return [
    ...(extra.length > 0 ? [`${what} beyond the settings: ${extra.join(", ")}`] : []),
    ...(missing.length > 0 ? [`not ${what}: ${missing.join(", ")}`] : []),
  ];
}
