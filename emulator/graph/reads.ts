import { requireItem } from "./entitySet";
import { badRequest, filesDenied, GraphError, mailDenied, notFound } from "./graphError";
import { listResponse, entityResponse, type Entity } from "./listing";
import { domainEntity, organizationEntity } from "./organization";
import { both, groups, users } from "./people";
import { json } from "../server/http";
import { odataContext, parameter, readBody, type GraphContext, type Route } from "./route";

const domainReaders = [...both("Domain"), ...both("Directory")];

/**
 * Reads that test a token: one for each family of permissions that agents commonly hold. Directory objects come
 * from the seed; mailboxes, calendars and the like are there and empty.
 *
 * @see https://learn.microsoft.com/graph/permissions-reference (read 2026-11), and the permission table on the page
 *   of each operation
 */
export const readRoutes: readonly Route[] = [
  ...sharePoint(),
  ...emptyCollections(),
  {
    method: "POST",
    pattern: "users/{user}/sendMail",
    allowedBy: ["Mail.Send"],
    personal: mailDenied,
    handle: sendMail,
  },
  {
    method: "GET",
    pattern: "organization",
    allowedBy: [...both("Organization"), ...both("Directory")],
    handle: (context) =>
      listResponse(context, [organizationEntity(context.tenant.state)], { entitySet: "organization" }),
  },
  {
    method: "GET",
    pattern: "domains",
    allowedBy: domainReaders,
    handle: (context) =>
      listResponse(context, [domainEntity(context.tenant.state)], { entitySet: "domains" }),
  },
  {
    method: "GET",
    pattern: "domains/{domain}",
    allowedBy: domainReaders,
    handle: (context) =>
      entityResponse(context, requireById(context, "domain", [domainEntity(context.tenant.state)]), {
        entitySet: "domains",
      }),
  },
  {
    method: "GET",
    pattern: "policies/authorizationPolicy",
    allowedBy: ["Policy.Read.All"],
    handle: (context) => {
      const isForbidden = context.tenant.state.directory.userConsent === "forbidden";
      const permissionGrantPoliciesAssigned = isForbidden
        ? []
        : ["ManagePermissionGrantsForSelf.microsoft-user-default-low"];
      return json(200, {
        "@odata.context": odataContext(context, "policies/authorizationPolicy/$entity"),
        id: "authorizationPolicy",
        displayName: "Authorization Policy",
        defaultUserRolePermissions: { permissionGrantPoliciesAssigned },
      });
    },
  },
  {
    method: "GET",
    pattern: "me",
    allowedBy: "anyone",
    handle: () => {
      throw badRequest("/me request is only valid with delegated authentication flow.");
    },
  },
];

/** Takes a mail for delivery, which is not emulated. */
async function sendMail(context: GraphContext): Promise<Response> {
  requireItem(users, context);
  const { message } = await readBody(context);
  const recipients =
    typeof message === "object" && message !== null && "toRecipients" in message
      ? message.toRecipients
      : undefined;
  if (!Array.isArray(recipients) || recipients.length === 0) {
    throw new GraphError(400, "ErrorInvalidRecipients", "At least one recipient isn't valid.");
  }
  for (const recipient of recipients as { emailAddress?: { address?: unknown } }[]) {
    const { address } = recipient.emailAddress ?? {};
    if (typeof address !== "string" || !/^[^\s@]+@[^\s@]+$/.test(address)) {
      throw new GraphError(400, "ErrorInvalidRecipients", "At least one recipient isn't valid.");
    }
  }
  return new Response(null, { status: 202 });
}

function sharePoint(): Route[] {
  const siteReaders = [...both("Sites"), "Sites.Manage.All", "Sites.FullControl.All"];
  const fileReaders = [...both("Files"), ...siteReaders];
  return [
    {
      method: "GET",
      pattern: "sites",
      allowedBy: siteReaders,
      handle: (context) => {
        const wanted = (context.url.searchParams.get("search") ?? "").replace("*", "").toLowerCase();
        const found = spread(context.tenant.state.directory.sites).filter((site) =>
          String(site["displayName"]).toLowerCase().includes(wanted),
        );
        return listResponse(context, found, { entitySet: "sites", skips: true });
      },
    },
    emptyCollection("sites/{site}/lists", [...siteReaders]),
    emptyCollection("sites/{site}/drives", fileReaders),
    emptyCollection("sites/{site}/drive/root/children", fileReaders),
    { ...emptyCollection("users/{user}/drives", fileReaders), personal: filesDenied },
    emptyCollection("groups/{group}/drives", fileReaders),
  ];
}

