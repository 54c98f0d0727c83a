import { commandFix, personFix, refreshCommand } from "../../../core/fix";
import type { AppEvidence, StackEvidence } from "../evidence";
import type { Finding } from "../report";
import type { DirectoryApp } from "../../../azure/directory";
import { graphClientId } from "../../../azure/graph";
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
  const declared = declaredPermissions(app, stack, graphClientId);
  const elsewhere = grants
    .filter((grant) => grant.resourceId !== graphObjectId && !isRequested(grant, app))
    .map(
      ({ appRoleId, resourceDisplayName, resourceId }) =>
        `${appRoleId} on ${resourceDisplayName ?? resourceId}`,
    );
  const owners = application?.owners ?? [];

  const wrong = [
    ...difference("granted", granted, asked),
    ...(declared === undefined ? [] : declaredDifference(declared, granted, asked)),
    ...(elsewhere.length > 0 ? [`granted on other APIs: ${elsewhere.join(", ")}`] : []),
    ...(wantedOwners === undefined
      ? []
      : [
          ...difference(
            "owning the application",
            owners.map(({ id }) => id),
            wantedOwners,
          ),
          ...difference(
            "owning the service principal",
            servicePrincipal.owners.map(({ id }) => id),
            wantedOwners,
          ),
        ]),
    ...(application === undefined ? [] : strangeApplication(application, app.outputs.clientId)),
    ...(servicePrincipal.accountEnabled === false ? ["sign-in is switched off for it"] : []),
  ];
  const beyond = [...granted.filter((one) => !asked.includes(one)), ...elsewhere];
  // Each of the two is one line of what is wrong.
  const isMissing =
    wrong.length > [granted.some((one) => !asked.includes(one)), elsewhere.length > 0].filter(Boolean).length;
  const evidence = {
    granted,
    ...(declared === undefined ? {} : { declared }),
    owners: owners.map(({ id, displayName }) => (displayName == null ? id : `${displayName} (${id})`)),
  };
  if (wrong.length === 0) {
    return {
      status: "pass",
      summary: `${counted(granted.length, "grant")}, as declared${application === undefined ? "" : `; ${counted(owners.length, "owner")}`}`,
      evidence,
    };
  }
  return {
    status: "fail",
    summary: wrong.join("; "),
    evidence,
    fixes: [
      ...(isMissing || beyond.length === 0
        ? [
            commandFix(
              "grants.restore",
              "Bring the directory to the settings, as an identity that may grant admin consent",
              refreshCommand(stack.stackName),
            ),
          ]
        : []),
      ...(beyond.length === 0
        ? []
        : [
            personFix(
              "grants.extra",
              "Remove what the settings do not ask for: portal, Enterprise applications, " +
                `object ${app.outputs.servicePrincipalObjectId}, Permissions. What is to stay belongs into copilot-token:apps.`,
            ),
          ]),
    ],
  };
}

/** Whether a grant on another API is one that the stack gave. */
function isRequested(
  { resourceId, appRoleId }: DirectoryApp["grants"][number],
  { apis }: AppEvidence,
): boolean {
  return apis.some(
    ({ api, offer }) =>
      offer.known &&
      offer.value?.objectId === resourceId &&
      api.permissions.some((permission) => offer.value?.appRoleIds[permission] === appRoleId),
  );
}

function strangeApplication(
  { appId, signInAudience }: NonNullable<DirectoryApp["application"]>,
  clientId: string,
): string[] {
  return [
    ...(appId === clientId ? [] : [`the application is ${appId}`]),
    ...(signInAudience === "AzureADMyOrg"
      ? []
      : [`accounts of other directories may use it (${signInAudience ?? "no signInAudience"})`]),
  ];
}

/** What is declared and not granted may be in the settings as well: then consent is still missing. */
function declaredDifference(
  declared: readonly string[],
  granted: readonly string[],
  wanted: readonly string[],
): string[] {
  const isIdle = (one: string): boolean => !granted.includes(one) && !wanted.includes(one);
  const idle = declared.filter(isIdle);
  const others = declared.filter((one) => !isIdle(one));
  return [
    ...difference("declared", others, wanted),
    ...(idle.length > 0 ? [`declared and not granted: ${idle.join(", ")}`] : []),
  ];
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
