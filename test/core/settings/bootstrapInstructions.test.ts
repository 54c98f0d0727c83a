import { clouds } from "../../../core/cloud/clouds";
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { bootstrapInstructions } from "../../../core/settings/bootstrapInstructions";
import { judgeBootstrapSettings } from "../../../core/settings/bootstrapSettings";

const made = {
  deployer: { clientId: "deployer-client", servicePrincipalObjectId: "deployer-object" },
  granter: { clientId: "granter-client", servicePrincipalObjectId: "granter-object" },
  verifier: { clientId: "verifier-client", servicePrincipalObjectId: "verifier-object" },
};
const place = { cloud: clouds.public, tenantId: "tenant", subscriptionId: "subscription" };

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
      expect.stringContaining(
        "if gh api --silent 'repos/Contoso/Agents/environments/deploy' 2>/dev/null; then",
      ),
      "gh variable set AZURE_CLIENT_ID --repo 'Contoso/Agents' --env 'deploy' --body 'deployer-client'",
      expect.stringContaining(
        "if gh api --silent 'repos/Contoso/Agents/environments/give%20consent' 2>/dev/null; then",
      ),
      "gh variable set AZURE_CLIENT_ID --repo 'Contoso/Agents' --env 'give consent' --body 'deployer-client'",
      expect.stringContaining(
        "if gh api --silent 'repos/Contoso/Agents/environments/verify' 2>/dev/null; then",
      ),
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

  const put =
    "api --silent --method PUT repos/Contoso/Agents/environments/it's -F deployment_branch_policy[protected_branches]=false " +
    "-F deployment_branch_policy[custom_branch_policies]=true";
  const post =
    "api --silent --method POST repos/Contoso/Agents/environments/it's/deployment-branch-policies -f name=main";

  it.each([
    ["verifier", [put, post]],
    ["deployer", [`${put} -F reviewers[][type]=User -F reviewers[][id]=42`, post]],
  ] as const)("makes an environment that is not there protected, for the %s", (key, calls) => {
    const { github } = instructions({
      repositories: ["Contoso/Agents"],
      identities: { [key]: { environment: "it's" } },
    });
    const command = github.find((line) => line.startsWith("if gh api")) ?? "";
    const gh = `gh() { case "$*" in "api user --jq .id") echo 42; return;; esac; echo "$*"; [ "$3" = --method ]; }`;
    const asked = execFileSync("sh", ["-c", `${gh}; ${command}`], { encoding: "utf8" });
    expect(asked.trim().split("\n").slice(1)).toEqual(calls);
  });

  it("changes nothing of an environment that is there, and asks GitHub what protection it lacks", () => {
    const { github } = instructions({
      repositories: ["Contoso/Agents"],
      identities: { deployer: { environment: "it's" } },
    });
    const command = github.find((line) => line.startsWith("if gh api")) ?? "";
    const asked = execFileSync("sh", ["-c", `gh() { printf '%s\n' "$*"; }; ${command}`], {
      encoding: "utf8",
    });
    expect(asked).not.toMatch(/PUT|POST/);
    expect(asked).toContain('["branch_policy","required_reviewers"] - $has');
  });

  it("says nothing of GitHub to those who sign in from elsewhere, and asks for no vault without a rotator", () => {
    const pipeline = { issuer: "https://vstoken.dev.azure.com/1", subject: "sc://contoso/agents/verifier" };
    expect(instructions({ identities: { verifier: { federated: [pipeline] } } })).toMatchObject({
      github: [],
      afterFirstUp: [],
    });
  });
});
