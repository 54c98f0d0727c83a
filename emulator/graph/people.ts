import { empty, newGuid, textOf } from "../server/http";
import type { Group, User } from "../tenant/tenant";
import { describeObjects, findDirectoryObject } from "./directoryObjects";
import {
  checkDisplayName,
  checkTaken,
  createdNow,
  entityRoutes,
  isVisible,
  requireItem,
  type EntitySet,
} from "./entitySet";
import { badRequest, notFound } from "./graphError";
import { listResponse } from "./listing";
import {
  groupDefaults,
  groupEntity,
  groupReadOnly,
  userDefaults,
  userEntity,
  userReadOnly,
  usersShown,
} from "./peopleForm";
import { boundIds, boundOwnerIds, invalidValue, merged, objectIdOfLink } from "./properties";
import { parameter, readBody, type GraphContext, type Route } from "./route";

/** `<family>.Read.All` and `<family>.ReadWrite.All`. */
export function both(family: string): string[] {
  return [`${family}.Read.All`, `${family}.ReadWrite.All`];
}

type Values = Readonly<Record<string, unknown>>;

/** `users`. */
export const users: EntitySet<User> = {
  name: "users",
  kind: "user",
  readers: [...both("User"), "User.ReadBasic.All", ...both("Directory")],
  writers: ["User.ReadWrite.All", "Directory.ReadWrite.All"],
  orOwner: false,
  keys: [],
  bareKey: "userPrincipalName",
  properties: userDefaults,
  readOnly: userReadOnly,
  shown: usersShown,
  describe: userEntity,
  create: (context, values) => {
    checkUser(context, values, undefined);
    const { passwordProfile, ...kept } = values;
    if (passwordProfile === undefined) throw missing("passwordProfile");
    for (const name of ["accountEnabled", "userPrincipalName", "mailNickname"]) {
      if (values[name] === undefined) throw missing(name);
    }
    const item: User = {
      mail: null,
      ...kept,
      id: newGuid(),
      displayName: String(values["displayName"]),
      userPrincipalName: String(values["userPrincipalName"]),
      createdDateTime: createdNow(context),
    };
    return { item };
  },
  update: (context, user, values) => {
    checkUser(context, values, user);
    const { passwordProfile, ...kept } = values;
    // A password is taken and never shown.
    if (passwordProfile === null) throw invalidValue("User", "passwordProfile");
    assign(user, userDefaults, kept);
  },
};

function checkUser(context: GraphContext, values: Values, current: User | undefined): void {
  checkDisplayName("user", values["displayName"], current === undefined);
  const { userPrincipalName } = values;
  if (userPrincipalName === undefined) return;
  const { directory, defaultDomain } = context.tenant.state;
  const [, domain] = typeof userPrincipalName === "string" ? userPrincipalName.split("@") : [];
  if (domain?.toLowerCase() !== defaultDomain) {
    throw badRequest(
      "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.",
    );
  }
  const name = textOf(userPrincipalName).toLowerCase();
  const others = Object.values(directory.users).filter((other) => other !== current);
  checkTaken(
    "userPrincipalName",
    others.some((other) => other.userPrincipalName.toLowerCase() === name),
  );
}

const groupReaders = [...both("Group"), ...both("GroupMember"), ...both("Directory")];
const groupWriters = ["Group.ReadWrite.All", "Directory.ReadWrite.All"];

/** `groups`. */
export const groups: EntitySet<Group> = {
  name: "groups",
  kind: "group",
  readers: groupReaders,
  writers: [...groupWriters, "Group.Create"],
  orOwner: false,
  keys: ["uniqueName"],
  properties: groupDefaults,
  readOnly: groupReadOnly,
  describe: groupEntity,
  expansions: (context) => {
    const all = context.tenant.state.directory.groups;
    return {
      members: ({ id }) => describeObjects(context, all[String(id)]?.memberIds ?? []),
      owners: ({ id }) => describeObjects(context, all[String(id)]?.ownerIds ?? []),
    };
  },
  create: (context, values, body) => {
    checkDisplayName("group", values["displayName"], true);
    for (const name of ["mailEnabled", "mailNickname", "securityEnabled"]) {
      if (values[name] === undefined) throw missing(name);
    }
    const memberIds = boundIds(body, "members");
    const ownerIds = boundOwnerIds(body);
    for (const objectId of [...memberIds, ...ownerIds]) requireObject(context, objectId);
    const item: Group = {
      ...values,
      id: newGuid(),
      displayName: String(values["displayName"]),
      createdDateTime: createdNow(context),
      memberIds,
      ownerIds,
    };
    return { item };
  },
  update: (_context, group, values) => {
    checkDisplayName("group", values["displayName"], false);
    assign(group, groupDefaults, values);
  },
};

