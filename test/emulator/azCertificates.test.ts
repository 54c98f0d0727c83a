import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTenant, type EmulatedTenant } from "../../emulator/startTenant";

const run = promisify(execFile);
/** Path of the Azure CLI's command `az`. */
const az = process.env["AZURE_CLI"];

describe.skipIf(az === undefined)("the Azure CLI, unmodified (AZURE_CLI)", () => {
  let emulated: EmulatedTenant;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "az-certificates-"));
    const PATH = `${dirname(az ?? "")}:${process.env["PATH"] ?? ""}`;
    emulated = await startTenant({ projectDir: folder, env: { PATH, HOME: folder } });
  });
  afterAll(async () => {
    await emulated.close();
    rmSync(folder, { recursive: true });
  });

  it("makes a certificate for an app, and signs in by it", async () => {
    const env = emulated.environmentOf(emulated.tenant.identities.administrator);
    const command = async (...words: string[]): Promise<Record<string, unknown>> => {
      const { stdout } = await run(az ?? "", [...words, "--output", "json"], { env });
      return JSON.parse(stdout) as Record<string, unknown>;
    };
    const { appId } = await command("ad", "app", "create", "--display-name", "By certificate");
    const id = String(appId);
    await command("ad", "sp", "create", "--id", id);
    const made = await command("ad", "app", "credential", "reset", "--id", id, "--create-cert");
    const file = String(made["fileWithCertAndPrivateKey"]);
    expect(readdirSync(folder)).toContain(file.split("/").at(-1));
    const keys = await command("ad", "app", "credential", "list", "--id", id, "--cert");
    expect(keys).toMatchObject([{ type: "AsymmetricX509Cert", usage: "Verify" }]);

    env["AZURE_CONFIG_DIR"] = join(folder, "another");
    const signIn = ["login", "--service-principal", "--username", id, "--certificate", file];
    const { tenantId } = emulated.tenant.state;
    const accounts = await command(...signIn, "--tenant", tenantId, "--allow-no-subscriptions");
    expect(accounts).toMatchObject([{ user: { name: id, type: "servicePrincipal" } }]);
    const resource = ["--resource", "https://graph.microsoft.com"];
    const token = await command("account", "get-access-token", ...resource);
    expect(token).toMatchObject({ tenant: tenantId, tokenType: "Bearer" });
  });
});
