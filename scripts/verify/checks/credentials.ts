import { isForbidden } from "../../../azure/serviceRefusal";
import { federatedDeletion } from "../../../core/azureCli";
import { commandFix, ownCommand, personFix, refreshCommand, waitFix, type Fix } from "../../../core/fix";
import { shellFlag } from "../../../core/sinks";
import { orphanAgeMilliseconds } from "../../../core/secrets/removableCredentials";
import { isNamedOurs, readCredentialName } from "../../../core/secrets/credentialName";
import type { AppEvidence, StackEvidence } from "../evidence";
import type { CredentialSpan, Finding } from "../report";
import {
  allPublished,
  publishedOf,
  signingCredential,
  type AppOutputs,
} from "../../../core/outputs/stackOutputs";
import {
  credentialNouns,
  publishedKinds,
  type CredentialNoun,
  type PublishedKind,
} from "../../../core/settings/credentialKind";
import type { DirectoryApp, KeyedCredential } from "../../../azure/directory";
import { counted, isoSeconds, notSeen } from "./explain";
import { directoryRight } from "./grants";

/** `credentials`: what can sign in as the app is the published client secret or certificate, its predecessors, and who is trusted. */
export function checkCredentials(app: AppEvidence, stack: StackEvidence): Finding {
  if (!app.directory.known) return notSeen("the app's credentials", app.directory.error, directoryRight);
  const { federated: trusted } = app.outputs;
  const published = allPublished(app.outputs);
  const { credential } = signingCredential(app.outputs) ?? published[0] ?? {};
  const { stackId } = stack.outputs;
  const spans = credentialSpans(app, stack);
  const live = spans.filter(({ endsAt }) => endsAt === null || Date.parse(endsAt) > stack.now.getTime());
  const marked = live.filter(
    (span) => span.kind === "unknown" && isNamedOurs(readCredentialName(app.name, span.displayName), stackId),
  );
  const strangers = app.directory.value.federated.filter(
    (one) => !trusted.some((wanted) => sameTrust(one, wanted)),
  );
  const intruders = [
    ...live
      .filter((span) => span.kind === "unknown" && !marked.includes(span))
      .map((span) => describe(span.what, span)),
    ...otherCredentials(app.directory.value),
    ...strangers.map(
      ({ id, name, issuer, subject }) => `federated credential ${name} (${id}): ${issuer}, ${subject}`,
    ),
  ];
  const evidence = {
    published: credential?.keyId ?? null,
    sequence: credential?.sequence ?? null,
    live: live.map((span) => describe(span.kind, span)),
    expired: spans.length - live.length,
    trusted: trusted.map(({ issuer, subject }) => `${subject} of ${issuer}`),
  };
  const lost = published.find((one) => !live.some(({ keyId }) => keyId === one.credential.keyId));
  if (lost !== undefined) {
    return {
      status: "fail",
      summary: `the published credential ${lost.credential.keyId} is not among the app's live ones`,
      evidence,
      fixes: [
        commandFix(
          "credentials.unpublished",
          "Publish a new one",
          ownCommand("rotate", stack.stackName, shellFlag("app", app.name), "--now"),
        ),
      ],
    };
  }
  if (intruders.length > 0) {
    return {
      status: "fail",
      summary: `not this stack's: ${intruders.join("; ")}`,
      evidence,
      fixes: intruderFixes(app, stack, intruders.length > strangers.length, strangers),
    };
  }
  const missing = untrusted(app.directory.value, trusted);
  if (missing.length > 0) {
    return {
      status: "fail",
      summary: `no longer trusted: ${missing.join("; ")}`,
      evidence,
      fixes: [
        commandFix("credentials.no-trust", "It was removed or changed", refreshCommand(stack.stackName)),
      ],
    };
  }
  const marks = marked.map((span) => describe(span.what, span)).join("; ");
  if (marked.length > 0 && app.recorded?.known === false) {
    return {
      status: isForbidden(app.recorded.error) ? "warn" : "fail",
      summary: `named as this stack's, and the vault's record, which would tell, could not be read: ${marks}`,
      evidence,
      fixes: [personFix("see.more", `${app.recorded.error.message.split("\n")[0] ?? ""} ${recordRight}`)],
    };
  }
  if (marked.length > 0) {
    return {
      status: "warn",
      summary: `left over from an interrupted run, never published: ${marks}`,
      evidence,
      fixes: [orphanFix(marked, stack)],
    };
  }
  return { status: "pass", summary: expected(app, live), evidence };
}

const recordRight =
  "To have this checked, let the caller list the secret's versions: Key Vault Secrets User at the vault, which vault.readers gives.";

/** Federated credentials first: a new client secret does not stop sign-ins with one. */
function intruderFixes(
  { name, outputs: { applicationObjectId } }: AppEvidence,
  { stackName }: StackEvidence,
  hasOthers: boolean,
  strangers: readonly { readonly id: string }[],
): Fix[] {
  const ifUnknown = "If you do not recognize it, treat it as a compromise";
  return [
    ...(strangers.length === 0
      ? []
      : [
          commandFix(
            "credentials.unexpected-trust",
            `${ifUnknown} and remove the federated credential`,
            ...strangers.map(({ id }) => federatedDeletion(applicationObjectId ?? "", id)),
          ),
        ]),
    ...(hasOthers
      ? [
          commandFix(
            "credentials.unexpected",
            `${ifUnknown}: make a new client secret, and remove every other one and every certificate`,
            ownCommand("rotate", stackName, shellFlag("app", name), "--leaked"),
          ),
        ]
      : []),
  ];
}

