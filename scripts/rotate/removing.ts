import { signingCredential, type StackOutputs } from "../../core/outputs/stackOutputs";
import type { World } from "../shared/world";
import { publishedNow, type AppRecord } from "./appRecord";
import { planRemovals, type RemovalPlan } from "./removals";
import { removeCredentials, type RemovalResult } from "./removeCredentials";
import type { RotateFailure } from "./report";

/** What became of one app's credentials that had to go. */
export interface RemovedOfApp {
  readonly plan: RemovalPlan;
  readonly results: readonly RemovalResult[];
  readonly refusals: readonly RotateFailure[];
}

export interface RemovalRequest {
  readonly world: World;
  readonly outputs: StackOutputs;
  /** Name of the stack, for commands. */
  readonly stack: string;
  readonly records: readonly AppRecord[];
  readonly leakedNow: boolean;
  /** Of each record: whether to plan as if its leaked secret had its successor already. */
  readonly leaving: readonly boolean[];
}

/** The removals of a whole stack, planned and not yet begun. */
export interface Removing {
  readonly isEmpty: boolean;
  nothing(): RemovedOfApp[];
  /** @param dryRun Reports every removal as done, and does none. */
  carryOut(dryRun: boolean): Promise<RemovedOfApp[]>;
}

/** Plans what goes, app by app, on what vault and directory show. */
export function planRemoving({
  world,
  outputs,
  stack,
  records,
  leakedNow,
  leaving,
}: RemovalRequest): Removing {
  const planned = records.map((record, index) => {
    const { stackId, rotation } = outputs;
    const question = { stack, stackId, rotation, leakedNow, now: world.now() };
    const evidence = leaving[index] === true ? afterLeak(record, world.now()) : record;
    return { record, plan: planRemovals({ ...question, record: evidence }) };
  });
  return {
    isEmpty: planned.every(({ plan }) => plan.removals.length === 0 && plan.left.length === 0),
    nothing: () => planned.map(({ plan }) => ({ plan, results: [], refusals: [] })),
    carryOut: async (dryRun) => {
      const removed: RemovedOfApp[] = [];
      for (const { record, plan } of planned) {
        const results = dryRun
          ? plan.removals.map((removal) => ({ removal, refusal: undefined }))
          : await removeCredentials(world, outputs.tenantId, record.outputs, plan.removals);
        removed.push({ plan, results, refusals: refusalsOf(record.name, results) });
      }
      return removed;
    },
  };
}

function refusalsOf(app: string, results: readonly RemovalResult[]): RotateFailure[] {
  return results.flatMap(({ removal, refusal }) =>
    refusal === undefined
      ? []
      : [{ subject: app, message: `${removal.kind} ${removal.keyId} could not be removed: ${refusal}` }],
  );
}

/** The record as it would be once the leaked secret has its successor, whose key ID is not known yet. */
function afterLeak(record: AppRecord, now: Date): AppRecord {
  const kind = signingCredential(record.outputs)?.kind ?? "secret";
  const current = publishedNow(record, kind);
  if (current === undefined) return record;
  const successor = {
    ...current,
    keyId: "",
    sequence: current.sequence + 1,
    cause: "leaked" as const,
    publishedAt: now,
  };
  const of = { ...record.published[kind], current: { known: true as const, value: successor } };
  return { ...record, published: { ...record.published, [kind]: of } };
}
