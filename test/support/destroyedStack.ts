import { randomBytes } from "node:crypto";
import type { EngineEvent } from "../../emulator/pulumi/inline";
import { openStackState } from "../../emulator/pulumi/stackState";
import type { Interception, TestWorld } from "./testWorld";
import { readStackOutputs, type StackOutputs } from "../../core/outputs/stackOutputs";
import { Flags } from "../../scripts/shared/command";
import { destroyBy } from "../../scripts/destroy/runDestroy";
import { inlineEngine } from "../../scripts/shared/engines/inlineEngine";
import type { EngineRun, StackEngine } from "../../scripts/shared/engines/stackEngine";
import type { DestroyMode, DestroyReport } from "../../scripts/destroy/report";
import { azure } from "../../emulator/server/azure";
import { createTenant, type Tenant } from "../../emulator/tenant/tenant";
import type { World } from "../../scripts/shared/world";
import { servedEngine } from "./servedEngine";
import { quickRotation } from "./testStack";
import { armEnvironment, azureExchange, testWorld } from "./testWorld";

/** One run of `npm run destroy`. */
export interface DestroyRun {
  readonly exitCode: number;
  /** Of a run with `--json`. */
  readonly report: DestroyReport;
  readonly world: TestWorld;
}

export interface DestroyRequest {
  readonly flags?: Readonly<Record<string, boolean | string>>;
  readonly intercept?: Interception;
  readonly world?: Partial<World>;
}

/** The project's own program by the inline engine, in a folder and a tenant of its own, and the command on it. */
export interface DestroyedStack {
  readonly tenant: Tenant;
  readonly engine: StackEngine;
  /** Where the stack's records lie. */
  readonly folder: string;
  /** @param settings Below `copilot-token:`; those of the last run stay where none are given. */
  up(settings?: Readonly<Record<string, unknown>>): Promise<EngineRun>;
  outputs(): Promise<StackOutputs>;
  /** With `--yes --json`, unless told otherwise. */
  destroy(mode: DestroyMode, request?: DestroyRequest): Promise<DestroyRun>;
  /** The engine's next run ends, as by a kill, at this step, such as `done delete Vault vault`. */
  killAt(step: string): void;
  close(): void;
}

/** What the destruction of a stack with one app, Mail, does; sorted. */
export const wholeDestruction = [
  "delete Mail",
  "delete Mail",
  "delete Mail",
  "delete Mail-User.Read.All",
  "delete copilot-token-test-",
  "delete stack-id",
  "delete vault",
  "delete vault",
  "delete vault",
  "delete vault-audit-",
];

/** What the run does that takes the restored stack in; sorted. */
export const wholeAdoption = [
  "create Mail",
  "create Mail-User.Read.All",
  "create stack-id",
  "create vault",
  "create vault-audit-",
  "import Mail",
  "import Mail",
  "import copilot-token-test-",
  "import vault",
];

export async function destroyedStack(): Promise<DestroyedStack> {
  const tenant = createTenant();
  const served = await servedEngine(azure(tenant));
  const { folder } = served;
  let config: Record<string, string> = {};
  let kill: { readonly step: string; readonly controller: AbortController } | undefined;
  const engine = inlineEngine("a test", {
    projectDir: folder,
    stack: "test",
    environment: served.environmentOf(tenant, tenant.identities.deployer),
    state: openStackState({
      project: "copilot-token",
      stack: "test",
      passphrase: randomBytes(16).toString("hex"),
    }),
    processes: served.processes,
    get config() {
      return config;
    },
    onEvent: (event) => {
      if (kill !== undefined && describeStep(event) === kill.step) kill.controller.abort();
    },
  });
  return {
    tenant,
    engine,
    folder,
    up: (settings) => {
      if (settings !== undefined) config = configOf(settings);
      return engine.up();
    },
    outputs: async () => readStackOutputs(await engine.outputs()),
    destroy: async (mode, { flags = {}, intercept, world: more } = {}) => {
      const world = testWorld({
        exchange: azureExchange(tenant, intercept),
        now: () => tenant.clock.now(),
        env: armEnvironment(tenant, "deployer"),
        directory: folder,
        onSleep: (milliseconds) => {
          tenant.clock.advance(milliseconds);
        },
        ...more,
      });
      const given = new Flags({ yes: true, json: true, ...flags });
      const stopped = killed(engine, kill);
      const exitCode = await destroyBy(stopped, mode, given, world);
      kill = undefined;
      const json = given.on("json") ? (world.printed.at(-1) ?? "") : "null";
      return { exitCode, report: JSON.parse(json) as DestroyReport, world };
    },
    killAt: (step) => {
      kill = { step, controller: new AbortController() };
    },
    close: () => {
      served.giveBack();
    },
  };
}

/** The engine whose destruction ends at once when the controller says so. */
function killed(
  engine: StackEngine,
  kill: { readonly controller: AbortController } | undefined,
): StackEngine {
  if (kill === undefined) return engine;
  const { signal } = kill.controller;
  return { ...engine, destroy: (request = {}) => engine.destroy({ ...request, signal }) };
}

function describeStep(event: EngineEvent): string | undefined {
  if (event.kind !== "step") return undefined;
  const { operation, status, type, name } = event.step;
  return `${status} ${operation} ${type.split(":").at(-1) ?? ""} ${name}`;
}

function configOf(settings: Readonly<Record<string, unknown>>): Record<string, string> {
  const given = Object.entries({ rotation: quickRotation, protect: false, ...settings });
  return {
    "azure-native:location": "westeurope",
    ...Object.fromEntries(given.map(([key, value]) => [`copilot-token:${key}`, JSON.stringify(value)])),
  };
}
