/** A smaller permission, or another way, that is often enough. */
export interface SmallerAlternative {
  readonly instead: string;
  /** It replaces the permission by something that is not a permission of the app. */
  readonly isOtherWay?: true;
  readonly why: string;
  readonly source: string;
}

const selected = "https://learn.microsoft.com/graph/permissions-selected-overview";
const exchange = "https://learn.microsoft.com/exchange/permissions-exo/application-rbac";
const reference = "https://learn.microsoft.com/graph/permissions-reference";
const chats = "https://learn.microsoft.com/microsoftteams/platform/graph-api/rsc/resource-specific-consent";

const files: SmallerAlternative = {
  instead: "Sites.Selected or Files.SelectedOperations.Selected",
  why: "reaches every file of every site and user; the selected ones reach only what is named",
  source: selected,
};
const sites: SmallerAlternative = {
  instead: "Sites.Selected",
  why: "reaches every site; the selected one reaches only the sites that are named",
  source: selected,
};
const mail: SmallerAlternative = {
  instead: "RBAC for Applications in Exchange Online",
  isOtherWay: true,
  why: "reaches every mailbox; a role with a scope reaches only those it names",
  source: exchange,
};
const teams: SmallerAlternative = {
  instead: "resource-specific consent",
  isOtherWay: true,
  why: "reaches every team or chat; consent by a team's owner reaches only that team",
  source: chats,
};

function readOnly(instead: string): SmallerAlternative {
  return { instead, why: "also writes; the smaller one only reads", source: reference };
}

/**
 * By permission; where the smaller way is to read only, that is said first.
 *
 * @see https://learn.microsoft.com/graph/permissions-selected-overview (read 2026-11)
 * @see https://learn.microsoft.com/exchange/permissions-exo/application-rbac (read 2026-11)
 */
export const smallerAlternatives: ReadonlyMap<string, SmallerAlternative> = new Map([
  ["Files.Read.All", files],
  ["Files.ReadWrite.All", files],
  ["Sites.Read.All", sites],
  ["Sites.ReadWrite.All", sites],
  ["Sites.Manage.All", sites],
  ["Sites.FullControl.All", sites],
  ...["Mail.Read", "Mail.ReadBasic", "Mail.ReadBasic.All", "Mail.ReadWrite", "Mail.Send"].map(
    (name) => [name, mail] as const,
  ),
  ...[
    "Calendars.Read",
    "Calendars.ReadWrite",
    "Contacts.Read",
    "Contacts.ReadWrite",
    "MailboxSettings.Read",
    "MailboxSettings.ReadWrite",
  ].map((name) => [name, mail] as const),
  ...[
    "Chat.Read.All",
    "Chat.ReadWrite.All",
    "ChannelMessage.Read.All",
    "TeamMember.Read.All",
    "Channel.ReadBasic.All",
  ].map((name) => [name, teams] as const),
  ["User.ReadWrite.All", readOnly("User.Read.All")],
  ["Group.ReadWrite.All", readOnly("Group.Read.All or GroupMember.Read.All")],
  ["GroupMember.ReadWrite.All", readOnly("GroupMember.Read.All")],
  ["Directory.ReadWrite.All", readOnly("Directory.Read.All, or the one kind of object that is needed")],
  ["Application.ReadWrite.All", readOnly("Application.ReadWrite.OwnedBy, or Application.Read.All")],
  ["Device.ReadWrite.All", readOnly("Device.Read.All")],
  [
    "Directory.Read.All",
    {
      instead: "User.Read.All, Group.Read.All, …",
      why: "reads the whole directory; the smaller ones read one kind of object",
      source: reference,
    },
  ],
  [
    "Group.Read.All",
    {
      instead: "GroupMember.Read.All",
      why: "also reads the groups' conversations and calendars; the smaller one reads groups and members",
      source: reference,
    },
  ],
]);
