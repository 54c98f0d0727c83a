/** Words for the parts of a permission's name that splitting does not make readable. */
const resources: ReadonlyMap<string, string> = new Map([
  ["User", "users' full profiles"],
  ["Group", "groups, their members and content"],
  ["GroupMember", "groups' members"],
  ["Directory", "the whole directory"],
  ["Application", "app registrations and service principals"],
  ["AppRoleAssignment", "grants of permissions to apps"],
  ["RoleManagement", "role assignments"],
  ["Files", "files"],
  ["Sites", "SharePoint sites, their lists and files"],
  ["Mail", "mail"],
  ["MailboxSettings", "mailbox settings"],
  ["Calendars", "calendars"],
  ["Contacts", "contacts"],
  ["Chat", "Teams chats"],
  ["ChannelMessage", "messages in Teams channels"],
  ["Team", "teams"],
  ["AuditLog", "audit and sign-in logs"],
  ["Organization", "the organization's own data"],
  ["Domain", "domains"],
  ["Device", "devices"],
  ["Policy", "policies"],
  ["Reports", "usage reports"],
  ["Notes", "OneNote notebooks"],
  ["Tasks", "tasks"],
  ["Place", "rooms and places"],
  ["Presence", "presence"],
]);

const actions: ReadonlyMap<string, string> = new Map([
  ["Read", "read"],
  ["ReadBasic", "read the basic properties of"],
  ["ReadWrite", "read and change"],
  ["ReadUpdate", "read and update"],
  ["ReadAll", "read"],
  ["Write", "write"],
  ["Send", "send"],
  ["Create", "create"],
  ["Delete", "delete"],
  ["Manage", "manage"],
  ["FullControl", "fully control"],
  ["Invite", "invite"],
  ["Export", "export"],
  ["SelectedOperations", "reach"],
]);

const reaches: ReadonlyMap<string, string> = new Map([
  ["All", "everywhere in the tenant"],
  ["OwnedBy", "where the app is an owner"],
  ["Selected", "where access was given one by one"],
  ["Shared", "including what is shared with the user"],
  ["CreatedByApp", "where the app made it"],
]);

/** Names that are no `Resource.Action`. */
const whole: ReadonlyMap<string, string> = new Map([
  ["Sites.Selected", "reach the SharePoint sites for which access was given one by one"],
  ["openid", "sign the user in"],
  ["profile", "read the user's name and picture"],
  ["email", "read the user's e-mail address"],
  ["offline_access", "keep access when the user is away"],
  ["user_impersonation", "act as the signed-in user"],
]);

/**
 * What a permission allows, told from its name, which Microsoft builds as `Resource.Action.Reach`.
 *
 * @example permissionMeaning("User.Read.All") // "read users' full profiles everywhere in the tenant"
 * @see https://learn.microsoft.com/graph/permissions-overview#permissions-naming-pattern (read 2026-11)
 */
export function permissionMeaning(name: string): string {
  const known = whole.get(name);
  if (known !== undefined) return known;
  const [resource, action, ...reach] = name.split(".");
  if (resource === undefined || action === undefined) return `do what its API calls ${name}`;
  const what = resources.get(resource) ?? words(resource);
  const act = actions.get(action) ?? words(action);
  const where = reach.map((part) => reaches.get(part) ?? `(${words(part)})`);
  return [act, what, ...where].join(" ");
}

/** `DeviceManagementScripts` and `User-PasswordProfile` as words. */
function words(name: string): string {
  return name
    .replace(/[-_]/g, " ")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .toLowerCase();
}
