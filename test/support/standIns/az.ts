import { azureClient } from "../../../azure/azureClient";
import type { HttpRequest } from "../../../azure/http";
import { keyVault, microsoftGraph, resourceManager } from "../../../azure/services";
import { signIn } from "../../../azure/signIn";
import { processWorld } from "../../../scripts/shared/processWorld";

// Stands in for the Azure CLI where there is none: the few commands that fixes suggest, each by the request that az sends.

interface Call {
  readonly method: HttpRequest["method"];
  readonly url: string;
  readonly body?: string;
}

void main(process.argv.slice(2)).then(
  (exitCode) => (process.exitCode = exitCode),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);

async function main(words: readonly string[]): Promise<number> {
  const world = processWorld();
  const client = azureClient(world, { waitSeconds: 30 });
  const identity = signIn(world.env, client);
  const subscription = `https://management.azure.com/subscriptions/${world.env["ARM_SUBSCRIPTION_ID"] ?? ""}`;
  const ask = async ({ method, url, body }: Call): Promise<string> => {
    const to = [microsoftGraph, resourceManager, keyVault].find((one) => one.owns(new URL(url).hostname));
    if (to === undefined) throw new Error(`the stand-in for az does not know ${url}`);
    const token = await identity.getToken(to);
    const json: unknown = body === undefined ? undefined : JSON.parse(body);
    const answer = await client.send({ to, method, url, token, json });
    if (answer.status >= 300) throw new Error(`${method} ${url}: ${answer.status} ${answer.body}`);
    return answer.body;
  };
  const at = words.findIndex((word) => word.startsWith("--"));
  const command = words.slice(0, at).join(" ");
  const flags = Object.fromEntries(
    words
      .slice(at)
      .flatMap((word, index, all) => (word.startsWith("--") ? [[word, all[index + 1] ?? ""]] : [])),
  );
  const flag = (name: string): string => flags[`--${name}`] ?? "";
  const graph = "https://graph.microsoft.com/v1.0";
  switch (command) {
    case "ad app federated-credential delete":
      await ask({
        method: "DELETE",
        url: `${graph}/applications/${flag("id")}/federatedIdentityCredentials/${flag("federated-credential-id")}`,
      });
      break;
    case "provider register":
      await ask({
        method: "POST",
        url: `${subscription}/providers/${flag("namespace")}/register?api-version=2021-04-01`,
      });
      break;
    case "keyvault secret recover":
      await ask({
        method: "POST",
        url: `https://${flag("vault-name")}.vault.azure.net/deletedsecrets/${flag("name")}/recover?api-version=7.6`,
      });
      break;
    case "keyvault recover":
      await recoverVault(ask, subscription, flag("name"));
      break;
    case "rest":
      await ask({ method: flag("method") as Call["method"], url: flag("url"), body: flag("body") });
      break;
    default:
      throw new Error(`the stand-in for az does not know: az ${words.join(" ")}`);
  }
  world.close();
  return 0;
}

async function recoverVault(
  ask: (call: Call) => Promise<string>,
  subscription: string,
  name: string,
): Promise<void> {
  const list = `${subscription}/providers/Microsoft.KeyVault/deletedVaults?api-version=2024-11-01`;
  const { value } = JSON.parse(await ask({ method: "GET", url: list })) as {
    value: { name: string; properties: { vaultId: string; location: string } }[];
  };
  const deleted = value.find((one) => one.name === name);
  if (deleted === undefined) throw new Error(`there is no deleted vault ${name}`);
  const { vaultId, location } = deleted.properties;
  const body = JSON.stringify({ location, properties: { createMode: "recover" } });
  await ask({ method: "PUT", url: `https://management.azure.com${vaultId}?api-version=2024-11-01`, body });
}
