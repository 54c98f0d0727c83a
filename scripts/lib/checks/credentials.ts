import { readCredentialSequence } from "../../../infra/core/credentialName";
import type { AppEvidence, StackEvidence } from "../verify/evidence";
import type { CredentialSpan, Finding } from "../verify/report";
import type { KeyedCredential } from "../directoryApi";
import { counted, notSeen } from "./explain";
import { directoryRight } from "./grants";

/** `credentials`: the app has the published client secret, its predecessors, and nothing else. */
export function checkCredentials(app: AppEvidence, stack: StackEvidence): Finding {
  if (!app.directory.known) return notSeen("the app's credentials", app.directory.error, directoryRight);
  const { application, servicePrincipal, federated } = app.directory.value;
  const { keyId, sequence } = app.outputs.credential;
  const spans = credentialSpans(app);
  const live = spans.filter(({ endsAt }) => endsAt === null || Date.parse(endsAt) > stack.now.getTime());
  const orphans = live.filter(
    (span) => span.kind === "unknown" && readCredentialSequence(app.name, span.displayName) !== undefined,
  );
  const intruders = [
    ...live
      .filter((span) => span.kind === "unknown" && !orphans.includes(span))
      .map((span) => describe("client secret", span)),
    ...application.keyCredentials.map((one) => describe("certificate", spanOf(one))),
    ...federated.map(
      ({ id, name, issuer, subject }) => `federated credential ${name} (${id}): ${issuer}, ${subject}`,
    ),
    ...servicePrincipal.passwordCredentials.map((one) =>
      describe("service principal's client secret", spanOf(one)),
    ),
    ...servicePrincipal.keyCredentials.map((one) => describe("service principal's certificate", spanOf(one))),
  ];
  const evidence = {
    published: keyId,
    sequence,
    live: live.map((span) => describe(span.kind, span)),
    expired: spans.length - live.length,
  };
  if (!live.some((span) => span.kind === "published")) {
    return {
      status: "fail",
      summary: `the published credential ${keyId} is not among the app's live ones`,
      evidence,
      repair: `Publish a new one: npm run rotate -- --app ${app.name} --now`,
    };
  }
  if (intruders.length > 0) {
    return {
      status: "fail",
      summary: `not this stack's: ${intruders.join("; ")}`,
      evidence,
      repair:
        `If nobody answers for it, take it for a break-in: npm run rotate -- --app ${app.name} --leaked makes a new secret ` +
        "and removes every other client secret; certificates and federated credentials are removed in the portal.",
    };
  }
  if (orphans.length > 0) {
    return {
      status: "warn",
      summary: `left over from an interrupted run: ${orphans.map((span) => describe("client secret", span)).join("; ")}`,
      evidence,
      repair:
        "npm run rotate removes it once it is an hour old; outputs older than the last rotation look the same.",
    };
  }
  const earlier = live.length - 1;
  return {
    status: "pass",
    summary:
      earlier === 0
        ? "one live client secret, the published one"
        : `the published client secret and ${counted(earlier, "earlier one")}, kept for consumers that cache`,
    evidence,
  };
}

/** The app's client secrets on a timeline, oldest first; just the published one when the directory is closed. */
export function credentialSpans(app: AppEvidence): CredentialSpan[] {
  const { keyId, sequence, startsAt, endsAt } = app.outputs.credential;
  if (!app.directory.known) return [{ keyId, displayName: null, startsAt, endsAt, kind: "published" }];
  return app.directory.value.application.passwordCredentials
    .map((credential): CredentialSpan => {
      const ours = readCredentialSequence(app.name, credential.displayName ?? null);
      if (credential.keyId === keyId) return { ...spanOf(credential), kind: "published" };
      return { ...spanOf(credential), kind: ours !== undefined && ours < sequence ? "earlier" : "unknown" };
    })
    .sort((one, other) => (one.startsAt ?? "").localeCompare(other.startsAt ?? ""));
}

function spanOf({ keyId, displayName, startDateTime, endDateTime }: KeyedCredential): CredentialSpan {
  return {
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
