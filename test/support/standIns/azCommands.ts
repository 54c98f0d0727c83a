import { randomUUID } from "node:crypto";
import { azureClient } from "../../../azure/azureClient";
import type { HttpRequest } from "../../../azure/http";
import { keyVault, microsoftGraph, resourceManager } from "../../../azure/services";
import { signIn } from "../../../azure/signIn";
import type { World } from "../../../scripts/shared/world";

interface Call {
  readonly method: HttpRequest["method"];
  readonly url: string;
  readonly body?: unknown;
}

const graph = "https://graph.microsoft.com/v1.0";
const arm = "https://management.azure.com";

/** The commands of the Azure CLI that fixes suggest, each by the requests that az sends. Any other is an error. */
export async function azStandIn(words: readonly string[], world: World): Promise<number> {
  const client = azureClient(world, { waitSeconds: 30 });
  const identity = signIn(world.env, client);
  const subscription = `${arm}/subscriptions/${world.env["ARM_SUBSCRIPTION_ID"] ?? ""}`;
  const ask = async ({ method, url, body: json }: Call): Promise<string> => {
    const to = [microsoftGraph, resourceManager, keyVault].find((one) =>
      one.owns(new URL(url).hostname, client.cloud),
    );
    if (to === undefined) throw new Error(`the stand-in for az does not know ${url}`);
    const token = await identity.getToken(to);
    const answer = await client.send({ to, method, url, token, json });
    if (answer.status >= 300) throw new Error(`${method} ${url}: ${answer.status} ${answer.body}`);
    return answer.body;
  };
  const at = words.findIndex((word) => word.startsWith("--"));
  const flags = new Map<string, string>();
  for (let index = at; index < words.length; index += 1) {
    const [name = "", value] = (words[index] ?? "").split(/=(.*)/s);
    flags.set(name, value ?? words[(index += 1)] ?? "");
  }
  const flag = (name: string): string => {
    const value = flags.get(`--${name}`);
    if (value === undefined) throw new Error(`az ${words.join(" ")}: --${name} is missing`);
    return value;
  };
  switch (words.slice(0, at).join(" ")) {
    case "ad app federated-credential delete":
      await ask({
        method: "DELETE",
        url: `${graph}/applications/${flag("id")}/federatedIdentityCredentials/${flag("federated-credential-id")}`,
      });
      return 0;
    case "ad sp create":
      await ask({ method: "POST", url: `${graph}/servicePrincipals`, body: { appId: flag("id") } });
      return 0;
    case "provider register":
      await ask({
        method: "POST",
        url: `${subscription}/providers/${flag("namespace")}/register?api-version=2021-04-01`,
      });
      return 0;
    case "group create":
      await ask({
        method: "PUT",
        url: `${subscription}/resourcegroups/${flag("name")}?api-version=2021-04-01`,
        body: { location: flag("location") },
      });
      return 0;
    case "keyvault secret recover":
      await ask({
        method: "POST",
        url: `https://${flag("vault-name")}.vault.azure.net/deletedsecrets/${flag("name")}/recover?api-version=7.6`,
      });
      return 0;
    case "keyvault recover":
      await recoverVault(ask, subscription, flag("name"));
      return 0;
    case "keyvault purge":
      await purgeVault(ask, subscription, flag("name"));
      return 0;
    case "role assignment create": {
      const definitions = `${arm}${flag("scope")}/providers/Microsoft.Authorization/roleDefinitions`;
      const filter = encodeURIComponent(`roleName eq '${flag("role")}'`);
      const found = JSON.parse(
        await ask({ method: "GET", url: `${definitions}?$filter=${filter}&api-version=2022-04-01` }),
      ) as { value: { id: string }[] };
      const [role] = found.value;
      if (role === undefined) throw new Error(`there is no role ${flag("role")}`);
      const properties = {
        roleDefinitionId: role.id,
        principalId: flag("assignee-object-id"),
        ...(flags.has("--condition")
          ? { condition: flag("condition"), conditionVersion: flag("condition-version") }
          : {}),
      };
      await ask({
        method: "PUT",
        url: `${arm}${flag("scope")}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}?api-version=2022-04-01`,
        body: { properties },
      });
      return 0;
    }
    case "rest":
      await ask({
        method: flag("method") as Call["method"],
        url: flag("url"),
        body: JSON.parse(flag("body")) as unknown,
      });
      return 0;
    default:
      throw new Error(`the stand-in for az does not know: az ${words.join(" ")}`);
  }
}

type Ask = (call: Call) => Promise<string>;

async function deletedVault(ask: Ask, subscription: string, name: string) {
  const list = `${subscription}/providers/Microsoft.KeyVault/deletedVaults?api-version=2024-11-01`;
  const { value } = JSON.parse(await ask({ method: "GET", url: list })) as {
    value: { id: string; name: string; properties: { vaultId: string; location: string } }[];
  };
  const deleted = value.find((one) => one.name === name);
  if (deleted === undefined) throw new Error(`there is no deleted vault ${name}`);
  return deleted;
}

async function recoverVault(ask: Ask, subscription: string, name: string): Promise<void> {
  const { vaultId, location } = (await deletedVault(ask, subscription, name)).properties;
  const body = { location, properties: { createMode: "recover" } };
  await ask({ method: "PUT", url: `${arm}${vaultId}?api-version=2024-11-01`, body });
}

async function purgeVault(ask: Ask, subscription: string, name: string): Promise<void> {
  const { id } = await deletedVault(ask, subscription, name);
  await ask({ method: "POST", url: `${arm}${id}/purge?api-version=2024-11-01` });
}
