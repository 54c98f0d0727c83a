import rows from "./graphPermissions.json";
import type { AppRole, PermissionScope } from "./tenant";

/** A permission of Microsoft Graph: for applications, for people, or for both. */
export interface GraphPermission {
  readonly name: string;
  /** GUID as application permission (app role). */
  readonly appRoleId: string | undefined;
  /** GUID as delegated permission (scope). */
  readonly scopeId: string | undefined;
  /** Who may consent to the scope: anyone, or only administrators. */
  readonly consent: "Admin" | "User" | undefined;
  /** GUIDs that Microsoft has switched off. */
  readonly disabledIds: readonly string[];
}

/**
 * All permissions of Microsoft Graph, in alphabetical order. A row holds the name, the GUID as application permission,
 * the GUID as delegated permission, and who consents; `-` where a kind does not exist, `!` behind what is disabled.
 * Names and GUIDs are those of Microsoft's public list as of 2026-08-07: permissions/permissions-descriptions.json of
 * microsoftgraph/microsoft-graph-devx-content. `npm run graph-permissions` renews them.
 *
 * @see https://learn.microsoft.com/graph/permissions-reference (read 2026-11)
 */
export const graphPermissions: readonly GraphPermission[] = rows.map(parseRow);

function parseRow(row: string): GraphPermission {
  const [name = "", role = "-", scope = "-", consent] = row.split(" ");
  return {
    name,
    appRoleId: idIn(role),
    scopeId: idIn(scope),
    consent: consent === "Admin" || consent === "User" ? consent : undefined,
    disabledIds: [role, scope].filter((text) => text.endsWith("!")).map((text) => text.slice(0, -1)),
  };
}

function idIn(text: string): string | undefined {
  return text === "-" ? undefined : text.replace("!", "");
}

/** Application permissions, in the shape of `appRoles` of Microsoft Graph's service principal. */
export function graphAppRoles(): AppRole[] {
  return graphPermissions.flatMap(({ name, appRoleId, disabledIds }) =>
    appRoleId === undefined
      ? []
      : [
          {
            allowedMemberTypes: ["Application"],
            description: `Allows the app to use ${name} without a signed-in user.`,
            displayName: name,
            id: appRoleId,
            isEnabled: !disabledIds.includes(appRoleId),
            origin: "Application",
            value: name,
          },
        ],
  );
}

/** Delegated permissions, in the shape of `oauth2PermissionScopes` of Microsoft Graph's service principal. */
export function graphPermissionScopes(): PermissionScope[] {
  return graphPermissions.flatMap(({ name, scopeId, consent = "Admin", disabledIds }) =>
    scopeId === undefined
      ? []
      : [
          {
            adminConsentDescription: `Allows the app to use ${name} on behalf of the signed-in user.`,
            adminConsentDisplayName: name,
            id: scopeId,
            isEnabled: !disabledIds.includes(scopeId),
            type: consent,
            userConsentDescription: `Allows the app to use ${name} on your behalf.`,
            userConsentDisplayName: name,
            value: name,
          },
        ],
  );
}
