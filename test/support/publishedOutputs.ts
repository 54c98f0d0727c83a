import type { AppOutputs, StackOutputs } from "../../core/outputs/stackOutputs";
import { guid, stackId, subscriptionId, tenantId } from "./azureMocks";

const vaultName = "copilot-test-abcd1234";
const vaultResourceId = `/subscriptions/${subscriptionId}/resourceGroups/group/providers/Microsoft.KeyVault/vaults/${vaultName}`;

/** What a stack published whose vault has a generated name. */
export function publishedOutputs(apps: StackOutputs["apps"] = {}): StackOutputs {
  return {
    stackId,
    tenantId,
    vaultName,
    vaultUri: `https://${vaultName}.vault.azure.net/`,
    vaultResourceId,
    vaultNameFrom: "generated",
    namedAfter: "test",
    rotation: { everyDays: 60, keepDays: 60, graceDays: 14 },
    powerPlatform: { agents: [] },
    identities: {},
    apps,
  };
}

/** What a stack published of an app registration. */
export function publishedApp(more: Partial<AppOutputs> = {}): AppOutputs {
  return {
    displayName: "Mail",
    clientId: guid("c1"),
    applicationObjectId: guid("0b1ec7"),
    servicePrincipalObjectId: guid("5b"),
    permissions: ["User.Read.All"],
    signIn: "federated",
    federated: [],
    ...more,
  };
}

/** What a stack published of an app with a client secret, number 7 by default. */
export function publishedSecretApp(
  name: string,
  credential: Partial<NonNullable<AppOutputs["credential"]>> = {},
): AppOutputs {
  return publishedApp({
    displayName: name,
    signIn: "secret",
    secretName: name,
    secretResourceId: `${vaultResourceId}/secrets/${name}`,
    credential: {
      sequence: 7,
      keyId: guid("4e"),
      cause: "due",
      startsAt: "2026-11-22T10:00:00Z",
      endsAt: "2027-04-05T10:00:00Z",
      nextRotationAt: "2027-01-21T10:00:00.000Z",
      ...credential,
    },
  });
}