function emptyCollections(): Route[] {
  const mail = ["Mail.Read", "Mail.ReadWrite", "Mail.ReadBasic", "Mail.ReadBasic.All"];
  const calendar = ["Calendars.Read", "Calendars.ReadWrite", "Calendars.ReadBasic.All"];
  return [
    ...[
      emptyCollection("users/{user}/messages", mail),
      emptyCollection("users/{user}/mailFolders", mail),
      emptyCollection("users/{user}/calendars", calendar),
      emptyCollection("users/{user}/events", calendar),
      withPeriod(emptyCollection("users/{user}/calendarView", calendar)),
      emptyCollection("users/{user}/contacts", ["Contacts.Read", "Contacts.ReadWrite"]),
      emptyCollection("users/{user}/onlineMeetings", both("OnlineMeetings")),
      emptyCollection("users/{user}/chats", [...both("Chat"), "Chat.ReadBasic.All"]),
      emptyCollection("users/{user}/onenote/notebooks", both("Notes")),
      emptyCollection("users/{user}/todo/lists", both("Tasks")),
    ].map((route) => ({ ...route, personal: mailDenied })),
    emptyCollection("groups/{group}/planner/plans", both("Tasks")),
    emptyCollection("teams", ["Team.ReadBasic.All", ...both("TeamSettings")]),
    emptyCollection("devices", [...both("Device"), ...both("Directory")]),
    emptyCollection("subscribedSkus", [
      ...both("Organization"),
      ...both("Directory"),
      "LicenseAssignment.Read.All",
    ]),
    emptyCollection("auditLogs/signIns", ["AuditLog.Read.All"]),
    emptyCollection("auditLogs/directoryAudits", ["AuditLog.Read.All"]),
    emptyCollection("directoryRoles", [
      "RoleManagement.Read.Directory",
      "RoleManagement.ReadWrite.Directory",
      ...both("Directory"),
    ]),
    emptyCollection("roleManagement/directory/roleAssignments", [
      "RoleManagement.Read.All",
      "RoleManagement.Read.Directory",
      "RoleManagement.ReadWrite.Directory",
      ...both("Directory"),
    ]),
    emptyCollection("identity/conditionalAccess/policies", [
      "Policy.Read.All",
      "Policy.Read.ConditionalAccess",
    ]),
    emptyCollection("deviceManagement/managedDevices", both("DeviceManagementManagedDevices")),
    emptyCollection("security/alerts_v2", both("SecurityAlert")),
    emptyCollection("security/incidents", both("SecurityIncident")),
    emptyCollection("admin/serviceAnnouncement/issues", ["ServiceHealth.Read.All"]),
    emptyCollection("admin/serviceAnnouncement/messages", ["ServiceMessage.Read.All"]),
    emptyCollection("places/microsoft.graph.room", ["Place.Read.All"]),
    emptyCollection("external/connections", [
      ...both("ExternalConnection"),
      "ExternalConnection.ReadWrite.OwnedBy",
    ]),
    emptyCollection("communications/callRecords", ["CallRecords.Read.All"]),
    emptyCollection("search/acronyms", ["Acronym.Read.All"]),
  ];
}

/** A collection that is asked for a period. */
function withPeriod(route: Route): Route {
  return {
    ...route,
    handle: (context) => {
      const answer = route.handle(context);
      for (const name of ["startDateTime", "endDateTime"]) {
        const value = context.url.searchParams.get(name) ?? "";
        if (!/^\d{4}-\d\d-\d\d(T[\d:.]+Z?)?$/.test(value) || Number.isNaN(Date.parse(value))) {
          throw new GraphError(
            400,
            "ErrorInvalidParameter",
            `The value '${value}' of parameter '${name}' is invalid.`,
          );
        }
      }
      return answer;
    },
  };
}

/** A collection that exists and holds nothing; below a user, group or site, that one must exist. */
function emptyCollection(pattern: string, allowedBy: readonly string[]): Route {
  return {
    method: "GET",
    pattern,
    allowedBy,
    handle: (context) => {
      const { directory } = context.tenant.state;
      if ("user" in context.parameters) requireItem(users, context);
      if ("group" in context.parameters) requireItem(groups, context);
      if ("site" in context.parameters && context.parameters["site"] !== "root") {
        requireById(context, "site", spread(directory.sites));
      }
      return listResponse(context, [], { entitySet: pattern, skips: true });
    },
  };
}

function requireById(context: GraphContext, name: string, entities: readonly Entity[]): Entity {
  const key = parameter(context, name);
  const found = entities.find((entity) => entity["id"] === key);
  if (found === undefined) throw notFound(key);
  return found;
}

function spread(items: Readonly<Record<string, object>>): Entity[] {
  return Object.values(items).map((item) => ({ ...item }));
}
