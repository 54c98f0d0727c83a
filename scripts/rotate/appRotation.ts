import { nextRotationAt } from "../../core/secrets/rotation";
import type { StackOutputs } from "../../core/outputs/stackOutputs";
import { publishedNow, type AppRecord } from "./appRecord";
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

/** Undefined for an app that signs in without a client secret. */
function nextRotation(
  { outputs: app }: AppRecord,
  current: CredentialView | null,
  { rotation }: StackOutputs,
): Date | undefined {
  if (current === null || app.signIn !== "secret") return undefined;
  const endsAt = current.endsAt === null ? undefined : new Date(current.endsAt);
  return nextRotationAt(new Date(current.startsAt), rotation, endsAt);
}

/** The published secret where the vault shows it, else the one of the outputs; null where there is none. */
function credentialView(record: AppRecord): CredentialView | null {
  const { credential } = record.outputs;
  if (credential === undefined) return null;
  const current = publishedNow(record);
  if (current !== undefined && current.sequence >= credential.sequence) {
    const { sequence, keyId, cause, startsAt, endsAt } = current;
    return {
      sequence,
      keyId,
      cause,
      startsAt: startsAt.toISOString(),
      endsAt: endsAt?.toISOString() ?? null,
      published: true,
    };
  }
  const { sequence, keyId, cause, startsAt, endsAt } = credential;
  return { sequence, keyId, cause, startsAt, endsAt, published: record.current.known ? false : null };
}

function liveCredentials(
  { directory }: AppRecord,
  removed: readonly { readonly keyId: string }[],
  now: Date,
): number | null {
  if (!directory.known) return null;
  const gone = new Set(removed.map(({ keyId }) => keyId));
  return (directory.value.application?.passwordCredentials ?? []).filter(
    ({ keyId, endDateTime }) =>
      !gone.has(keyId) && new Date(endDateTime ?? 8.64e15).getTime() > now.getTime(),
  ).length;
}
