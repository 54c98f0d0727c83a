import type { AgentRequest, RequestParameter } from "./agentRequest";

const usersReaders = [
  "User.Read.All",
  "User.ReadBasic.All",
  "User.ReadWrite.All",
  "Directory.Read.All",
  "Directory.ReadWrite.All",
];
const groupReaders = [
  "GroupMember.Read.All",
  "Group.Read.All",
  "Group.ReadWrite.All",
  "Directory.Read.All",
  "Directory.ReadWrite.All",
];
const siteReaders = ["Sites.Read.All", "Sites.ReadWrite.All", "Sites.Manage.All", "Sites.FullControl.All"];

const person: RequestParameter = {
  name: "person",
  title: "Person",
  description: "E-mail address of the person, such as adele@contoso.com. Find it by name first.",
  question: "What is the person's e-mail address?",
  place: "key",
};

/**
 * Requests that people want of an agent, each with the application permissions of which one is enough.
 *
 * @see https://learn.microsoft.com/graph/api/overview and each method's page there (read 2026-11)
 */
export const requestTable: readonly AgentRequest[] = [
  {
    key: "find-person",
    title: "Find a person",
    description:
      "Finds people of the organization by the beginning of their name. Returns name, e-mail address and job title.",
    permissions: usersReaders,
    method: "GET",
    path:
      "/v1.0/users?$filter=startswith(displayName,'{name}')%20or%20startswith(surname,'{name}')" +
      "&$top=10&$select=displayName,mail,jobTitle",
    parameters: [
      {
        name: "name",
        title: "Name",
        description: "First name, full name or last name of the person, or the beginning of it.",
        question: "What is the person's name?",
        place: "literal",
      },
    ],
    fields: ["displayName", "mail", "jobTitle"],
    byDefault: true,
  },
  {
    key: "list-groups",
    title: "List groups",
    description:
      "Lists the groups and teams whose name begins with a word. Returns name, e-mail address and ID.",
    permissions: groupReaders,
    method: "GET",
    path: "/v1.0/groups?$filter=startswith(displayName,'{name}')&$top=20&$select=displayName,mail,id",
    parameters: [
      {
        name: "name",
        title: "Name",
        description: "The beginning of the group's name.",
        question: "How does the group's name begin?",
        place: "literal",
      },
    ],
    fields: ["displayName", "mail", "id"],
    byDefault: true,
  },
  {
    key: "list-group-members",
    title: "List members of a group",
    description: "Lists the members of one group by the group's ID. Returns their names.",
    permissions: groupReaders,
    method: "GET",
    path: "/v1.0/groups/{group}/members?$top=50&$select=displayName",
    parameters: [
      {
        name: "group",
        title: "Group ID",
        description: "ID of the group, a GUID, as the list of groups returns it. Not the group's name.",
        question: "What is the group's ID?",
        place: "segment",
      },
    ],
    fields: ["displayName"],
    byDefault: false,
  },
  {
    key: "find-site",
    title: "Find a SharePoint site",
    description: "Finds SharePoint sites by words of their name. Returns name, address and ID of each site.",
    permissions: siteReaders,
    method: "GET",
    path: "/v1.0/sites?search={words}",
    parameters: [
      {
        name: "words",
        title: "Words",
        description: "Words of the site's name.",
        question: "What is the site called?",
        place: "value",
      },
    ],
    fields: ["displayName", "webUrl", "id"],
    byDefault: true,
  },
  {
    key: "list-site-files",
    title: "List files of a SharePoint site",
    description:
      "Lists files and folders at the top of a SharePoint site's document library, by the site's ID. Returns name and address.",
    permissions: [...siteReaders, "Files.Read.All", "Files.ReadWrite.All"],
    method: "GET",
    path: "/v1.0/sites/{site}/drive/root/children?$top=50&$select=name,webUrl",
    parameters: [
      {
        name: "site",
        title: "Site ID",
        description:
          "ID of the site: host name and two GUIDs, separated by commas, as the search for a site returns it.",
        question: "What is the site's ID?",
        place: "segment",
      },
    ],
    fields: ["name", "webUrl"],
    byDefault: false,
  },
  {
    key: "read-calendar",
    title: "Read a calendar",
    description:
      "Reads one person's calendar for one day, in UTC. Returns subject, start and end of each event.",
    permissions: ["Calendars.Read", "Calendars.ReadBasic.All", "Calendars.ReadWrite"],
    method: "GET",
    path:
      "/v1.0/users('{person}')/calendarView?startDateTime={day}T00:00:00Z&endDateTime={day}T23:59:59Z" +
      "&$top=25&$orderby=start/dateTime&$select=subject,start,end",
    parameters: [
      person,
      {
        name: "day",
        title: "Day",
        description: "The day as YYYY-MM-DD, such as 2026-11-27.",
        question: "Which day, as YYYY-MM-DD?",
        place: "value",
      },
    ],
    fields: ["subject", "start/dateTime", "end/dateTime"],
    byDefault: false,
  },
  {
    key: "read-shared-mailbox",
    title: "Read a shared mailbox",
    description: "Lists the latest ten messages of the shared mailbox. Returns subject, sender and time.",
    permissions: ["Mail.Read", "Mail.ReadBasic.All", "Mail.ReadWrite"],
    method: "GET",
    path: "/v1.0/users('{mailbox}')/messages?$top=10&$select=subject,from,receivedDateTime",
    parameters: [],
    fields: ["subject", "from/emailAddress/address", "receivedDateTime"],
    byDefault: false,
  },
  {
    key: "send-mail",
    title: "Send a mail",
    description:
      "Sends one mail from the shared mailbox to one recipient. Use it only when the user asked for a mail to be sent.",
    permissions: ["Mail.Send"],
    method: "POST",
    path: "/v1.0/users('{mailbox}')/sendMail",
    parameters: [
      {
        name: "recipient",
        title: "Recipient",
        description: "E-mail address of the recipient.",
        question: "Who gets the mail? Please give the e-mail address.",
        place: "body",
      },
      {
        name: "subject",
        title: "Subject",
        description: "Subject of the mail, one line.",
        question: "What is the subject?",
        place: "body",
      },
      {
        name: "text",
        title: "Text",
        description: "Text of the mail, without formatting.",
        question: "What is the text of the mail?",
        place: "body",
      },
    ],
    body: {
      message: {
        subject: "{subject}",
        body: { contentType: "Text", content: "{text}" },
        toRecipients: [{ emailAddress: { address: "{recipient}" } }],
      },
      saveToSentItems: true,
    },
    fields: [],
    change: {
      question: "Shall I send this mail from the shared mailbox?",
      done: "The mail was handed to the mailbox for sending.",
      unsure:
        "No answer came, so the mail may have been sent all the same. Look into the mailbox's sent items before you ask again.",
    },
    byDefault: false,
  },
];
