import * as z from "zod";
import { credentialKindOf } from "./credentialKind";
import { connectorClientId, requestName, type LogicAppRequest } from "../agent/logicAppRequest";
import type { ErrorCode } from "../errorCodes";
import type { Fault } from "../errors";
import { defaultGraphRequest, isGraphPath } from "../permissions/graphRequest";
import { isIpv4Range } from "../vault/ipv4Range";
import {
  configKey,
  faultAt,
  plainText,
  removeCommand,
  repeatedFaults,
  setCommand,
  type Path,
} from "./settingsFaults";

/**
 * Authorization policies that one Logic App takes.
 *
 * @see https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#authentication-limits (read 2026-11)
 */
const maximumPolicies = 5;

/** An app's key is part of the name of its Logic App, for which Azure allows 80 characters. */
const longestName = 80 - "copilot-token-".length;

/** `apps.<key>.logicApp`: a Logic App that asks Microsoft Graph as the app's managed identity. */
export const logicAppSchema = z.strictObject({
  callers: z
    .array(z.guid("A client ID is a GUID, such as 11111111-2222-4333-8444-555555555555."))
    .min(1, "At least one caller is needed.")
    .describe(
      `Client IDs of the applications that may call the Logic App. \`${connectorClientId}\` is Microsoft's connector "HTTP with Microsoft Entra ID (preauthorized)".`,
    ),
  users: z
    .array(z.guid("An object ID is a GUID, such as 11111111-2222-4333-8444-555555555555."))
    .default([])
    .describe(
      "Object IDs of the users whose connection may call. Required for Microsoft's connector, whose client ID is the same in every tenant.",
    ),
  allowedIpRanges: z
    .array(z.string().refine(isIpv4Range, "An IPv4 address or a range such as 203.0.113.0/24 is expected."))
    .default([])
    .describe("IPv4 addresses and ranges that calls may come from. Default: all networks."),
  requests: z
    .record(
      z
        .string()
        .regex(requestName, "A request's name has lower-case letters, digits and hyphens, a letter first."),
      z.strictObject({
        path: z
          .string()
          .refine(isGraphPath, "A path of Microsoft Graph is expected, such as /v1.0/users.")
          .describe("Path of Microsoft Graph that is read, with its version."),
        field: z
          .string()
          .regex(/^[a-z][a-z0-9]*$/i, "The name of one property of what comes back is expected.")
          .describe("The one property of each returned object that the caller gets."),
      }),
    )
    .refine((requests) => Object.keys(requests).length > 0, "At least one request is needed.")
    .optional()
    .describe(
      "The reads that the Logic App performs, by the name that callers use. Default: one read that the permissions allow.",
    ),
});

export type LogicAppSettings = z.output<typeof logicAppSchema>;

/** Name of the registration that callers get tokens for. */
export function logicAppDisplayName(app: string): string {
  return `${app} (Logic App)`;
}

