import { nextRotationAt } from "../../core/secrets/rotation";
import { signingCredential, type StackOutputs } from "../../core/outputs/stackOutputs";
import { credentialNouns } from "../../core/settings/credentialKind";
import { publishedNow, rotatedCredential, type AppRecord } from "./appRecord";
import type { RemovedOfApp } from "./removing";
import type { AppRotation, CredentialView } from "./report";
import { makesSecret, type AppPlan } from "./rotationPlan";

/** What the report says of one app. */
export function appRotation(of: {
  plan: AppPlan;
  record: AppRecord;
  later: AppRecord;
  gone: RemovedOfApp;
  outputs: StackOutputs;
  dryRun: boolean;
  now: Date;
}): AppRotation {
  const { plan, record, later, gone, outputs, dryRun, now } = of;
  const removed = gone.results.filter(({ refusal }) => refusal === undefined).map(({ removal }) => removal);
  const after = credentialView(later);
  const live = liveCredentials(later, removed, now);
  const toMake = dryRun && makesSecret(plan.occasion) ? 1 : 0;
  return {
    name: plan.name,
    clientId: record.outputs.clientId,
    occasion: plan.occasion ?? null,
    why: plan.why,
    before: credentialView(record),
    after,
    removed,
    left: gone.plan.left,
    liveCredentials: live === null ? null : live + toMake,
    nextRotationAt: nextRotation(later, after, outputs)?.toISOString() ?? null,
  };
}

/** Undefined for an app that signs in without a published credential. */
function nextRotation(
  { outputs: app }: AppRecord,
  current: CredentialView | null,
  { rotation }: StackOutputs,
): Date | undefined {
  if (current === null || signingCredential(app) === undefined) return undefined;
  const endsAt = current.endsAt === null ? undefined : new Date(current.endsAt);
  return nextRotationAt(new Date(current.startsAt), rotation, endsAt);
}

/** The published credential where the vault shows it, else the one of the outputs; null where there is none. */
function credentialView(record: AppRecord): CredentialView | null {
  const rotated = rotatedCredential(record.outputs);
  if (rotated === undefined) return null;
  const { kind, credential } = rotated;
  const current = publishedNow(record, kind);
  if (current !== undefined && current.sequence >= credential.sequence) {
    const { sequence, keyId, cause, startsAt, endsAt } = current;
    return {
      kind: credentialNouns[kind],
      sequence,
      keyId,
      cause,
      startsAt: startsAt.toISOString(),
      endsAt: endsAt?.toISOString() ?? null,
      published: true,
    };
  }
  const { sequence, keyId, cause, startsAt, endsAt } = credential;
  return {
    kind: credentialNouns[kind],
    sequence,
    keyId,
    cause,
    startsAt,
    endsAt,
    published: record.published[kind].current.known ? false : null,
  };
}

function liveCredentials(
  { directory, outputs }: AppRecord,
  removed: readonly { readonly keyId: string }[],
  now: Date,
): number | null {
  if (!directory.known) return null;
  const gone = new Set(removed.map(({ keyId }) => keyId));
  const list = rotatedCredential(outputs)?.kind === "certificate" ? "keyCredentials" : "passwordCredentials";
  return (directory.value.application?.[list] ?? []).filter(
    ({ keyId, endDateTime }) =>
      !gone.has(keyId) && new Date(endDateTime ?? 8.64e15).getTime() > now.getTime(),
  ).length;
}
