/** A read of Microsoft Graph that a workflow makes for its caller. */
export interface GraphRequest {
  /** From the version on, such as `/v1.0/users?$top=5`; always a GET. */
  readonly path: string;
  /** Property of each returned object that the workflow answers with; everything else stays in it. */
  readonly field: string;
}

/**
 * Reads that need no identifier, by the application permission that is enough for them. Each is small, so that the
 * answer fits a message.
 *
 * @see https://learn.microsoft.com/graph/permissions-reference and each method's page (read 2026-11)
 */
const harmlessReads: readonly { readonly permissions: readonly string[]; readonly request: GraphRequest }[] =
  [
    {
      permissions: [
        "User.Read.All",
        "User.ReadBasic.All",
        "User.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
      ],
      request: { path: "/v1.0/users?$top=5&$select=displayName", field: "displayName" },
    },
    {
      permissions: ["Group.Read.All", "Group.ReadWrite.All", "GroupMember.Read.All"],
      request: { path: "/v1.0/groups?$top=5&$select=displayName", field: "displayName" },
    },
    {
      permissions: ["Sites.Read.All", "Sites.ReadWrite.All", "Sites.Manage.All", "Sites.FullControl.All"],
      request: { path: "/v1.0/sites/root?$select=displayName", field: "displayName" },
    },
    {
      permissions: ["Files.Read.All", "Files.ReadWrite.All"],
      request: { path: "/v1.0/sites/root/drive?$select=name", field: "name" },
    },
    {
      permissions: ["Team.ReadBasic.All"],
      request: { path: "/v1.0/teams?$top=5&$select=displayName", field: "displayName" },
    },
    {
      permissions: ["Application.Read.All", "Application.ReadWrite.All"],
      request: { path: "/v1.0/applications?$top=5&$select=displayName", field: "displayName" },
    },
    {
      permissions: ["Device.Read.All"],
      request: { path: "/v1.0/devices?$top=5&$select=displayName", field: "displayName" },
    },
    {
      permissions: ["Organization.Read.All"],
      request: { path: "/v1.0/organization?$select=displayName", field: "displayName" },
    },
    {
      permissions: ["RoleManagement.Read.Directory"],
      request: { path: "/v1.0/directoryRoles?$select=displayName", field: "displayName" },
    },
    {
      permissions: ["Policy.Read.All"],
      request: {
        path: "/v1.0/identity/conditionalAccess/policies?$select=displayName",
        field: "displayName",
      },
    },
    {
      permissions: ["AuditLog.Read.All"],
      request: { path: "/v1.0/auditLogs/directoryAudits?$top=5", field: "activityDisplayName" },
    },
  ];

/**
 * A read that the app's permissions allow, for the first permission that has one.
 *
 * @returns Undefined when every permission needs to be told whose mail, calendar or the like to read.
 */
export function defaultGraphRequest(permissions: readonly string[]): GraphRequest | undefined {
  for (const permission of permissions) {
    const found = harmlessReads.find((read) => read.permissions.includes(permission));
    if (found !== undefined) return found.request;
  }
  return undefined;
}

/** Whether it is a path of Microsoft Graph without anything that the workflow language would read as an expression. */
export function isGraphPath(text: string): boolean {
  return /^\/(v1\.0|beta)\/[^\s{}"<>\\^`|#]+$/.test(text);
}
