import type { FaultPlan } from "../../emulator/server/faults";
import type { RotationDays } from "../../core/secrets/rotation";
import { rotate } from "../../scripts/rotate/rotate";
import type { RotateReport } from "../../scripts/rotate/report";
import type { Wish } from "../../scripts/rotate/rotationPlan";
import { steps } from "../../scripts/shared/steps";
import { deployStack, stackId, rotation as defaultRotation, type DeployedStack } from "./deployedStack";
import { Killed, ModelProgram, type RunMoment } from "./modelProgram";
import { armEnvironment, azureExchange, testWorld, type Interception, type TestWorld } from "./testWorld";

export const day = 86_400_000;

export interface RotatedStackOptions {
  readonly apps?: Readonly<Record<string, readonly string[]>>;
  readonly faults?: FaultPlan;
  readonly rotation?: RotationDays;
  readonly verifiesNothing?: boolean;
  /** Spoils answers that the command and the provider get. */
  readonly intercept?: Interception;
  /** After each wait. */
  readonly afterSleep?: () => Promise<void>;
  readonly onMoment?: (moment: RunMoment, app: string) => void | Promise<void>;
}

/** A deployed stack whose program is the model, in a tenant whose clock moves only when told. */
export interface RotatedStack {
  readonly stack: DeployedStack;
  readonly model: ModelProgram;
  readonly world: TestWorld;
  /** Runs the rotation; asserts nothing. */
  readonly rotate: (wish?: Wish, more?: { apps?: string[]; dryRun?: boolean }) => Promise<RotateReport>;
  /** The next run of the program is killed at this moment. */
  readonly killAt: (moment: RunMoment) => void;
  /** Numbers of the client secrets that Entra accepts at this instant, by display name; others by name. */
  readonly live: (app?: string) => string[];
  /** Number and key ID that the vault's current version is tagged with. */
  readonly published: (app?: string) => { sequence: number; keyId: string };
  readonly advanceDays: (days: number) => void;
  /** How far the clock of the machine that rotates is ahead of Azure's; negative: behind. */
  readonly setSkew: (milliseconds: number) => void;
}

export async function rotatedStack(options: RotatedStackOptions = {}): Promise<RotatedStack> {
  const stack = await deployStack({
    ...(options.apps === undefined ? {} : { apps: options.apps }),
    ...(options.faults === undefined ? {} : { faults: options.faults }),
  });
  const { tenant, clock } = stack;
  let skewMilliseconds = 0;
  const base = testWorld({
    exchange: azureExchange(tenant, options.intercept),
    now: () => new Date(clock.now().getTime() + skewMilliseconds),
    env: armEnvironment(tenant, "deployer"),
    onSleep: (milliseconds) => {
      clock.advance(milliseconds);
    },
  });
  const world: TestWorld = {
    ...base,
    sleep: async (milliseconds) => {
      await base.sleep(milliseconds);
      await options.afterSleep?.();
    },
  };
  let killMoment: RunMoment | undefined;
  const model = await ModelProgram.of({
    stack,
    world,
    rotation: options.rotation ?? defaultRotation,
    verification: { tokens: 10, overSeconds: 10, patienceSeconds: 120 },
    verifiesNothing: options.verifiesNothing ?? false,
    onMoment: async (moment, app) => {
      await options.onMoment?.(moment, app);
      if (moment !== killMoment) return;
      killMoment = undefined;
      throw new Killed(moment);
    },
  });
  const firstApp = Object.keys(stack.outputs.apps)[0] ?? "";
  const outputsOf = (app: string) => {
    const outputs = stack.outputs.apps[app];
    if (outputs === undefined) throw new Error(`no app ${app}`);
    return outputs;
  };
  return {
    stack,
    model,
    world,
    rotate: (wish = "due", more = {}) =>
      rotate(world, steps(world, true), { engine: model, wish, dryRun: false, ...more }),
    killAt: (moment) => {
      killMoment = moment;
    },
    live: (app = firstApp) => {
      const { passwordCredentials } = tenant.state.directory.applications[
        outputsOf(app).applicationObjectId
      ] ?? { passwordCredentials: [] };
      return passwordCredentials
        .filter(({ endDateTime }) => new Date(endDateTime) > clock.now())
        .map(({ displayName }) =>
          (displayName ?? "(nameless)").replace(`copilot-token ${app}-`, "").replace(` ${stackId}`, ""),
        );
    },
    published: (app = firstApp) => {
      const secret = tenant.state.vaults[stack.outputs.vaultName]?.secrets[app.toLowerCase()];
      const tags = secret?.versions.at(-1)?.tags ?? {};
      return { sequence: Number(tags["sequence"]), keyId: tags["keyId"] ?? "" };
    },
    advanceDays: (days) => {
      clock.advance(days * day);
    },
    setSkew: (milliseconds) => {
      skewMilliseconds = milliseconds;
    },
  };
}

/** Runs what is expected to be killed. */
export async function untilKilled(run: Promise<unknown>): Promise<void> {
  try {
    await run;
  } catch (error) {
    if (error instanceof Killed) return;
    throw error;
  }
  throw new Error("the run came to its end");
}
