import type { FaultPlan } from "../../emulator/server/faults";
import type { RotationDays } from "../../core/secrets/rotation";
import { readersOf, type Consumer, type Outage } from "./consumers";
import { day, rotatedStack, type RotatedStack } from "./rotatedStack";

export interface TwelveRotationsOptions {
  /** Chooses how late each run is. */
  readonly seed: number;
  /** Default 12. */
  readonly rotations?: number;
  /** The mistakes that the simulation must notice. */
  readonly variant?: "publish unverified" | "remove at once";
}

export interface TwelveRotations {
  readonly requests: number;
  readonly outages: readonly Outage[];
  /** How many client secrets Entra accepted: the most at any time, and after each run that came `keepDays` late. */
  readonly mostLive: number;
  readonly liveAfterRuns: readonly number[];
  readonly sequence: number;
  /** Runs that did not end well, by their failures. */
  readonly failedRuns: readonly string[];
}

/** The month of the missed schedule is within the promise. */
const rotation: RotationDays = { everyDays: 60, keepDays: 60, graceDays: 31 };

/** A service's bad year: slow and flapping replicas, throttling everywhere, roles that arrive late. */
const faults: FaultPlan = {
  secretLag: { seconds: 60, flapping: true },
  rbacLagSeconds: 300,
  disturbances: [
    {
      service: "entra",
      path: "/token",
      every: 11,
      action: { kind: "status", status: 429, retryAfterSeconds: 1 },
    },
    { service: "graph", every: 7, action: { kind: "status", status: 429, retryAfterSeconds: 2 } },
    { service: "keyVault", every: 9, action: { kind: "status", status: 429, retryAfterSeconds: 1 } },
    { service: "arm", every: 8, action: { kind: "status", status: 429, retryAfterSeconds: 1 } },
  ],
};

/** Seconds between two calls of a consumer while something is going on, and for how long. */
const denseSeconds = 3;
const denseForSeconds = 120;

/**
 * Twelve rotations of one app in an emulated tenant, by the real `rotate` over a model of the program, while three
 * consumers ask for tokens: one reads the vault at each call, one keeps what it read for a day, one for `keepDays`.
 * Each run is late by 0 to `graceDays` days, one by a month; `everyDays` changes once; the clock of the
 * machine that rotates is once five minutes back. Consumers ask every day, and every few seconds around each run and during every wait of it.
 */
export async function twelveRotations({
  seed,
  rotations = 12,
  variant,
}: TwelveRotationsOptions): Promise<TwelveRotations> {
  let consumers: readonly Consumer[] = [];
  let askedAt = 0;
  const askAll = async (): Promise<void> => {
    askedAt = stack.clock.now().getTime();
    for (const consumer of consumers) await consumer.ask();
  };
  const askAgain = async (): Promise<void> => {
    if (stack.clock.now().getTime() - askedAt >= denseSeconds * 1000) await askAll();
  };
  let mostLive = 0;
  const rotated: RotatedStack = await rotatedStack({
    rotation,
    faults: { ...faults, seed },
    verifiesNothing: variant === "publish unverified",
    afterSleep: () => askAgain(),
    onMoment: async (moment) => {
      if (moment === "added" || moment === "published" || moment === "recorded") {
        mostLive = Math.max(mostLive, rotated.live().length);
        await askAll();
      }
    },
  });
  const { stack, model, advanceDays } = rotated;
  stack.clock.advance(300_000);
  consumers = await readersOf(stack, [0, 1, rotation.keepDays]);
  stack.clock.advance(300_000);

  const random = randomDays(seed);
  const failedRuns: string[] = [];
  const liveAfterRuns: number[] = [];
  for (let number = 2; number <= rotations + 1; number += 1) {
    if (number === 6) model.rotation = { ...rotation, everyDays: 45 };
    const { nextRotationAt } = (await model.outputs()).apps["CopilotAPIAuth"]?.credential ?? {
      nextRotationAt: "",
    };
    const late = number === 9 ? 30 : random(rotation.graceDays);
    const until = Date.parse(nextRotationAt) + late * day;
    while (stack.clock.now().getTime() < until) {
      await askAll();
      advanceDays(1);
    }
    rotated.setSkew(number === 4 ? -300_000 : 0);
    const report = await rotated.rotate();
    if (!report.ok) failedRuns.push(JSON.stringify([report.failures, report.verifiedAfter?.counts]));
    if (variant === "remove at once") removeAllButPublished(rotated);
    mostLive = Math.max(mostLive, rotated.live().length);
    for (let seconds = 0; seconds < denseForSeconds; seconds += denseSeconds) {
      await askAll();
      stack.clock.advance(denseSeconds * 1000);
    }
    liveAfterRuns.push(rotated.live().length);
  }
  return {
    requests: consumers.reduce((sum, { requests }) => sum + requests, 0),
    outages: consumers.flatMap(({ outages }) => outages),
    mostLive,
    liveAfterRuns,
    sequence: rotated.published().sequence,
    failedRuns,
  };
}

/** What a careless rotation does: the old secret goes as soon as the new one is out. */
function removeAllButPublished({ stack, published }: RotatedStack): void {
  const { applicationObjectId } = stack.outputs.apps["CopilotAPIAuth"] ?? { applicationObjectId: "" };
  const application = stack.tenant.state.directory.applications[applicationObjectId];
  if (application === undefined) throw new Error("the app is gone");
  const { keyId } = published();
  application.passwordCredentials = application.passwordCredentials.filter((one) => one.keyId === keyId);
}

/** Whole days from 0 to the most, the same for a seed on every machine. */
function randomDays(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * (most + 1));
  };
}