/** The requests in their names' order: those that were set, else one read that needs no identifier. */
export function logicAppRequests(
  settings: Pick<LogicAppSettings, "requests">,
  permissions: readonly string[],
): LogicAppRequest[] {
  const fallback = defaultGraphRequest(permissions);
  const requests = settings.requests ?? (fallback === undefined ? {} : { default: fallback });
  return Object.entries(requests)
    .map(([name, { path, field }]) => ({ name, path, field }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** An app's `logicApp` as given, with what its faults are named by. */
interface GivenLogicApp {
  /** The app's key. */
  readonly name: string;
  readonly app: Readonly<Record<string, unknown>>;
  readonly requests: unknown;
  /** Client IDs of `callers` and object IDs of `users`, in lower case. */
  readonly callers: readonly string[];
  readonly users: readonly string[];
  readonly path: Path;
  /** All settings. */
  readonly given: unknown;
  readonly fault: (code: ErrorCode, at: Path, reason: string, repair: string) => Fault;
}

/**
 * Faults of an app's `logicApp` that its shape does not show. Judged on what was given, so that they show beside all
 * others.
 *
 * @param app What stands at `apps.<name>`.
 */
export function logicAppFaults(
  name: string,
  app: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>>,
): Fault[] {
  const { logicApp } = app;
  if (typeof logicApp !== "object" || logicApp === null) return [];
  const { callers, users, requests } = logicApp as Readonly<Record<string, unknown>>;
  const path: Path = ["apps", name, "logicApp"];
  const one: GivenLogicApp = {
    name,
    app,
    requests,
    callers: lowerTexts(callers),
    users: lowerTexts(users),
    path,
    given,
    fault: (code, at, reason, repair) => faultAt([...path, ...at], given, reason, repair, code),
  };
  return [
    ...identityMissing(one),
    ...connectorOfEverybody(one),
    ...usersWithoutConnector(one),
    ...nameTooLong(one),
    ...tooManyPolicies(one),
    ...namedTwice(one),
    ...nothingToAsk(one),
  ];
}

function identityMissing({ name, app, fault }: GivenLogicApp): Fault[] {
  const credential = credentialKindOf(app["credential"]);
  if (credential === undefined || credential === "managedIdentity") return [];
  return [
    fault(
      "LOGIC_APP_NEEDS_IDENTITY",
      [],
      "A Logic App signs in as a managed identity, and this app has none.",
      setCommand(["apps", name, "credential"], "managedIdentity"),
    ),
  ];
}

function connectorOfEverybody({ callers, users, path, fault }: GivenLogicApp): Fault[] {
  const index = callers.indexOf(connectorClientId);
  if (index < 0 || users.length > 0) return [];
  return [
    fault(
      "LOGIC_APP_CALLER_SHARED",
      ["callers", index],
      "Every user of the tenant can sign in a connection with this client ID, so all of them could call the Logic App.",
      setCommand([...path, "users", 0], "<object ID of the connection's user>"),
    ),
  ];
}

function usersWithoutConnector({ callers, users, path, fault }: GivenLogicApp): Fault[] {
  if (users.length === 0 || callers.includes(connectorClientId)) return [];
  return [
    fault(
      "LOGIC_APP_USERS_IDLE",
      ["users"],
      "Users call with the connector's client ID, and it is not among the callers.",
      setCommand([...path, "callers", callers.length], connectorClientId),
    ),
  ];
}

function nameTooLong({ name, fault }: GivenLogicApp): Fault[] {
  if (name.length <= longestName) return [];
  return [
    fault(
      "LOGIC_APP_NAME_TOO_LONG",
      [],
      `The app's key is part of the Logic App's name, which leaves it ${longestName} characters; it has ${name.length}.`,
      `Rename it: ${removeCommand(["apps", name])}`,
    ),
  ];
}

function tooManyPolicies({ callers, users, fault }: GivenLogicApp): Fault[] {
  const policies = new Set(callers).size + Math.max(new Set(users).size - 1, 0);
  if (policies <= maximumPolicies) return [];
  return [
    fault(
      "LOGIC_APP_TOO_MANY_CALLERS",
      ["callers"],
      `A Logic App takes ${maximumPolicies} authorization policies, one for each user of the connector and for each other caller; these are ${policies}.`,
      "Name fewer users or callers.",
    ),
  ];
}

function namedTwice({ callers, users, path, given }: GivenLogicApp): Fault[] {
  const lists = [["callers", callers] as const, ["users", users] as const];
  return lists.flatMap(([key, ids]) =>
    repeatedFaults([...path, key], ids, given, plainText, (first) => `The same as ${key}[${first}].`),
  );
}

function nothingToAsk({ name, app, requests, fault }: GivenLogicApp): Fault[] {
  if (requests !== undefined || defaultGraphRequest(texts(app["permissions"])) !== undefined) return [];
  return [
    fault(
      "LOGIC_APP_NO_REQUEST",
      ["requests"],
      "No read without further identifiers is known for the app's permissions.",
      `Put requests: { <name>: { path: /v1.0/<what the permissions allow>, field: <property> } } into ${configKey(["apps", name, "logicApp"])}.`,
    ),
  ];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function lowerTexts(value: unknown): string[] {
  return texts(value).map((text) => text.toLowerCase());
}
