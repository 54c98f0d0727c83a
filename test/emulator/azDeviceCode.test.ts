import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../emulator/entra/browser";
import { deviceLoginAddress } from "../../emulator/entra/deviceCode";
import { azure } from "../../emulator/server/azure";
import { people } from "../support/delegatedApp";
import { startEmulatedAzure, type EmulatedAzureServer } from "../support/emulatedAzureServer";

const run = promisify(execFile);

/** The Azure CLI is no package of npm: `AZURE_CLI` names its file. */
const az = process.env["AZURE_CLI"] ?? "";
const isThere = existsSync(az);
const skipped = isThere ? "" : " (skipped: AZURE_CLI names no file)";

describe.skipIf(!isThere)(`the Azure CLI, signed in by a device code${skipped}`, () => {
  let server: EmulatedAzureServer;
  let env: Record<string, string>;
  beforeAll(async () => {
    server = await startEmulatedAzure();
    env = { ...server.environmentOf(), AZURE_CONFIG_DIR: join(server.folder, "az-of-the-user") };
  });
  afterAll(() => server.close());

  /** Signs a user in on the page that the CLI names; it asks for the outcome every 5 seconds. */
  const login = (user: string): Promise<{ exitCode: number | null; said: string }> =>
    new Promise((resolve, reject) => {
      const { tenantId } = server.tenant.state;
      const child = spawn(
        az,
        ["login", "--use-device-code", "--tenant", tenantId, "--allow-no-subscriptions"],
        { env },
      );
      let said = "";
      let browsed: Promise<unknown> | undefined;
      const hear = (text: string): void => {
        said += text;
        const [, userCode] = /enter the code ([A-Z0-9]+) to authenticate/.exec(said) ?? [];
        if (userCode === undefined || browsed !== undefined) return;
        const browser = new Browser(azure(server.tenant));
        browsed = browser.open(deviceLoginAddress, { login: user, userCode }).catch(reject);
      };
      child.stdout.setEncoding("utf8").on("data", hear);
      child.stderr.setEncoding("utf8").on("data", hear);
      child.once("error", reject);
      child.once("close", (exitCode) => {
        resolve({ exitCode, said });
      });
    });

  it("is that user, whose own data it reads from Microsoft Graph", async () => {
    const { exitCode, said } = await login(people.adele);
    expect(exitCode, said).toBe(0);
    expect(said).toContain(deviceLoginAddress);
    const account = await run(az, ["account", "show", "--output", "json"], { env });
    expect(JSON.parse(account.stdout)).toMatchObject({
      tenantId: server.tenant.state.tenantId,
      user: { name: people.adele, type: "user" },
    });
    const me = await run(az, ["rest", "--url", "https://graph.microsoft.com/v1.0/me"], { env });
    expect(JSON.parse(me.stdout)).toMatchObject({ userPrincipalName: people.adele });
    const signedIn = await run(az, ["ad", "signed-in-user", "show", "--output", "json"], { env });
    expect(JSON.parse(signedIn.stdout)).toMatchObject({ displayName: "Adele Vance" });
  });
});
