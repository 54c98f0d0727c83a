import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Puts an `@pulumi/azure-native` into a project's folder that documents this API version for its vault. */
export function writeProviderPackage(projectDir: string, packageVersion: string, apiVersion: string): void {
  const folder = join(projectDir, "node_modules", "@pulumi", "azure-native");
  mkdirSync(join(folder, "keyvault"), { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ version: packageVersion }));
  writeFileSync(
    join(folder, "keyvault", "vault.d.ts"),
    `/**\n * Uses Azure REST API version ${apiVersion}. In version 2.x it used API version 2023-02-01.\n */\n`,
  );
}
