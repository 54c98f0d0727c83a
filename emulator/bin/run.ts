#!/usr/bin/env node
import { spawn } from "node:child_process";
import { startTenant } from "../startTenant";

// Runs one command with an emulated tenant for its environment, and gives back its exit code.
const usage = `Usage: azure-tenant-emulator [--as administrator|deployer|verifier] -- COMMAND [ARGUMENTS]

Runs COMMAND with the environment of a new emulated Azure tenant: az, curl, Terraform, Pulumi and the Azure
SDKs then reach it and nothing else. The default identity is the administrator.`;

async function main(given: readonly string[]): Promise<number> {
  const separator = given.indexOf("--");
  const [flag, name = "administrator", ...rest] = given.slice(0, Math.max(separator, 0));
  const [command, ...commandArguments] = separator === -1 ? [] : given.slice(separator + 1);
  const isIdentity = name === "administrator" || name === "deployer" || name === "verifier";
  if (command === undefined || !isIdentity || rest.length > 0 || ![undefined, "--as"].includes(flag)) {
    process.stderr.write(`${usage}\n`);
    return given.includes("--help") ? 0 : 2;
  }
  const azure = await startTenant();
  try {
    const env = azure.environmentOf(azure.tenant.identities[name]);
    return await new Promise<number>((resolve, reject) => {
      const child = spawn(command, commandArguments, { env, stdio: "inherit" });
      child.once("error", reject);
      child.once("close", (code) => {
        resolve(code ?? 1);
      });
    });
  } finally {
    await azure.close();
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
