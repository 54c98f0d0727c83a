import * as z from "zod";
import { tokenServiceRegions } from "../cloud/clouds";
import { isLoopback } from "../access/redirectUris";
import type { Fault } from "../errors";
import { credentialKindOf, credentialNouns, isPublishedKind } from "./credentialKind";
import { faultAt, plainText, removeCommand, repeatedFaults, setCommand, type Path } from "./settingsFaults";
import { asMap } from "../asMap";

const objectId = z.guid("An object ID is a GUID, such as 11111111-2222-4333-8444-555555555555.");

const redirectUri = z.string().superRefine((uri, context) => {
  const message = redirectFault(uri);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

/** @see https://learn.microsoft.com/entra/identity-platform/reply-url (read 2026-11) */
function redirectFault(uri: string): string | undefined {
  if (uri.length > 256) return "A redirect URI has at most 256 characters.";
  if (!URL.canParse(uri) || /[\s#*<>{}]/.test(uri)) {
    return "A redirect URI is an absolute address, without blanks, brackets, fragment or wildcard.";
  }
  if (new URL(uri).username !== "") return "A redirect URI holds no user name.";
  if (isLoopback(uri)) return undefined;
  if (!uri.startsWith("https://")) return "A redirect URI begins with https, or with http on localhost.";
  // azuread refuses it, after the first resources are made.
  return /^https:\/\/[^/?]+\/./.test(`${uri}.`)
    ? undefined
    : "A redirect URI without a path ends with a slash, such as https://contoso.example/.";
}

/** What an app that acts as its signed-in user may have beside its permissions. */
export const userSignInSchema = z.strictObject({
  regions: z
    .array(z.enum(tokenServiceRegions, `One of ${tokenServiceRegions.join(", ")}.`))
    .min(1, "At least one region.")
    .optional()
    .describe(
      "Regions of the Bot Framework's token service whose redirect URIs the app registration gets. Copilot Studio shows which one it uses. Default: `global` and `europe`; in another [cloud](clouds.md) the one that it has.",
    ),
  redirectUris: z
    .array(redirectUri)
    .default([])
    .describe(
      "Further redirect URIs of the kind Web, such as that of a custom connector. `http://localhost` lets `npm run verify -- --sign-in` sign a user in on this machine, as it lets any other program there; remove it afterwards.",
    ),
  users: z
    .array(objectId)
    .default([])
    .describe("Object IDs of the users for whom consent is given. Default: all users."),
  assignedTo: z
    .array(objectId)
    .default([])
    .describe(
      "Object IDs of the users and groups that may sign in to the app; all others are blocked. Default: every user.",
    ),
  teamsAppId: z
    .guid("A Teams app ID is a GUID: Channels, Microsoft Teams, Edit details in Copilot Studio.")
    .optional()
    .describe(
      "ID of the agent's app in Teams. The app registration exposes a scope for single sign-on, which the Teams clients may use.",
    ),
});

/** What Copilot Studio's page shows once the client ID is saved there. */
export const agentSignInSchema = z.strictObject({
  issuer: z
    .string()
    .superRefine((issuer, context) => {
      if (!/^https:\/\/[^\s?#@*<>{}"']+$/.test(issuer) || !URL.canParse(issuer) || issuer.length > 600) {
        context.addIssue({
          code: "custom",
          message:
            "An issuer is an https address: copy the field Federated credential issuer of Copilot Studio.",
        });
      }
    })
    .describe("The field Federated credential issuer."),
  subject: z
    .string()
    .superRefine((subject, context) => {
      if (!/^[^\s*<>{}"']{1,600}$/.test(subject) || /^https?:/i.test(subject)) {
        context.addIssue({
          code: "custom",
          message:
            "A subject is a text without blanks, quotes and brackets, and no address: copy the field Federated credential value of Copilot Studio.",
        });
      }
    })
    .describe("The field Federated credential value. Case matters."),
});

/** What Power Apps tells of a custom connector once it is imported. `npm run copilot -- --connect` reads it. */
export const connectorSignInSchema = agentSignInSchema.extend({
  issuer: agentSignInSchema.shape.issuer.describe("Issuer of the connector's managed identity."),
  subject: agentSignInSchema.shape.subject.describe(
    "Subject of the connector's managed identity. Case matters.",
  ),
  redirectUri: redirectUri.describe("The connector's redirect URI."),
});

/** Settings by which an agent or a connector signs in as the app, instead of a client secret. */
const credentialSettings = ["agentSignIn", "connectorSignIn"] as const;

type Given = Readonly<Record<string, unknown>>;

/** Faults between delegated permissions and everything else of an app. */
export function delegatedFaults(given: Given): Fault[] {
  const apps = asMap(given["apps"]);
  return Object.entries(apps).flatMap(([name, value]) => {
    const app = asMap(value);
    return app["delegated"] === undefined
      ? withoutDelegated(name, app, given)
      : withDelegated(name, app, given, Object.keys(apps));
  });
}

function withoutDelegated(name: string, app: Given, given: Given): Fault[] {
  return [...credentialSettings, "userSignIn"].flatMap((key) =>
    app[key] === undefined
      ? []
      : [
          faultAt(
            ["apps", name, key],
            given,
            "Only an app with delegated permissions signs users in.",
            removeCommand(["apps", name, key]),
          ),
        ],
  );
}

function withDelegated(name: string, app: Given, given: Given, names: readonly string[]): Fault[] {
  const path = (...rest: (string | number)[]): Path => ["apps", name, ...rest];
  const unless = (isFine: boolean, key: string, reason: string, repair: string): Fault[] =>
    isFine ? [] : [faultAt(path(key), given, reason, repair)];
  const credential = credentialKindOf(app["credential"]);
  const federated = credentialSettings.find((key) => app[key] !== undefined);
  const idle = credential !== undefined && isPublishedKind(credential) ? credential : undefined;
  const signIn = asMap(app["userSignIn"]);
  return [
    ...unless(
      app["permissions"] === undefined,
      "delegated",
      "An app acts either as itself (permissions) or as its signed-in user (delegated). In one registration, everyone who can sign in as the app would hold the application permissions too.",
      apart(name, app["delegated"], names),
    ),
    ...unless(
      app["apis"] === undefined,
      "apis",
      "These are application permissions, and an app with delegated permissions acts as its signed-in user. Ask for them in an app of its own.",
      removeCommand(path("apis")),
    ),
    ...unless(
      credential !== "managedIdentity",
      "credential",
      "A managed identity has no sign-in for users: delegated permissions need an app registration.",
      setCommand(path("credential"), "federated"),
    ),
    ...unless(
      federated === undefined || idle === undefined,
      "credential",
      `${federated ?? ""} takes the place of a ${credentialNouns[idle ?? "secret"]}; an app with both would have one that nothing uses.`,
      setCommand(path("credential"), "federated"),
    ),
    ...repeatedNames(path("delegated"), app["delegated"], given),
    ...["users", "assignedTo"].flatMap((key) => repeatedNames(path("userSignIn", key), signIn[key], given)),
  ];
}

/** The command that moves the delegated permissions to an app of their own. */
function apart(name: string, delegated: unknown, names: readonly string[]): string {
  const candidates = [`${name}User`, ...Array.from({ length: 9 }, (_, index) => `${name}User${index + 2}`)];
  const other = candidates.find((candidate) => !names.includes(candidate)) ?? `${name}User`;
  const texts = Array.isArray(delegated) ? delegated.filter((item) => typeof item === "string") : [];
  return [
    ...texts.map((text, index) => setCommand(["apps", other, "delegated", index], text)),
    removeCommand(["apps", name, "delegated"]),
  ].join(" && ");
}

function repeatedNames(path: Path, list: unknown, given: Given): Fault[] {
  return repeatedFaults(
    path,
    list,
    given,
    plainText,
    (first) => `The same as ${String(path.at(-1))}[${first}].`,
  );
}
