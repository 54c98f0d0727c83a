/**
 * Microsoft Graph application permissions that can take over the tenant, or make it unusable, and how.
 * Granting one makes every holder of the app's client secret a possible Global Administrator.
 *
 * @see https://github.com/emiliensocchi/azure-tiering, tier 0 at 5edc675 (2026-08-21, read 2026-11);
 *   which permissions are in the list comes from there, the reasons are summaries.
 */
export const tierZeroPermissions: ReadonlyMap<string, string> = new Map([
  ["AdministrativeUnit.ReadWrite.All", "frees an administrator from a restricted unit, for a take-over"],
  ["Application.ReadUpdate.All", "adds a credential to an app with more rights"],
  ["Application.ReadWrite.All", "adds a credential to an app with more rights"],
  ["Application.ReadWrite.OwnedBy", "adds a credential to every app that it owns"],
  ["AppRoleAssignment.ReadWrite.All", "grants itself any other permission, without consent"],
  ["DelegatedAdminRelationship.ReadWrite.All", "takes over the customers of a partner tenant"],
  ["DeviceManagementConfiguration.ReadWrite.All", "runs commands on an administrator's device"],
  ["DeviceManagementRBAC.ReadWrite.All", "hands out Intune roles that run commands on devices"],
  ["DeviceManagementScripts.ReadWrite.All", "runs commands on an administrator's device"],
  ["Directory.ReadWrite.All", "joins groups that hold privileged roles in Azure"],
  ["Domain.ReadWrite.All", "adds a federated domain and signs in as anyone"],
  ["EntitlementManagement.ReadWrite.All", "gives itself an access package that holds an administrator role"],
  ["Group-OnPremisesSyncBehavior.ReadWrite.All", "moves a privileged group under on-premises control"],
  ["Group.ReadWrite.All", "joins groups that hold privileged roles in Azure"],
  ["GroupMember.ReadWrite.All", "joins groups that hold privileged roles in Azure"],
  ["Organization.ReadWrite.All", "uploads a trusted root certificate and signs in as anyone"],
  ["Policy.ReadWrite.AuthenticationMethod", "switches on a sign-in method that takes over accounts"],
  ["Policy.ReadWrite.ConditionalAccess", "locks everyone out of the tenant"],
  ["Policy.ReadWrite.PermissionGrant", "lets itself consent to any permission"],
  ["PrivilegedAccess.ReadWrite.AzureAD", "assigns administrator roles"],
  ["PrivilegedAccess.ReadWrite.AzureADGroup", "joins a group that holds an administrator role"],
  ["PrivilegedAccess.ReadWrite.AzureResources", "assigns privileged roles in Azure"],
  ["PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup", "joins a group that holds an administrator role"],
  ["PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup", "becomes eligible for an administrator role"],
  ["RoleAssignmentSchedule.ReadWrite.Directory", "assigns administrator roles"],
  ["RoleEligibilitySchedule.ReadWrite.Directory", "becomes eligible for administrator roles"],
  ["RoleManagement.ReadWrite.Directory", "assigns administrator roles"],
  ["RoleManagementPolicy.ReadWrite.AzureADGroup", "removes approval and MFA from privileged groups"],
  ["RoleManagementPolicy.ReadWrite.Directory", "removes approval and MFA from administrator roles"],
  ["SecurityIdentitiesActions.ReadWrite.All", "disables any account"],
  ["SignInIdentifier.ReadWrite.All", "renames an account into privileged dynamic groups"],
  ["Synchronization.ReadWrite.All", "controls directory synchronisation"],
  ["User-PasswordProfile.ReadWrite.All", "resets passwords"],
  ["User.DeleteRestore.All", "deletes every account"],
  ["User.EnableDisableAccount.All", "disables every account"],
  ["User.ReadWrite.All", "edits accounts into privileged dynamic groups"],
  ["UserAuthMethod-HardwareOATH.ReadWrite.All", "adds a sign-in method to any account"],
  ["UserAuthMethod-Phone.ReadWrite.All", "adds a sign-in method to any account"],
  ["UserAuthMethod-QR.ReadWrite.All", "adds a sign-in method to any account"],
  ["UserAuthMethod-TAP.ReadWrite.All", "adds a sign-in method to any account"],
  ["UserAuthenticationMethod.ReadWrite.All", "adds a sign-in method to any account"],
]);

/**
 * How a delegated permission can take over the tenant when an administrator signs in; undefined where it cannot. The
 * list of application permissions counts for the same names, and one exists only for users.
 *
 * @see https://learn.microsoft.com/graph/permissions-reference#directoryaccessasuserall (read 2026-11)
 */
export function riskOfDelegated(name: string): string | undefined {
  return name === "Directory.AccessAsUser.All"
    ? "does in the directory whatever the signed-in user may do"
    : tierZeroPermissions.get(name);
}
