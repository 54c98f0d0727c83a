import { nextRotationAt } from "../../../infra/core/rotation";
import type { StackOutputs } from "../../../infra/core/stackOutputs";
import { publishedNow, type AppRecord } from "./appRecord";
import type { RemovedOfApp } from "./removeSpent";
import type { AppRotation, CredentialView } from "./report";
import type { AppPlan } from "./rotationPlan";

/** What the report says of one app. */
export function appRotation(of: {
  plan: AppPlan;
  record: AppRecord;
  later: AppRecord;
  gone: RemovedOfApp;
  outputs: StackOutputs;
  now: Date;
}): AppRotation {
  const { plan, record, later, gone, outputs, now } = of;
  const removed = gone.results.filter(({ refusal }) => refusal === undefined).map(({ removal }) => removal);
  const after = credentialView(later);
  const endsAt = after.endsAt === null ? undefined : new Date(after.endsAt);
  const next =
    outputs.rotation === undefined
      ? new Date(later.outputs.credential.nextRotationAt)
      : nextRotationAt(new Date(after.startsAt), outputs.rotation, endsAt);
  return {
    name: plan.name,
    clientId: record.outputs.clientId,
    occasion: plan.occasion ?? null,
    why: plan.why,
    before: credentialView(record),
    after,
    removed,
    left: gone.plan.left,
    liveCredentials: liveCredentials(later, removed, now),
    nextRotationAt: next.toISOString(),
  };
}

/** The published secret where the vault shows it, else the one of the outputs. */
function credentialView(record: AppRecord): CredentialView {
  const { credential } = record.outputs;
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
  return directory.value.application.passwordCredentials.filter(
    ({ keyId, endDateTime }) =>
      !gone.has(keyId) && new Date(endDateTime ?? 8.64e15).getTime() > now.getTime(),
  ).length;
}
