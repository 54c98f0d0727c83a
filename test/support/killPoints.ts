import { createHash, randomBytes } from "node:crypto";
import { CheckpointFold, type Checkpoint } from "../../emulator/pulumi/checkpoint";
import { deploy, type DeployResult, type EngineEvent } from "../../emulator/pulumi/inline";
import { openStackState, type StackState } from "../../emulator/pulumi/stackState";
import { azure } from "../../emulator/server/azure";
import { createTenant, type Tenant, type TenantState } from "../../emulator/tenant/tenant";
import { speedVariable } from "./hurriedTime";
import { servedEngine } from "./servedEngine";
import { quickRotation } from "./testStack";

/** Tenant and state as a kill at one moment of a run leaves them. */
export interface Remains {
  /** The moments that leave this, such as `after POST /v1.0/applications`. */
  readonly moments: string[];
  readonly tenant: TenantState;
  readonly checkpoint: Checkpoint;
}

export interface KilledRun {
  /** How many requests the run sent. */
  readonly requests: number;
  /** What a kill before or after each request leaves; moments that leave the same stand together. */
  readonly remains: readonly Remains[];
}

export interface FinishingRun extends DeployResult {
  readonly said: string;
  /** Steps that changed something. */
  readonly steps: readonly string[];
  /** Requests that could change something, token requests aside. */
  readonly writes: readonly string[];
}

/**
 * A stack whose runs can be broken off anywhere: a kill leaves nothing but the tenant and the state as they are at
 * that moment, so one run, looked at before and after each request, replaces as many killed ones.
 */
export interface KillableStack {
  readonly tenant: Tenant;
  checkpoint(): Checkpoint;
  up(
    environment?: Readonly<Record<string, string>>,
    options?: { readonly refresh?: boolean },
  ): Promise<FinishingRun>;
  /** As `up`, noting what a kill before and after each request would leave. */
  observed(environment?: Readonly<Record<string, string>>): Promise<KilledRun>;
  /** Puts tenant and state back to what a kill left. */
  goBackTo(remains: Pick<Remains, "tenant" | "checkpoint">): void;
  close(): Promise<void>;
}

/** How often faster the time of a run passes, so that no one sits out its pauses: a certificate is asked for every few seconds. */
const hurried = { [speedVariable]: "20" };

const programs = {
  "copilot-token": {},
  "copilot-token-bootstrap": { program: "infra/bootstrap/index.ts" },
  own: { program: "test/package/ownProgram.ts" },
};

/**
 * @param settings Below the project's name; asked anew at each run.
 * @param project Of the program: the stack's own or another's, run by the deployer, or the bootstrap, run by the administrator.
 */
export async function killableStack(
  settings: (tenant: Tenant) => object,
  project: keyof typeof programs = "copilot-token",
): Promise<KillableStack> {
  const isBootstrap = project === "copilot-token-bootstrap";
  const tenant = createTenant() as { state: TenantState } & Omit<Tenant, "state">;
  const handle = azure(tenant);
  let onRequest: ((moment: string) => void) | undefined;
  let writes: string[] = [];
  const engine = await servedEngine(async (request) => {
    const { pathname } = new URL(request.url);
    const what = `${request.method} ${pathname}`;
    onRequest?.(`before ${what}`);
    const response = await handle(request);
    onRequest?.(`after ${what}`);
    if (request.method !== "GET" && !pathname.includes("/oauth2/")) writes.push(what);
    return response;
  });
  const { administrator, deployer } = tenant.identities;
  const environment = engine.environmentOf(tenant, isBootstrap ? administrator : deployer);
  const stored = openStackState({
    project,
    stack: "test",
    passphrase: randomBytes(16).toString("hex"),
  });
  let fold = new CheckpointFold(stored.checkpoint());
  const state: StackState = {
    ...stored,
    checkpoint: () => fold.checkpoint(),
    record: (change) => {
      fold.apply(change);
    },
    forgetPending: () => {
      fold.forgetPending();
    },
    save: () => undefined,
  };
  const up: KillableStack["up"] = async (more = {}, options = {}) => {
    const events: EngineEvent[] = [];
    writes = [];
    const config = Object.fromEntries(
      Object.entries({
        ...(project === "copilot-token" ? { rotation: quickRotation, protect: false } : {}),
        ...settings(tenant),
      }).map(([key, value]) => [`${project}:${key}`, JSON.stringify(value)]),
    );
    const result = await deploy({
      ...options,
      projectDir: engine.folder,
      ...programs[project],
      state,
      config: { "azure-native:location": "westeurope", ...config },
      environment: { ...environment, ...hurried, ...more },
      processes: engine.processes,
      onEvent: (event) => events.push(event),
    });
    return {
      ...result,
      writes,
      said: [
        ...events.map((event) => (event.kind === "output" ? event.text : "")),
        ...result.failures.map(({ name, message }) => `${name ?? ""}: ${message}`),
      ].join("\n"),
      steps: events.flatMap((event) =>
        event.kind === "step" && event.step.status === "done" && event.step.operation !== "same"
          ? [`${event.step.operation} ${event.step.name}`]
          : [],
      ),
    };
  };
  return {
    tenant,
    checkpoint: () => fold.checkpoint(),
    up,
    observed: async (more) => {
      const found = new Map<string, Remains>();
      let requests = 0;
      onRequest = (moment) => {
        if (moment.startsWith("before ")) requests += 1;
        const left = { tenant: tenant.state, checkpoint: fold.checkpoint() };
        const text = JSON.stringify(left);
        const key = createHash("sha256").update(text).digest("base64");
        const known = found.get(key);
        if (known === undefined) found.set(key, { ...(JSON.parse(text) as typeof left), moments: [moment] });
        else known.moments.push(moment);
      };
      const run = await up(more);
      onRequest = undefined;
      if (!run.ok) throw new Error(`the observed run failed: ${run.said}`);
      return { requests, remains: [...found.values()] };
    },
    goBackTo: (remains) => {
      tenant.state = structuredClone(remains.tenant);
      fold = new CheckpointFold(structuredClone(remains.checkpoint));
    },
    close: () => {
      engine.giveBack();
      return Promise.resolve();
    },
  };
}
