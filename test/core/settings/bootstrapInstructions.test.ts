import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { bootstrapInstructions } from "../../../core/settings/bootstrapInstructions";
import { judgeBootstrapSettings } from "../../../core/settings/bootstrapSettings";

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
      "gh variable set AZURE_TENANT_ID --repo 'Contoso/Agents' --body 'tenant'",
      "gh variable set AZURE_SUBSCRIPTION_ID --repo 'Contoso/Agents' --body 'subscription'",
      "gh variable set PULUMI_BACKEND_URL --repo 'Contoso/Agents' --body 'azblob://pulumi?storage_account=copilotstate'",
      "gh api --silent 'repos/Contoso/Agents/environments/deploy' 2>/dev/null || gh api --silent --method PUT 'repos/Contoso/Agents/environments/deploy'",
      "gh variable set AZURE_CLIENT_ID --repo 'Contoso/Agents' --env 'deploy' --body 'deployer-client'",
      "gh api --silent 'repos/Contoso/Agents/environments/give%20consent' 2>/dev/null || gh api --silent --method PUT 'repos/Contoso/Agents/environments/give%20consent'",
      "gh variable set AZURE_CLIENT_ID --repo 'Contoso/Agents' --env 'give consent' --body 'deployer-client'",
      "gh api --silent 'repos/Contoso/Agents/environments/verify' 2>/dev/null || gh api --silent --method PUT 'repos/Contoso/Agents/environments/verify'",
      "gh variable set AZURE_CLIENT_ID --repo 'Contoso/Agents' --env 'verify' --body 'verifier-client'",
    ]);
  });

  it("quotes whatever a name may hold for a shell", () => {
    const { github } = instructions({
      repositories: ["Contoso/Agents"],
      identities: { verifier: { environment: "it's; $(id)" } },
    });
    const words = github
      .slice(-1)
      .map((command) => execFileSync("sh", ["-c", `printf '%s\\n' ${command}`], { encoding: "utf8" }));
    expect(words).toEqual([
      "gh\nvariable\nset\nAZURE_CLIENT_ID\n--repo\nContoso/Agents\n--env\nit's; $(id)\n--body\nverifier-client\n",
    ]);
  });

  it.each([
    ["leaves an environment alone that is there", 0, [[]]],
    ["makes one that is not there", 1, [[], ["--method", "PUT"]]],
  ])("%s", (_what, exitCode, calls) => {
    const { github } = instructions({
      repositories: ["Contoso/Agents"],
      identities: { verifier: { environment: "it's" } },
    });
    const command = github.find((line) => line.startsWith("gh api")) ?? "";
    const gh = `gh() { echo "$*"; [ "$3" = --method ] || return ${exitCode}; }`;
    const asked = execFileSync("sh", ["-c", `${gh}; ${command}`], { encoding: "utf8" });
    expect(asked.trim().split("\n")).toEqual(
      calls.map((flags) => ["api", "--silent", ...flags, "repos/Contoso/Agents/environments/it's"].join(" ")),
    );
  });

  it("says nothing of GitHub to those who sign in from elsewhere, and asks for no vault without a rotator", () => {
    const pipeline = { issuer: "https://vstoken.dev.azure.com/1", subject: "sc://contoso/agents/verifier" };
    expect(instructions({ identities: { verifier: { federated: [pipeline] } } })).toMatchObject({
      github: [],
      afterFirstUp: [],
    });
  });
});
