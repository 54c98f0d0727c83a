import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { OperatorError } from "../../core/errors";

/** What the installed `@pulumi/azure-native` sends for one resource type. */
export interface ProviderApi {
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
export async function readProviderApi(projectDir: string, type: string): Promise<ProviderApi> {
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
