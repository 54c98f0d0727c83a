/** A read that one of the permissions allows on its own, that changes nothing and returns next to nothing. */
export interface GraphProbe {
  /** Below `/v1.0`. */
  readonly path: string;
  readonly permissions: readonly string[];
}

/**
 * Reads by permission. A permission that is absent here has no read that is harmless everywhere: it needs a person's
 * mailbox, calendar or chat (`Mail.Read`), or it only writes (`Mail.Send`).
 *
 * @see https://learn.microsoft.com/graph/api/overview: "Permissions" of each method's page (read 2026-11)
 */
export const graphProbes: readonly GraphProbe[] = [
  {
    path: "/users?$top=1&$select=id",
    permissions: [
      "User.Read.All",
      "User.ReadWrite.All",
      "User.ReadBasic.All",
      "Directory.Read.All",
      "Directory.ReadWrite.All",
    ],
  },
  {
    path: "/groups?$top=1&$select=id",
    permissions: [
      "Group.Read.All",
      "Group.ReadWrite.All",
      "GroupMember.Read.All",
      "GroupMember.ReadWrite.All",
    ],
  },
  {
    path: "/applications?$top=1&$select=id",
    permissions: ["Application.Read.All", "Application.ReadWrite.All", "Application.ReadWrite.OwnedBy"],
  },
  { path: "/organization?$select=id", permissions: ["Organization.Read.All", "Organization.ReadWrite.All"] },
  { path: "/domains?$select=id", permissions: ["Domain.Read.All", "Domain.ReadWrite.All"] },
  { path: "/devices?$top=1&$select=id", permissions: ["Device.Read.All", "Device.ReadWrite.All"] },
  { path: "/contacts?$top=1&$select=id", permissions: ["OrgContact.Read.All"] },
  {
    path: "/directory/administrativeUnits?$top=1&$select=id",
    permissions: ["AdministrativeUnit.Read.All", "AdministrativeUnit.ReadWrite.All"],
  },
  {
    path: "/roleManagement/directory/roleAssignments?$top=1&$select=id",
    permissions: [
      "RoleManagement.Read.Directory",
      "RoleManagement.Read.All",
      "RoleManagement.ReadWrite.Directory",
    ],
  },
  { path: "/policies/authorizationPolicy", permissions: ["Policy.Read.All"] },
  { path: "/auditLogs/directoryAudits?$top=1", permissions: ["AuditLog.Read.All"] },
  {
    path: "/sites/root?$select=id",
    permissions: ["Sites.Read.All", "Sites.ReadWrite.All", "Sites.Manage.All", "Sites.FullControl.All"],
  },
  { path: "/sites/root/drives?$top=1&$select=id", permissions: ["Files.Read.All", "Files.ReadWrite.All"] },
  {
    path: "/teams?$top=1&$select=id",
    permissions: ["Team.ReadBasic.All", "TeamSettings.Read.All", "TeamSettings.ReadWrite.All"],
  },
  {
    path: "/appCatalogs/teamsApps?$top=1&$select=id",
    permissions: ["AppCatalog.Read.All", "AppCatalog.ReadWrite.All"],
  },
  { path: "/places/microsoft.graph.room?$top=1", permissions: ["Place.Read.All"] },
  {
    path: "/deviceManagement/managedDevices?$top=1&$select=id",
    permissions: ["DeviceManagementManagedDevices.Read.All", "DeviceManagementManagedDevices.ReadWrite.All"],
  },
  {
    path: "/deviceManagement/deviceConfigurations?$top=1&$select=id",
    permissions: ["DeviceManagementConfiguration.Read.All", "DeviceManagementConfiguration.ReadWrite.All"],
  },
  { path: "/admin/serviceAnnouncement/healthOverviews?$top=1", permissions: ["ServiceHealth.Read.All"] },
  { path: "/admin/serviceAnnouncement/messages?$top=1&$select=id", permissions: ["ServiceMessage.Read.All"] },
  {
    path: "/security/alerts_v2?$top=1",
    permissions: ["SecurityAlert.Read.All", "SecurityAlert.ReadWrite.All"],
  },
  {
    path: "/security/incidents?$top=1",
    permissions: ["SecurityIncident.Read.All", "SecurityIncident.ReadWrite.All"],
  },
  {
    path: "/identityProtection/riskyUsers?$top=1",
    permissions: ["IdentityRiskyUser.Read.All", "IdentityRiskyUser.ReadWrite.All"],
  },
  {
    path: "/identityGovernance/accessReviews/definitions?$top=1",
    permissions: ["AccessReview.Read.All", "AccessReview.ReadWrite.All"],
  },
  {
    path: "/identityGovernance/entitlementManagement/catalogs?$top=1",
    permissions: ["EntitlementManagement.Read.All", "EntitlementManagement.ReadWrite.All"],
  },
];

/**
 * What Graph answers to a token without a suitable permission is 403, to one that it does not take 401: so
 * this read tells the two apart whatever the token may do.
 */
export const tokenProbe: GraphProbe = { path: "/organization?$select=id", permissions: [] };

/** The probes for some permissions, each once; only the token probe where none has one. */
export function probesFor(permissions: readonly string[]): readonly GraphProbe[] {
  const probes = graphProbes
    .map(({ path, permissions: allowing }) => ({
      path,
      permissions: allowing.filter((permission) => permissions.includes(permission)),
    }))
    .filter(({ permissions: asked }) => asked.length > 0);
  return probes.length > 0 ? probes : [tokenProbe];
}
