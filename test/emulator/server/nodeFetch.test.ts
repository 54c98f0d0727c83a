import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTenant, type EmulatedTenant } from "../../../emulator/startTenant";

const folder = mkdtempSync(join(process.cwd(), ".copilot-token-node-"));
let azure: EmulatedTenant;
beforeAll(async () => {
  azure = await startTenant({ projectDir: folder });
  await build({
    entryPoints: ["emulator/bin/nodeProxy.ts"],
    outfile: join(folder, "nodeProxy.js"),
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["undici"],
  });
});
afterAll(async () => {
  await azure.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What a Node.js program in the environment prints. */
async function run(program: string): Promise<string> {
  const env = {
    ...azure.environmentOf(azure.tenant.identities.deployer),
    NODE_OPTIONS: `--require ${JSON.stringify(join(folder, "nodeProxy.js"))}`,
  };
  return (await promisify(execFile)(process.execPath, ["-e", program], { env })).stdout.trim();
}

it("the built-in fetch of Node.js reaches the emulated tenant, and no other host", async () => {
  const { tenantId } = azure.tenant.state;
  const address = `https://login.microsoftonline.com/${tenantId}/v2.0/.well-known/openid-configuration`;
  expect(
    await run(
      `fetch("${address}").then((answer) => answer.json()).then(({ issuer }) => console.log(issuer))`,
    ),
  ).toBe(`https://login.microsoftonline.com/${tenantId}/v2.0`);
  expect(
    await run(
      'fetch("https://example.com/").then(() => console.log("reached"), () => console.log("refused"))',
    ),
  ).toBe("refused");
  expect([...azure.refusedHosts]).toEqual(["example.com"]);
});
