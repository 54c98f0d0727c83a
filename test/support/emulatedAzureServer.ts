import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { azure } from "../../emulator/azure";
import { emulatedEnvironment, writeCaFiles } from "../../emulator/environment";
import type { RequestLogEntry } from "../../emulator/requestLog";
import { startServer } from "../../emulator/server";
import { createTenant, type Tenant, type TenantOptions } from "../../emulator/tenant";

/** An emulated Azure on loopback, for tests of its clients. */
export interface EmulatedAzureServer {
  readonly tenant: Tenant;
  /** For a process that signs in as the deployer. */
  readonly environment: Record<string, string>;
  /** A folder that goes with the server. */
  readonly folder: string;
  /** Each answered request since the last call, such as `POST /v1.0/applications 201`. */
  requests(): string[];
  close(): Promise<void>;
}

/** @param options Faults and clock of the tenant. */
export async function startEmulatedAzure(options: TenantOptions = {}): Promise<EmulatedAzureServer> {
  const folder = mkdtempSync(join(tmpdir(), "emulated-azure-"));
  const tenant = await createTenant(options);
  const log: RequestLogEntry[] = [];
  const server = await startServer(azure(tenant), { log: (entry) => log.push(entry) });
  const base = { PATH: process.env["PATH"] };
  const caFiles = await writeCaFiles(folder, server.caPem, base);
  const { tenantId, subscriptionId } = tenant.state;
  return {
    tenant,
    folder,
    environment: emulatedEnvironment({
      proxyUrl: server.proxyUrl,
      caFiles,
      base,
      tenantId,
      subscriptionId,
      identity: tenant.identities.deployer,
      projectDir: folder,
    }),
    requests: () => log.splice(0).map(({ method, path, status }) => `${method} ${path} ${status}`),
    close: async () => {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Folder of the project, whose program and packages the tests use. */
export const projectDir = resolve(".");
