import type { Cloud } from "../core/cloud/clouds";
import { Credential } from "./credential";
import { resourceManager } from "./services";

/** Runs an installed tool without a shell. */
type RunTool = (
  tool: string,
  toolArguments: readonly string[],
  timeoutSeconds: number,
) => Promise<{ readonly exitCode: number | undefined; readonly stdout: string }>;

/** The Azure CLI's own token for Azure Resource Manager; undefined where it is missing or not signed in. */
export async function azureCliToken(
  runTool: RunTool,
  { resourceManager: resource }: Cloud,
): Promise<Credential | undefined> {
  const { exitCode, stdout } = await runTool(
    "az",
    ["account", "get-access-token", "--resource", resource, "--query", "accessToken", "--output", "tsv"],
    60,
  );
  return exitCode === 0 ? new Credential(stdout.trim(), resourceManager) : undefined;
}
