import { azure } from "../../../emulator/azure";
import type { Clock } from "../../../emulator/clock";
import { emulatedEnvironment, writeCaFiles } from "../../../emulator/environment";
import { startServer } from "../../../emulator/server";
import { createTenant, type Tenant } from "../../../emulator/tenant";

/** An emulated Azure that is being served on this machine. */
export interface Rehearsal {
  readonly tenant: Tenant;
  /** Loopback address of the proxy that leads to it. */
  readonly proxyUrl: string;
  /** Environment of the identity that deploys; it holds the rights that the README asks for. */
  readonly deployerEnvironment: Readonly<Record<string, string>>;
  /** Environment of the identity that verifies; it holds what the stack's readers setting gives it. */
  readonly verifierEnvironment: Readonly<Record<string, string>>;
  /** Hosts that somebody asked for in vain: proof that nothing else was reached. */
  readonly refusedHosts: ReadonlySet<string>;
  close(): Promise<void>;
}

/** Serves a new emulated tenant. */
export async function startRehearsal(options: {
  readonly projectDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly clock?: Clock;
}): Promise<Rehearsal> {
  const tenant = await createTenant(options.clock === undefined ? {} : { clock: options.clock });
  const server = await startServer(azure(tenant));
  const caFiles = await writeCaFiles(options.projectDir, server.caPem, options.env);
  const shared = {
    proxyUrl: server.proxyUrl,
    caFiles,
    base: options.env,
    tenantId: tenant.state.tenantId,
    subscriptionId: tenant.state.subscriptionId,
    projectDir: options.projectDir,
  };
  return {
    tenant,
    proxyUrl: server.proxyUrl,
    deployerEnvironment: emulatedEnvironment({ ...shared, identity: tenant.identities.deployer }),
    verifierEnvironment: emulatedEnvironment({ ...shared, identity: tenant.identities.verifier }),
    refusedHosts: server.refusedHosts,
    close: () => server.close(),
  };
}
