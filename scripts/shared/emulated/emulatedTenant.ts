import { randomUUID } from "node:crypto";
import { azure } from "../../../emulator/server/azure";
import { runningClock } from "../../../emulator/tenant/clock";
import {
  emulatedEnvironment,
  removeCaFiles,
  writeCaFiles,
  type SignIn,
  type WorkflowSignIn,
  type WorkloadSignIn,
} from "../../../emulator/server/environment";
import type { FaultPlan } from "../../../emulator/server/faults";
import { workflowVariables } from "../../../emulator/github/githubActions";
import type { WorkflowJob } from "../../../emulator/github/githubJob";
import { managedIdentityEndpoint } from "../../../emulator/entra/managedIdentity";
import { startServer, type ServerOptions } from "../../../emulator/server/server";
import { createTenant, type Tenant, type TenantState } from "../../../emulator/tenant/tenant";

export interface EmulatedTenantOptions extends ServerOptions {
  /** The project's folder; files of a run are in its `.copilot-token`. */
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
export interface EmulatedTenant {
  readonly tenant: Tenant;
  /** Loopback address of the proxy that leads to it. */
  readonly proxyUrl: string;
  /**
   * The whole environment of a process that meets this Azure and nothing else.
   *
   * @param signIns Who it can be: one of the tenant's identities, {@link workload}, {@link workflow}, or several of
   *   them; of what two want to set, the first one's counts.
   */
  environmentOf(...signIns: readonly SignIn[]): Record<string, string>;
  /**
   * Code in Azure with the tenant's managed identities at hand.
   *
   * @param clientId Of the one to take where the code names none.
   */
  workload(clientId?: string): WorkloadSignIn;
  /**
   * A job of GitHub Actions with `id-token: write`, for as long as one may run.
   *
   * @param clientId Of the application or managed identity that it signs in as; default: the job names it.
   */
  workflow(job: WorkflowJob, clientId?: string): Promise<WorkflowSignIn>;
  /** Hosts that somebody asked for in vain: what would have left this machine. */
  readonly refusedHosts: ReadonlySet<string>;
  close(): Promise<void>;
}

/** Serves an emulated tenant. */
export async function startEmulatedTenant(options: EmulatedTenantOptions): Promise<EmulatedTenant> {
  const { projectDir, env, startAt, faults, state } = options;
  const tenant = await createTenant({
    clock: runningClock(startAt),
    ...(faults === undefined ? {} : { faults }),
    ...(state === undefined ? {} : { state }),
  });
  const identityHeader = randomUUID();
  const server = await startServer(azure(tenant), {
    ...options,
    managedIdentity: managedIdentityEndpoint(tenant, identityHeader),
  });
  const caFiles = await writeCaFiles(projectDir, server.caPem, env);
  const { tenantId, subscriptionId } = tenant.state;
  return {
    tenant,
    proxyUrl: server.proxyUrl,
    environmentOf: (...signIns) =>
      emulatedEnvironment({
        proxyUrl: server.proxyUrl,
        caFiles,
        base: env,
        tenantId,
        subscriptionId,
        projectDir,
        signIns,
      }),
    workload: (clientId) => ({
      identityEndpoint: server.identityEndpoint,
      identityHeader,
      ...(clientId === undefined ? {} : { clientId }),
    }),
    workflow: async (job, clientId) => ({
      jobVariables: await workflowVariables(tenant, job),
      ...(clientId === undefined ? {} : { clientId }),
    }),
    refusedHosts: server.refusedHosts,
    close: async () => {
      await server.close();
      await removeCaFiles(caFiles);
    },
  };
}
