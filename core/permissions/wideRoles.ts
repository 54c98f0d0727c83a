import type { KnownApi } from "./knownApis";

const everySite = "Sites.Selected, with the app's setting sites, opens single sites";
const everyMailbox =
  "RBAC for Applications in Exchange opens single mailboxes, if this permission is not granted beside it";

/** App roles of other APIs that reach all data of a kind: what they reach, and what reaches less. */
interface WideRoles {
  readonly roles: Readonly<Record<string, string>>;
  readonly smaller: string;
}

/**
 * By the API's well-known name. None is tier zero: the public lists of tier-zero permissions have only those of
 * Microsoft Graph.
 *
 * @see https://github.com/cisagov/ScubaGear, RiskyPermissions.json at 1512c6e (read 2026-11): which app roles are risky
 * @see https://learn.microsoft.com/graph/permissions-selected-overview (read 2026-11)
 * @see https://learn.microsoft.com/exchange/permissions-exo/application-rbac (read 2026-11)
 */
const wideRoles: Readonly<Record<string, WideRoles>> = {
  Office365SharePointOnline: {
    roles: {
      "Sites.FullControl.All": "owns every site",
      "Sites.ReadWrite.All": "changes every site",
      "Sites.Read.All": "reads every site",
    },
    smaller: everySite,
  },
  Office365ExchangeOnline: {
    roles: {
      full_access_as_app: "reads, changes and sends from every mailbox",
      "Mail.Read": "reads the mail of every mailbox",
      "Mail.ReadWrite": "changes the mail of every mailbox",
      "Mail.Send": "sends as every mailbox",
      "Calendars.Read": "reads every calendar",
      "Calendars.ReadWrite.All": "changes every calendar",
      "Contacts.Read": "reads the contacts of every mailbox",
      "Contacts.ReadWrite": "changes the contacts of every mailbox",
      "MailboxSettings.ReadWrite":
        "changes the settings of every mailbox, rules that forward mail among them",
    },
    smaller: everyMailbox,
  },
};

/** What to know of an app role that reaches further than most apps need; undefined for others. */
export function wideRoleNote({ name, title }: KnownApi, role: string): string | undefined {
  const { roles = {}, smaller = "" } = wideRoles[name] ?? {};
  const reach = Object.hasOwn(roles, role) ? roles[role] : undefined;
  return reach === undefined ? undefined : `${role} of ${title} ${reach}. Smaller: ${smaller}.`;
}
