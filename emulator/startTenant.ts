import { cloudOf } from "./tenant/clouds";
import { randomUUID } from "node:crypto";
import { azure } from "./server/azure";
import { runningClock } from "./tenant/clock";
import { signInAz } from "./server/azSignIn";
import {
  azureConfigFolder,
  emulatedEnvironment,
  removeCaFiles,
  writeCaFiles,
  type SignIn,
  type WorkflowSignIn,
  type WorkloadSignIn,
} from "./server/environment";
import type { FaultPlan } from "./server/faults";
import { workflowVariables } from "./github/githubActions";
import type { WorkflowJob } from "./github/githubJob";
import { managedIdentityEndpoint } from "./entra/managedIdentity";
import { startServer, type ServerOptions } from "./server/server";
import { stateKeeper } from "./tenant/stateKeeper";
import { createTenant, type Tenant, type TenantState } from "./tenant/tenant";

export interface StartTenantOptions extends ServerOptions {
  /** Files of a run, such as the CA, are in its `.copilot-token`. Default: the working directory. */
  readonly projectDir?: string;
  /** What child processes inherit, except what could lead to real Azure. Default: `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
  /** Default: the machine's time. */
  readonly startAt?: Date;
  readonly faults?: FaultPlan;
  /** A tenant kept from an earlier run; default a new one. */
  readonly state?: TenantState;
  /** File that keeps the tenant: each change is in it before it is answered. The caller saves the end. */
  readonly stateFile?: string;
}

/** An emulated Azure that is being served on this machine. */
export interface EmulatedTenant {
  readonly tenant: Tenant;
  /** Loopback address of the proxy that leads to it, such as `http://127.0.0.1:41234`. */
  readonly proxyUrl: string;
  /** The certificate authority that clients must trust. */
  readonly caPem: string;
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
  /** Hosts that were requested and refused: what would have left this machine. */
  readonly refusedHosts: ReadonlySet<string>;
  close(): Promise<void>;
}

/**
 * Serves an emulated tenant on loopback: Entra, Microsoft Graph, Azure Resource Manager and Key Vault under their real
 * host names.
 *
 * @example
 * const azure = await startTenant();
 * const env = azure.environmentOf(azure.tenant.identities.deployer);
 * execFileSync("az", ["ad", "app", "list"], { env });
 * await azure.close();
 *
 * @throws {EmulatorError} `PORT_IN_USE`.
 */
export async function startTenant(options: StartTenantOptions = {}): Promise<EmulatedTenant> {
  const { projectDir = process.cwd(), env = process.env, startAt, faults, state } = options;
  const cloud = state === undefined ? options.cloud : cloudOf(state).name;
  const { stateFile } = options;
  const identityHeader = randomUUID();
  const tenant = createTenant({
    clock: runningClock(startAt),
    ...(faults === undefined ? {} : { faults }),
    ...(state === undefined ? {} : { state }),
    ...(cloud === undefined ? {} : { cloud }),
  });
  const handler = azure(tenant);
  const server = await startServer(
    stateFile === undefined ? handler : keeping(handler, stateFile, tenant.state),
    {
      ...options,
      ...(cloud === undefined ? {} : { cloud }),
      managedIdentity: managedIdentityEndpoint(tenant, identityHeader),
    },
  );
  const caFiles = await writeCaFiles(projectDir, server.caPem, env);
  const { tenantId, subscriptionId } = tenant.state;
  return {
    tenant,
    proxyUrl: server.proxyUrl,
    caPem: server.caPem,
    environmentOf: (...signIns) => {
      const identity = signIns.find((signIn) => "clientSecret" in signIn);
      if (identity !== undefined) signInAz(azureConfigFolder(caFiles, signIns), identity, tenant.state);
      return emulatedEnvironment({
        proxyUrl: server.proxyUrl,
        caFiles,
        base: env,
        tenantId,
        subscriptionId,
        cloud: cloudOf(tenant.state),
        projectDir,
        signIns,
      });
    },
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

/** Saves the tenant before a change is answered, so that a killed process loses nothing that a client knows of. */
function keeping(handler: Handler, file: string, state: TenantState): Handler {
  const save = stateKeeper(file, state);
  return async (request) => {
    try {
      return await handler(request);
    } finally {
      // A file that cannot be written is reported when the tenant ends; the change itself has happened.
      if (request.method !== "GET") await save().catch(() => undefined);
    }
  };
}

type Handler = (request: Request) => Promise<Response>;