function assign(item: Record<string, unknown>, defaults: Values, values: Values): void {
  for (const [name, value] of Object.entries(values)) item[name] = merged(defaults[name], item[name], value);
}

function missing(property: string): Error {
  return badRequest(`One or more property values specified are invalid: '${property}' is required.`);
}

function requireObject(context: GraphContext, objectId: string): void {
  if (findDirectoryObject(objectId, context.tenant) === undefined || !isVisible(objectId, context.tenant)) {
    throw notFound(objectId);
  }
}

/** Members and owners of groups, and the groups of a person, each by address. */
const memberships: readonly Route[] = [
  ...linkRoutes("members", "memberIds"),
  ...linkRoutes("owners", "ownerIds"),
  ...(["users/{user}", "servicePrincipals/{member}", "groups/{member}"] as const).flatMap((holder) =>
    ["memberOf", "transitiveMemberOf"].map((name): Route => ({
      method: "GET",
      pattern: `${holder}/${name}`,
      allowedBy: groupReaders,
      handle: (context) => {
        const memberId = holder === "users/{user}" ? requireItem(users, context).id : requireMember(context);
        const all = Object.values(context.tenant.state.directory.groups);
        const holding = all.filter(({ memberIds }) => memberIds.includes(memberId));
        return listResponse(
          context,
          describeObjects(
            context,
            holding.map(({ id }) => id),
          ),
          { entitySet: "directoryObjects" },
        );
      },
    })),
  ),
];

function requireMember(context: GraphContext): string {
  const objectId = parameter(context, "member").toLowerCase();
  requireObject(context, objectId);
  return objectId;
}

function linkRoutes(name: "members" | "owners", property: "memberIds" | "ownerIds"): Route[] {
  const collection = `groups/{group}/${name}`;
  const allowedBy = name === "members" ? [...groupWriters, "GroupMember.ReadWrite.All"] : groupWriters;
  return [
    {
      method: "GET",
      pattern: collection,
      allowedBy: groupReaders,
      handle: (context) =>
        listResponse(context, describeObjects(context, requireItem(groups, context)[property] ?? []), {
          entitySet: "directoryObjects",
        }),
    },
    {
      method: "POST",
      pattern: `${collection}/$ref`,
      allowedBy,
      handle: async (context) => {
        const group = requireItem(groups, context);
        const objectId = objectIdOfLink((await readBody(context))["@odata.id"]);
        requireObject(context, objectId);
        if (group[property]?.includes(objectId) === true) {
          throw badRequest(
            `One or more added object references already exist for the following modified properties: '${name}'.`,
          );
        }
        group[property] = [...(group[property] ?? []), objectId];
        return empty();
      },
    },
    {
      method: "DELETE",
      pattern: `${collection}/{object}/$ref`,
      allowedBy,
      handle: (context) => {
        const group = requireItem(groups, context);
        const objectId = parameter(context, "object").toLowerCase();
        if (group[property]?.includes(objectId) !== true) throw notFound(objectId);
        group[property] = group[property].filter((other) => other !== objectId);
        return empty();
      },
    },
  ];
}

/** No person here has a manager: Graph answers as for an object that does not exist. */
const manager: Route = {
  method: "GET",
  pattern: "users/{user}/manager",
  allowedBy: [...users.readers],
  handle: (context) => {
    requireItem(users, context);
    throw notFound("manager");
  },
};

/** People and groups: what programs that manage apps create and read of them. */
export const peopleRoutes: readonly Route[] = [
  ...entityRoutes(users),
  ...entityRoutes(groups),
  ...memberships,
  manager,
];
