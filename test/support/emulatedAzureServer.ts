import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { azure } from "../../emulator/server/azure";
import { emulatedEnvironment, writeCaFiles, type SignIn } from "../../emulator/server/environment";
import { managedIdentityEndpoint } from "../../emulator/entra/managedIdentity";
import type { RequestLogEntry } from "../../emulator/server/requestLog";
import { startServer } from "../../emulator/server/server";
import { createTenant, type Tenant, type TenantOptions } from "../../emulator/tenant/tenant";

/** An emulated Azure on loopback, for tests of its clients. */
export interface EmulatedAzureServer {
  readonly tenant: Tenant;
  /** For a process that signs in as the deployer. */
  readonly environment: Record<string, string>;
  /** For a process that can be someone else, or several. */
  environmentOf(...signIns: readonly SignIn[]): Record<string, string>;
  /** Where code in Azure finds its managed identities. */
  readonly workload: { readonly identityEndpoint: string; readonly identityHeader: string };
  /** A folder that goes with the server. */
  readonly folder: string;
  /** Hosts that were requested and refused. */
  readonly refusedHosts: ReadonlySet<string>;
  /** Each answered request since the last call. */
  entries(): RequestLogEntry[];
  /** {@link entries}, such as `POST /v1.0/applications 201`. */
  requests(): string[];
  close(): Promise<void>;
}

const identityHeader = "853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a";

/** @param options Faults and clock of the tenant. */
export async function startEmulatedAzure(options: TenantOptions = {}): Promise<EmulatedAzureServer> {
  return serveTenant(createTenant(options));
}

/** A tenant that is there already. @param answer Default: all of emulated Azure. */
export async function serveTenant(tenant: Tenant, answer = azure(tenant)): Promise<EmulatedAzureServer> {
  const folder = mkdtempSync(join(tmpdir(), "emulated-azure-"));
  const log: RequestLogEntry[] = [];
  const server = await startServer(answer, {
    log: (entry) => log.push(entry),
    managedIdentity: managedIdentityEndpoint(tenant, identityHeader),
  });
  const base = { PATH: process.env["PATH"] };
  const caFiles = await writeCaFiles(folder, server.caPem, base);
  const { tenantId, subscriptionId } = tenant.state;
  const { proxyUrl, identityEndpoint } = server;
  const environmentOf = (...signIns: readonly SignIn[]): Record<string, string> =>
    emulatedEnvironment({ proxyUrl, caFiles, base, tenantId, subscriptionId, signIns, projectDir: folder });
  const entries = (): RequestLogEntry[] => log.splice(0);
  return {
    tenant,
    folder,
    environment: environmentOf(tenant.identities.deployer),
    environmentOf,
    workload: { identityEndpoint, identityHeader },
    refusedHosts: server.refusedHosts,
    entries,
    requests: () => entries().map(({ method, path, status }) => `${method} ${path} ${status}`),
    close: async () => {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}
