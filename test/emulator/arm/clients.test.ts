import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmulatedAzure, type EmulatedAzureServer } from "../../support/emulatedAzureServer";

const run = promisify(execFile);
let server: EmulatedAzureServer;
beforeAll(async () => {
  server = await startEmulatedAzure();
});
afterAll(async () => {
  await server.close();
});

const expected = {
  group: ["westeurope", true],
  vault: ["kv-clients", "https://kv-clients.vault.azure.net/", "Succeeded"],
  found: [["kv-clients", "Microsoft.KeyVault/vaults"]],
  secret: ["second", "Recoverable"],
  disabled: [403, "Forbidden"],
  versions: [
    [false, { sequence: "1" }],
    [true, null],
  ],
  count: 31,
  deleted: "https://kv-clients.vault.azure.net/deletedsecrets/one",
  missing: [404, "SecretNotFound"],
  taken: [409, "Conflict"],
  purge: [403, "Forbidden"],
  recovered: "second",
  left: ["kv-clients"],
};

describe("unmodified Azure clients from npm, in a process of their own", () => {
  it("do their work against the emulated tenant, with nothing but the environment pointing there", async () => {
    const { tenant, environment } = server;
    const script = "test/support/azureClients.mjs";
    const { stdout } = await run(process.execPath, [script, tenant.identities.verifier.objectId], {
      env: environment,
      timeout: 240_000,
    });
    const { objectId } = tenant.identities.verifier;
    expect(JSON.parse(stdout)).toEqual({
      ...expected,
      assignment: [1, "Key Vault Secrets User", objectId, true],
    });
    expect(server.requests().filter((line) => / 50\d$/.test(line))).toEqual([]);
  });
});
