import { describe, expect, it } from "vitest";
import { bootstrapInstructions } from "../../../infra/core/bootstrapInstructions";
import { judgeBootstrapSettings } from "../../../infra/core/bootstrapSettings";

const made = {
  deployer: { clientId: "deployer-client", servicePrincipalObjectId: "deployer-object" },
  granter: { clientId: "granter-client", servicePrincipalObjectId: "granter-object" },
  verifier: { clientId: "verifier-client", servicePrincipalObjectId: "verifier-object" },
};
const place = { tenantId: "tenant", subscriptionId: "subscription" };

function instructions(given: Record<string, unknown>) {
  const { settings, faults } = judgeBootstrapSettings(given);
  if (settings === undefined) throw new Error(JSON.stringify(faults));
  return bootstrapInstructions(settings, made, place);
}

describe("bootstrapInstructions", () => {
  it("gives each environment its client ID, in a repository whose IDs are part of its subject", () => {
    const { github } = instructions({
      repositories: ["Contoso@12/Agents@34"],
      identities: { deployer: {}, granter: { environment: "give consent" }, verifier: {} },
      state: {
        container:
          "/subscriptions/9d3e5a17-42c8-4b6f-8e21-7c0a1b5f6d38/resourceGroups/state/providers/Microsoft.Storage/storageAccounts/copilotstate/blobServices/default/containers/pulumi",
      },
    });
    expect(github).toEqual([
      "gh variable set AZURE_TENANT_ID --repo Contoso/Agents --body 'tenant'",
      "gh variable set AZURE_SUBSCRIPTION_ID --repo Contoso/Agents --body 'subscription'",
      "gh variable set PULUMI_BACKEND_URL --repo Contoso/Agents --body 'azblob://pulumi?storage_account=copilotstate'",
      "gh api --method PUT 'repos/Contoso/Agents/environments/deploy'",
      "gh variable set AZURE_CLIENT_ID --repo Contoso/Agents --env 'deploy' --body 'deployer-client'",
      "gh api --method PUT 'repos/Contoso/Agents/environments/give%20consent'",
      "gh variable set AZURE_CLIENT_ID --repo Contoso/Agents --env 'give consent' --body 'deployer-client'",
      "gh api --method PUT 'repos/Contoso/Agents/environments/verify'",
      "gh variable set AZURE_CLIENT_ID --repo Contoso/Agents --env 'verify' --body 'verifier-client'",
    ]);
  });

  it("says nothing of GitHub to those who sign in from elsewhere, and asks for no vault without a rotator", () => {
    const pipeline = { issuer: "https://vstoken.dev.azure.com/1", subject: "sc://contoso/agents/verifier" };
    expect(instructions({ identities: { verifier: { federated: [pipeline] } } })).toMatchObject({
      github: [],
      afterFirstUp: [],
    });
  });
});
