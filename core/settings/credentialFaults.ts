import { credentialKindOf } from "./credentialKind";
import type { Fault } from "../errors";
import { nearestNames } from "../permissions/nearestNames";
import {
  faultAt,
  removeCommand,
  repeatedFaults,
  repeats,
  setCommand,
  settingsNamespace,
  type Path,
} from "./settingsFaults";
import { asMap } from "../asMap";
import { signInOf, trustSchema, type Trust } from "../access/trust";

type Given = Readonly<Record<string, unknown>>;

/** @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations (read 2026-11) */
const noExchangeAmongIdentities =
  "Entra exchanges a managed identity's token for an app's, not for another managed identity's.";

/** Faults between an app's way to sign in, the identities of the stack, and who is trusted. */
export function credentialFaults(given: Given): Fault[] {
  return [
    ...identityNames(given),
    ...waysToSignIn(given),
    ...sharedIdentities(given),
    ...unknownIdentities(given),
    ...trustInIdentityFaults(given, noExchangeAmongIdentities, settingsNamespace),
    ...repeatedTrusts(given),
  ];
}

/** @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftmanagedidentity (read 2026-11) */
function identityNames(given: Given): Fault[] {
  return Object.keys(asMap(given["identities"]))
    .filter((name) => !/^[A-Za-z0-9][\w-]{2,99}$/.test(name))
    .map((name) =>
      faultAt(
        ["identities", name],
        given,
        "An identity's key is its name in Azure: 3 to 100 letters, digits, '-' and '_', a letter or digit first.",
        `Rename it: ${removeCommand(["identities", name])}`,
      ),
    );
}

/** What each way to sign in needs, and what has no meaning beside it. */
function waysToSignIn(given: Given): Fault[] {
  return appsOf(given).flatMap(({ name, app }) => {
    const path = (key: string): Path => ["apps", name, key];
    const idle = (key: string, reason: string): Fault[] =>
      app[key] === undefined ? [] : [faultAt(path(key), given, reason, removeCommand(path(key)))];
    const credential = credentialKindOf(app["credential"]);
    // What is meant will show once it is written right.
    if (credential === undefined) return [];
    const noCertificate =
      credential === "certificate"
        ? []
        : idle("certificate", "Only an app with credential: certificate has a certificate to make.");
    if (credential !== "managedIdentity") {
      return [
        ...noCertificate,
        ...idle("identity", "Only an app with credential: managedIdentity is an identity of the stack."),
        // An agent's credential is known only after the app is.
        ...(credential === "federated" &&
        app["delegated"] === undefined &&
        trustsOf(app["federated"]).length === 0
          ? [
              faultAt(
                path("federated"),
                given,
                "With credential: federated, this list must name at least one federated credential.",
                `${setCommand([...path("federated"), 0, "github"], "<owner/name>")}, and likewise federated[0].environment or .branch`,
              ),
            ]
          : []),
      ];
    }
    const [firstIdentity = "agent"] = Object.keys(asMap(given["identities"]));
    return [
      ...noCertificate,
      ...(app["identity"] === undefined
        ? [
            faultAt(
              path("identity"),
              given,
              "With credential: managedIdentity, this must be a key of copilot-token:identities.",
              setCommand(path("identity"), firstIdentity),
            ),
          ]
        : []),
      ...idle(
        "federated",
        "A managed identity has no app registration: trust belongs into its entry in copilot-token:identities.",
      ),
      ...idle("readers", "The app has no secret to read."),
      ...idle("adopt", "The app has no app registration to adopt."),
      ...idle("displayName", "A managed identity is shown under its key in copilot-token:identities."),
    ];
  });
}

/** A permission granted for one app would be the other's too. */
function sharedIdentities(given: Given): Fault[] {
  const users = appsOf(given).flatMap(({ name, app }) =>
    typeof app["identity"] === "string" ? [{ name, identity: app["identity"] }] : [],
  );
  return repeats(users, ({ identity }) => identity).map(({ item, first }) => {
    const path = ["apps", item.name, "identity"];
    const reason = `"${first.name}" already uses this identity, and each app would get the other's permissions.`;
    return faultAt(path, given, reason, removeCommand(path));
  });
}

function unknownIdentities(given: Given): Fault[] {
  const known = Object.keys(asMap(given["identities"]));
  const reason = `copilot-token:identities has no such key; it has: ${known.join(", ") || "none"}.`;
  const named = [
    ...appsOf(given)
      .filter(({ app }) => ["managedIdentity", undefined].includes(credentialKindOf(app["credential"])))
      .map(({ name, app }) => ({ path: ["apps", name, "identity"], identity: app["identity"] })),
    ...trustLists(given).flatMap(({ path, list }) =>
      list.map((trust, index) => ({
        path: [...path, index, "identity"],
        identity: asMap(trust)["identity"],
      })),
    ),
  ];
  return named.flatMap(({ path, identity }) =>
    typeof identity === "string" && !known.includes(identity)
      ? [faultAt(path, given, reason, repairOfName(path, identity, known))]
      : [],
  );
}

/** The key that was probably meant, else how to make one of this name. */
function repairOfName(path: Path, identity: string, known: readonly string[]): string {
  const [nearest] = nearestNames(identity, known, 1);
  return nearest === undefined
    ? `Put copilot-token:identities: { ${identity}: {} } into the stack file.`
    : setCommand(path, nearest);
}

/** Entra keeps one credential of one issuer and subject. */
function repeatedTrusts(given: Given): Fault[] {
  const keyOf = (entry: unknown): string | undefined => {
    const { data } = trustSchema.safeParse(entry);
    return data === undefined ? undefined : meaning(data);
  };
  return trustLists(given).flatMap(({ path, list }) =>
    repeatedFaults(path, list, given, keyOf, (first) => `The same as in [${first}].`),
  );
}

/** Equal for two trusts of one issuer and subject, in whatever form. */
function meaning(trust: Trust): string {
  if (trust.kind === "identity") return trust.identity;
  const { issuer, subject } = signInOf(trust);
  return `${issuer}\n${subject}`;
}

function trustLists(given: Given): { path: Path; list: readonly unknown[] }[] {
  return [
    ...appsOf(given).map(({ name, app }) => ({
      path: ["apps", name, "federated"],
      list: trustsOf(app["federated"]),
    })),
    ...Object.entries(asMap(given["identities"])).map(([name, identity]) => ({
      path: ["identities", name, "federated"],
      list: trustsOf(asMap(identity)["federated"]),
    })),
  ];
}

function appsOf(given: Given): { name: string; app: Given }[] {
  return Object.entries(asMap(given["apps"])).map(([name, app]) => ({ name, app: asMap(app) }));
}

function trustsOf(list: unknown): readonly unknown[] {
  return Array.isArray(list) ? list : [];
}

/**
 * A fault for each entry of `identities.*.federated` that trusts a managed identity: no identity there can.
 *
 * @param reason Why not.
 * @param namespace Of the project whose settings these are.
 */
export function trustInIdentityFaults(
  given: Readonly<Record<string, unknown>>,
  reason: string,
  namespace: string,
): Fault[] {
  return Object.entries(asMap(given["identities"])).flatMap(([name, identity]) => {
    const { federated } = asMap(identity);
    return (Array.isArray(federated) ? federated : []).flatMap((trust, index) => {
      if (asMap(trust)["identity"] === undefined) return [];
      const path = ["identities", name, "federated", index];
      return [faultAt(path, given, reason, removeCommand(path, namespace), undefined, namespace)];
    });
  });
}
