import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { deploy } from "../../emulator/pulumi/inline";
import { openStackState } from "../../emulator/pulumi/stackState";
import { startTenant, type EmulatedTenant } from "../../emulator/startTenant";

/** A stack of so many apps in an emulated tenant of its own. */
export interface DeployedApps {
  readonly emulated: EmulatedTenant;
  readonly outputsFile: string;
  /** How many requests the tenant has answered so far. */
  answered(): number;
  /** How long the deployment took, from the start of its process to its end. */
  readonly seconds: number;
}

/** Deploys `count` apps by the inline engine, into a new tenant. */
export async function deployApps(count: number, folder: string): Promise<DeployedApps> {
  let answered = 0;
  const emulated = await startTenant({
    projectDir: resolve("."),
    env: process.env,
    log: () => {
      answered += 1;
    },
  });
  const { verifier, deployer } = emulated.tenant.identities;
  const outputsFile = resolve(folder, `outputs-${count}-${randomBytes(4).toString("hex")}.json`);
  const startedAt = performance.now();
  const result = await deploy({
    projectDir: resolve("."),
    state: openStackState({ project: "copilot-token", stack: "bench", passphrase: "bench" }),
    config: configOf(count, verifier.objectId),
    environment: emulated.environmentOf(deployer),
  });
  const seconds = (performance.now() - startedAt) / 1000;
  if (!result.ok) throw new Error(result.failures.map(({ message }) => message).join("\n"));
  await writeFile(outputsFile, JSON.stringify(result.outputs));
  return { emulated, outputsFile, answered: () => answered, seconds };
}

/** Settings of a stack of so many apps, with full keys. */
export function configOf(count: number, readerObjectId: string): Record<string, string> {
  const apps = Array.from({ length: count }, (_, index) => [
    `Agent-${index + 1}`,
    { permissions: ["User.Read.All"] },
  ]);
  return {
    "azure-native:location": "westeurope",
    "copilot-token:apps": JSON.stringify(Object.fromEntries(apps)),
    "copilot-token:rotation": JSON.stringify({ verification: { tokens: 5, overSeconds: 0 } }),
    "copilot-token:vault": JSON.stringify({ readers: [{ id: readerObjectId, type: "ServicePrincipal" }] }),
    "copilot-token:protect": "false",
  };
}
