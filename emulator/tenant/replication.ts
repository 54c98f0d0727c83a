import type { FaultPlan } from "../server/faults";

/**
 * The bookkeeping behind replication lag: what was made when, and how often each replica was asked for it.
 * Every choice of a replica comes from the plan's seed, so a sequence of requests meets the same replicas again.
 */
export class Replication {
  readonly #newObjects = new Map<string, { readonly createdAt: number; readonly readsByReplica: number[] }>();
  #random: (() => number) | undefined;

  /** Remembers a directory object's birth. */
  created(objectId: string, now: Date): void {
    this.#newObjects.set(objectId, { createdAt: now.getTime(), readsByReplica: [] });
  }

  /**
   * Whether the replica that this request meets knows the object. Counts as one read.
   *
   * With `seconds`, replica k of n learns of it after k/n of the time, the last one after all of it; with `reads`,
   * each replica answers so many reads with 404 first.
   */
  isVisible(objectId: string, now: Date, faults: FaultPlan): boolean {
    const lag = faults.graphLag;
    const born = this.#newObjects.get(objectId);
    if (lag === undefined || born === undefined) return true;
    const replicas = lag.replicas ?? 1;
    const replica = this.pick(replicas, faults);
    const age = now.getTime() - born.createdAt;
    if (age < ((lag.seconds ?? 0) * 1000 * (replica + 1)) / replicas) return false;
    const earlierReads = born.readsByReplica[replica] ?? 0;
    born.readsByReplica[replica] = earlierReads + 1;
    return earlierReads >= (lag.reads ?? 0);
  }

  /** A number from 0 to `count` - 1, reproducible from the plan's seed. */
  pick(count: number, faults: FaultPlan): number {
    this.#random ??= mulberry32(faults.seed ?? 1);
    return Math.floor(this.#random() * count);
  }
}

/** A small seeded generator: the same seed gives the same numbers on every machine. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
