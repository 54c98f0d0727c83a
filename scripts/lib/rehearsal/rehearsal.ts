import { azure } from "../../../emulator/azure";
import { runningClock } from "../../../emulator/clock";
import { emulatedEnvironment, removeCaFiles, writeCaFiles } from "../../../emulator/environment";
import type { FaultPlan } from "../../../emulator/faults";
import type { Identity } from "../../../emulator/seed";
import { startServer, type ServerOptions } from "../../../emulator/server";
import { createTenant, type Tenant, type TenantState } from "../../../emulator/tenant";

export interface RehearsalOptions extends ServerOptions {
  /** The project's folder; what a rehearsal leaves behind lies below its `.copilot-token`. */
  readonly projectDir: string;
  /** What child processes inherit, apart from all that could lead to real Azure. */
  readonly env: NodeJS.ProcessEnv;
  /** Default: the machine's time. */
  readonly startAt?: Date;
  readonly faults?: FaultPlan;
  /** A tenant kept from an earlier run; default a new one. */
  readonly state?: TenantState;
}

/** An emulated Azure that is being served on this machine. */
export interface Rehearsal {
  readonly tenant: Tenant;
  /** Loopback address of the proxy that leads to it. */
  readonly proxyUrl: string;
  /** The whole environment of a process that meets this Azure and nothing else, signed in as an identity. */
  environmentOf(identity: Identity): Record<string, string>;
  /** Hosts that somebody asked for in vain: what would have left this machine. */
  readonly refusedHosts: ReadonlySet<string>;
  close(): Promise<void>;
}

/** Serves an emulated tenant. */
export async function startRehearsal(options: RehearsalOptions): Promise<Rehearsal> {
  const { projectDir, env, startAt, faults, state } = options;
  const tenant = await createTenant({
    clock: runningClock(startAt),
    ...(faults === undefined ? {} : { faults }),
    ...(state === undefined ? {} : { state }),
  });
  const server = await startServer(azure(tenant), options);
  const caFiles = await writeCaFiles(projectDir, server.caPem, env);
  const { tenantId, subscriptionId } = tenant.state;
  return {
    tenant,
    proxyUrl: server.proxyUrl,
    environmentOf: (identity) =>
      emulatedEnvironment({
        proxyUrl: server.proxyUrl,
        caFiles,
        base: env,
        tenantId,
        subscriptionId,
        projectDir,
        identity,
      }),
    refusedHosts: server.refusedHosts,
    close: async () => {
      await server.close();
      await removeCaFiles(caFiles);
    },
  };
}
