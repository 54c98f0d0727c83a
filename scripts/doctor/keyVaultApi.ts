import { personFix } from "../../core/fix";
import { judgeKeyVaultApi, keyVaultApiVersion, olderVersionsEnd } from "../../core/vault/keyVaultApi";
import { knowing } from "../shared/known";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { fail, pass, skip, warn } from "./finding";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { OperatorError } from "../../core/errors";

/** The provider's Key Vault API version is one that Azure still takes for a while. */
export async function checkKeyVaultApi({ world }: DoctorContext): Promise<Finding> {
  const api = await knowing(readProviderApi(world.directory, "azure-native:keyvault:Vault"));
  if (!api.known) return skip(`the provider's API version is not known: ${api.error.message}`);
  const { packageVersion, apiVersion } = api.value;
  const { stage, daysLeft } = judgeKeyVaultApi(apiVersion, world.now());
  const evidence = { packageVersion, apiVersion };
  const end = olderVersionsEnd.toISOString().slice(0, 10);
  const fix = personFix(
    "provider.update",
    `Update the package to one that speaks ${keyVaultApiVersion} or later: npm install @pulumi/azure-native@latest`,
  );
  switch (stage) {
    case "current":
    case "aging":
      return pass(`azure-native ${packageVersion} speaks ${apiVersion} to Key Vault`, evidence);
    case "ending":
    case "urgent":
      return warn(
        `azure-native ${packageVersion} speaks ${apiVersion} to Key Vault, which Azure retires on ${end}, in ${daysLeft} days`,
        fix,
        evidence,
      );
    case "refused":
      return fail(
        `azure-native ${packageVersion} speaks ${apiVersion} to Key Vault, which Azure has retired on ${end}`,
        fix,
        evidence,
      );
  }
}

/** What the installed `@pulumi/azure-native` sends for one resource type. */
interface ProviderApi {
  /** The package's, such as `3.28.0`. */
  readonly packageVersion: string;
  /** Azure's, such as `2024-11-01`. */
  readonly apiVersion: string;
}

const documented = /Uses Azure REST API version (\d{4}-\d{2}-\d{2}(?:-\w+)?)\./;

/**
 * Reads which API version the installed provider sends, from the doc comment of its class: the package has it nowhere
 * else, since the provider's own binary holds the table.
 *
 * @param type Such as `azure-native:keyvault:Vault`.
 * @throws {OperatorError} `PROVIDER_UNREADABLE` when the package is missing or says nothing.
 */
async function readProviderApi(projectDir: string, type: string): Promise<ProviderApi> {
  const [, module = "", name = ""] = type.split(":");
  const folder = join(projectDir, "node_modules", "@pulumi", "azure-native");
  const file = join(folder, module, `${name.charAt(0).toLowerCase()}${name.slice(1)}.d.ts`);
  try {
    const [manifest, declaration] = await Promise.all([
      readFile(join(folder, "package.json"), "utf8"),
      readFile(file, "utf8"),
    ]);
    const { version } = JSON.parse(manifest) as { version: string };
    const apiVersion = documented.exec(declaration)?.[1];
    if (apiVersion !== undefined) return { packageVersion: version, apiVersion };
  } catch (cause) {
    throw unreadable(file, cause);
  }
  throw unreadable(file, undefined);
}

function unreadable(file: string, cause: unknown): OperatorError {
  return new OperatorError(
    "PROVIDER_UNREADABLE",
    `${file} does not say which API version of Azure the provider sends. Install the packages: npm ci`,
    { cause },
  );
}