/** `rotate` leaves a secret that a run may be about to publish. */
function orphanFix(orphans: readonly CredentialSpan[], { now, stackName }: StackEvidence): Fix {
  const newest = Math.max(...orphans.map(({ startsAt }) => Date.parse(startsAt ?? "") || 0));
  const removableAt = new Date(newest + orphanAgeMilliseconds);
  return now <= removableAt
    ? waitFix(
        "credentials.orphaned-young",
        `A run may be about to publish it. If it is still there after ${isoSeconds(removableAt)}, npm run rotate removes it.`,
      )
    : commandFix(
        "credentials.orphaned",
        "It was never published, so nothing can be using it",
        ownCommand("rotate", stackName),
      );
}

/** What is there, in one line, where all of it is as it should be. */
function expected({ outputs }: AppEvidence, live: readonly CredentialSpan[]): string {
  const { signIn, federated } = outputs;
  const trust =
    federated.length === 0 ? [] : [`${counted(federated.length, "federated credential")}, as configured`];
  if (signIn === "managedIdentity") return [`no secret can sign in as it`, ...trust].join("; ");
  const kinds = publishedKinds.flatMap((kind) => ofKind(outputs, kind, live) ?? []);
  if (kinds.length === 0) return [...trust, "no client secret"].join("; ");
  const isPublished = allPublished(outputs).length > 0;
  return [...(isPublished ? kinds : trust), ...(isPublished ? trust : kinds)].join("; ");
}

/** @returns undefined where the app has none of the kind. */
function ofKind(
  outputs: AppOutputs,
  kind: PublishedKind,
  live: readonly CredentialSpan[],
): string | undefined {
  const noun = credentialNouns[kind];
  const count = live.filter(({ what }) => what === noun).length;
  if (publishedOf(outputs, kind) === undefined)
    return count === 0 ? undefined : `${counted(count, noun)} that npm run rotate removes`;
  return count === 1
    ? `one live ${noun}, the published one`
    : `the published ${noun} and ${counted(count - 1, "earlier one")}, kept for consumers that cache`;
}

type Trusted = NonNullable<AppOutputs["federated"]>;

/** Everything beside the application's own credentials that signs in as the app, and that the stack does not tell of. */
function otherCredentials({ application, servicePrincipal }: DirectoryApp): string[] {
  return [
    ...servicePrincipal.passwordCredentials.map((one) =>
      describe("service principal's client secret", spanOf(one, "client secret")),
    ),
    // Azure itself renews a managed identity's certificate.
    ...(application === undefined ? [] : servicePrincipal.keyCredentials).map((one) =>
      describe("service principal's certificate", spanOf(one, "certificate")),
    ),
  ];
}

/** A managed identity's trust is Azure Resource Manager's, and not among what the directory shows. */
function untrusted({ application, federated }: DirectoryApp, trusted: Trusted): string[] {
  if (application === undefined) return [];
  return trusted
    .filter((wanted) => !federated.some((one) => sameTrust(one, wanted)))
    .map(({ issuer, subject }) => `${subject} of ${issuer}`);
}

function sameTrust(
  one: { readonly issuer: string; readonly subject: string },
  other: { readonly issuer: string; readonly subject: string },
): boolean {
  return one.issuer === other.issuer && one.subject === other.subject;
}

/**
 * The app's client secrets and certificates on a timeline, oldest first; only the published ones when the directory cannot be
 * read. The vault's record says what was published before. A display name is no evidence, since anyone can write it.
 */
export function credentialSpans(app: AppEvidence, stack: StackEvidence): CredentialSpan[] {
  return publishedKinds
    .flatMap((kind) => spansOfKind(app, kind, stack))
    .sort((one, other) => (one.startsAt ?? "").localeCompare(other.startsAt ?? ""));
}

const lists = { secret: "passwordCredentials", certificate: "keyCredentials" } as const;

function spansOfKind(
  app: AppEvidence,
  kind: PublishedKind,
  { outputs: { stackId } }: StackEvidence,
): CredentialSpan[] {
  const published = publishedOf(app.outputs, kind)?.credential;
  const what = credentialNouns[kind];
  if (!app.directory.known) {
    if (published === undefined) return [];
    const { keyId, startsAt, endsAt } = published;
    return [{ what, keyId, displayName: null, startsAt, endsAt, kind: "published" }];
  }
  return (app.directory.value.application?.[lists[kind]] ?? []).map((credential): CredentialSpan => {
    if (credential.keyId === published?.keyId) return { ...spanOf(credential, what), kind: "published" };
    // With the vault secret its record is gone: all that the stack made is of the past.
    const isEarlier =
      published === undefined
        ? isNamedOurs(readCredentialName(app.name, credential.displayName ?? null), stackId)
        : app.recorded?.known === true && app.recorded.value.has(credential.keyId);
    return { ...spanOf(credential, what), kind: isEarlier ? "earlier" : "unknown" };
  });
}

function spanOf(
  { keyId, displayName, startDateTime, endDateTime }: KeyedCredential,
  what: CredentialNoun,
): CredentialSpan {
  return {
    what,
    keyId,
    displayName: displayName ?? null,
    startsAt: startDateTime ?? null,
    endsAt: endDateTime ?? null,
    kind: "unknown",
  };
}

function describe(what: string, { keyId, displayName, startsAt, endsAt }: CredentialSpan): string {
  const name = displayName === null ? "" : ` "${displayName}"`;
  return `${what} ${keyId}${name}, made ${startsAt ?? "?"}, ends ${endsAt ?? "never"}`;
}
