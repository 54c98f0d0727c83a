// A plain script as people write it: one token for the vault through @azure/identity.
import { ClientSecretCredential } from "@azure/identity";

const { ARM_TENANT_ID, ARM_CLIENT_ID, ARM_CLIENT_SECRET } = process.env;
const credential = new ClientSecretCredential(ARM_TENANT_ID, ARM_CLIENT_ID, ARM_CLIENT_SECRET);
const token = await credential.getToken("https://vault.azure.net/.default");
if (!token.token) process.exit(1);
