import type { Environment } from "./environment";
import {
  exchange,
  NoAnswer,
  PlatformFailure,
  type Answer,
  type Platform,
  type SecretReader,
} from "./platform";
import { isRecord, parseJson, type Value } from "./value";

/** How long Microsoft's services wait for a vault; not documented, and of no weight here. */
const vaultTimeoutSeconds = 30;

/**
 * Asks the vault for the secret that a variable points to, as one of Microsoft's services.
 *
 * @throws {NoAnswer} when the vault does not answer.
 */
export async function askVault(
  platform: Platform,
  reader: SecretReader,
  secretResourceId: string,
): Promise<Answer> {
  const [, vaultName = "", secretName = ""] =
    /\/vaults\/([^/]+)\/secrets\/([^/]+)$/i.exec(secretResourceId) ?? [];
  const token = await platform.vaultToken(reader);
  return exchange(
    platform,
    new Request(`https://${vaultName}.${platform.vaultSuffix}/secrets/${secretName}?api-version=7.4`, {
      headers: { Authorization: `Bearer ${token}` },
    }),
    vaultTimeoutSeconds,
  );
}

/**
 * Reads a secret for a topic: the service needs its role at the vault, and the secret a tag that names the agent.
 *
 * @throws {PlatformFailure} with the outcomes that the product lists.
 * @see https://learn.microsoft.com/power-apps/maker/data-platform/environmentvariables-azure-key-vault-secrets (read 2026-11)
 */
export async function readSecretForTopic(
  platform: Platform,
  environment: Environment,
  secretResourceId: string,
): Promise<string> {
  let answer: Answer;
  try {
    answer = await askVault(platform, "Power Virtual Agents Service", secretResourceId);
  } catch (error) {
    if (error instanceof NoAnswer) throw new PlatformFailure("InternalError", error.message);
    throw error;
  }
  if (answer.status === 404) throw new PlatformFailure("NotFound", "The secret is not in the vault.");
  const secret = parseJson(answer.body);
  if (answer.status !== 200 || !isRecord(secret) || typeof secret["value"] !== "string") {
    throw new PlatformFailure(
      "ServiceForbidden",
      "'Power Virtual Agents Service' application doesn't have access to the Key Vault.",
    );
  }
  if (!allows(secret["tags"] ?? null, environment)) {
    throw new PlatformFailure("BotForbidden", "Bot isn't allowed to use environment variable.");
  }
  return secret["value"];
}

function allows(tags: Value, { environmentId, agentSchemaName }: Environment): boolean {
  const listed = (name: string): string[] => {
    const value = isRecord(tags) ? tags[name] : undefined;
    return typeof value === "string" ? value.split(",").map((each) => each.trim()) : [];
  };
  return (
    listed("AllowedEnvironments").includes(environmentId) ||
    listed("AllowedBots").includes(`${environmentId}/${agentSchemaName}`)
  );
}
