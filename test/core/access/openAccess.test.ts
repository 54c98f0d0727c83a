import { describe, expect, it } from "vitest";
import { openAccess, openTrusts } from "../../../core/access/openAccess";
import { githubIssuer } from "../../../core/access/trust";
import { checkSettings } from "../../../core/settings/settings";

const audience = "api://AzureADTokenExchange";

describe("openTrusts", () => {
  it.each([
    ["repo:o/r:pull_request", /before anyone has reviewed the code/],
    ["repo:o@1/r@2:pull_request", /before anyone has reviewed the code/],
    ["repo:o/r", /neither an environment nor a branch/],
    ["repo:o/r:ref:refs/tags/v1", /neither an environment nor a branch/],
    ["repo:o/r:job_workflow_ref:o/r/.github/workflows/x.yml@v1", /neither an environment nor a branch/],
    ["repository_owner:o", /names no repository/],
    ["environment:deploy", /names no repository/],
    ["ref:refs/heads/main", /names no repository/],
    ["repo:o/r:ref:refs/heads/*", /are not wildcards/],
  ])("names %s of GitHub", (subject, words) => {
    const [open, ...others] = openTrusts(
      [{ kind: "issuer", issuer: githubIssuer, subject, audience }],
      ["identities", "deployer", "federated"],
      "copilot-token-bootstrap",
    );
    expect(others).toEqual([]);
    expect(open).toMatchObject({
      key: "copilot-token-bootstrap:identities.deployer.federated",
      value: subject,
    });
    expect(open?.reason).toMatch(words);
  });

  it.each([
    "repo:o/r:environment:deploy",
    "repo:o/r:ref:refs/heads/main",
    "repo:o@1/r@2:environment:deploy:job_workflow_ref:o/r/.github/workflows/x.yml@refs/heads/main",
    "job_workflow_ref:o/r/.github/workflows/x.yml@refs/heads/main",
    "repository_id:5:environment:deploy",
  ])("has nothing against %s", (subject) => {
    expect(openTrusts([{ kind: "issuer", issuer: githubIssuer, subject, audience }], [])).toEqual([]);
  });

  it("judges an enterprise's own issuer too, and patterns of any issuer", () => {
    const trusts = [
      { kind: "issuer", issuer: `${githubIssuer}/contoso`, subject: "repo:o/r:pull_request", audience },
      { kind: "issuer", issuer: "https://gitlab.example", subject: "project_path:g/*", audience },
      { kind: "issuer", issuer: "https://gitlab.example", subject: "project_path:g/p:ref:main", audience },
      { kind: "github", repository: "o/r", environment: "deploy" },
      { kind: "identity", identity: "agent" },
    ] as const;
    expect(openTrusts(trusts, ["x"]).map(({ value }) => value)).toEqual([
      "repo:o/r:pull_request",
      "project_path:g/*",
    ]);
  });
});

describe("openAccess", () => {
  it("names trusts of apps and identities, and callers that are public clients", () => {
    const federated = [{ issuer: githubIssuer, subject: "repo:o/r:pull_request" }];
    const settings = checkSettings({
      apps: {
        Mail: { permissions: ["User.Read.All"], credential: "federated", federated },
        Flow: {
          permissions: ["User.Read.All"],
          credential: "managedIdentity",
          identity: "agent",
          logicApp: {
            callers: ["11111111-2222-4333-8444-555555555555", "04B07795-8DDB-461A-BBEE-02F9E1BF7B46"],
          },
        },
      },
      identities: { agent: { federated } },
    });
    expect(openAccess(settings).map(({ key, reason }) => [key, reason.split(":")[0]])).toEqual([
      ["copilot-token:apps.Mail.federated", expect.stringMatching(/pull request/)],
      ["copilot-token:apps.Flow.logicApp.callers[1]", "Azure CLI is a public client"],
      ["copilot-token:identities.agent.federated", expect.stringMatching(/pull request/)],
    ]);
  });
});
