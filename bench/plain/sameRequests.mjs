// A plain script as people write it, for what `npm run verify` does at its heart: the secret from the vault, a
// token with it, a read of Microsoft Graph.
import { readFile } from "node:fs/promises";
import { ClientSecretCredential } from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";
import { EnvHttpProxyAgent, fetch } from "undici";

const { ARM_TENANT_ID, ARM_CLIENT_ID, ARM_CLIENT_SECRET } = process.env;
const outputs = JSON.parse(await readFile(process.argv[2], "utf8"));
const caller = new ClientSecretCredential(ARM_TENANT_ID, ARM_CLIENT_ID, ARM_CLIENT_SECRET);
const vault = new SecretClient(outputs.vaultUri, caller);
for (const app of Object.values(outputs.apps)) {
  const { value } = await vault.getSecret(app.secretName);
  const credential = new ClientSecretCredential(outputs.tenantId, app.clientId, value);
  const { token } = await credential.getToken("https://graph.microsoft.com/.default");
  const response = await fetch("https://graph.microsoft.com/v1.0/users?$top=1", {
    headers: { Authorization: `Bearer ${token}` },
    dispatcher: new EnvHttpProxyAgent(),
  });
  if (response.status !== 200) process.exit(1);
}
process.exit(0);
