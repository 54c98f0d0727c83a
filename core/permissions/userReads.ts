import type { GraphRequest } from "./graphRequest";

/** A read of the signed-in user's own data that needs no identifier. */
export interface UserRead {
  /** What the user gets, as part of a sentence: "your files". */
  readonly what: string;
  /** Delegated permissions, each of which is enough for it. */
  readonly permissions: readonly string[];
  /** Below `/v1.0`, without a query. */
  readonly path: string;
  /** Property of what comes back that is worth showing. */
  readonly field: string;
  /** Whether the answer is a list. */
  readonly isList: boolean;
}

function own(path: string, what: string, field: string, permissions: readonly string[]): UserRead {
  return { what, permissions, path, field, isList: path !== "/me" };
}

function readAndWrite(name: string): string[] {
  return [`${name}.Read`, `${name}.ReadWrite`];
}

/**
 * Reads by delegated permission. Each changes nothing, takes `$select` and, where it lists, `$top`.
 *
 * @see https://learn.microsoft.com/graph/permissions-reference and each method's page (read 2026-11)
 */
export const userReads: readonly UserRead[] = [
  own("/me", "your profile", "displayName", [...readAndWrite("User"), "User.Read.All", "User.ReadWrite.All"]),
  own("/me/drive/root/children", "your files", "name", [
    ...readAndWrite("Files"),
    "Files.Read.All",
    "Files.ReadWrite.All",
    "Sites.Read.All",
    "Sites.ReadWrite.All",
  ]),
  own("/me/messages", "your mail", "subject", [...readAndWrite("Mail"), "Mail.ReadBasic"]),
  own("/me/events", "your calendar", "subject", readAndWrite("Calendars")),
  own("/me/contacts", "your contacts", "displayName", readAndWrite("Contacts")),
  own("/me/todo/lists", "your task lists", "displayName", readAndWrite("Tasks")),
  own("/me/onenote/notebooks", "your notebooks", "displayName", readAndWrite("Notes")),
  own("/users", "people", "displayName", ["User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All"]),
  own("/groups", "groups", "displayName", ["Group.Read.All", "Group.ReadWrite.All", "GroupMember.Read.All"]),
];

/** The reads that some delegated permissions allow, in the table's order. */
export function userReadsFor(permissions: readonly string[]): UserRead[] {
  return userReads.filter(({ permissions: enough }) => enough.some((name) => permissions.includes(name)));
}

/** A read as a topic or a connector sends it: one property of few objects, so that the answer fits a message. */
export function userRequest({ path, field, isList }: UserRead): GraphRequest {
  return { path: `/v1.0${path}?${isList ? "$top=5&" : ""}$select=${field}`, field };
}
