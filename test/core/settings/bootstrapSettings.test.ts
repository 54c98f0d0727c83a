import { clouds } from "../../../core/cloud/clouds";
import { describe, expect, it } from "vitest";
import { judgeBootstrapSettings } from "../../../core/settings/bootstrapSettings";
import { federatedCredentialOf } from "../../../core/access/trust";

const repositories = ["Contoso/Agents"];
const subjectsOf = (given: Record<string, unknown>) => {
  const { settings, faults } = judgeBootstrapSettings(given);
  if (settings === undefined) throw new Error(JSON.stringify(faults));
  return Object.fromEntries(
    Object.entries(settings.identities).map(([key, { trusts }]) => [
      key,
      trusts.map((trust) => federatedCredentialOf(trust, clouds.public).subject),
    ]),
  );
};

describe("judgeBootstrapSettings", () => {
  it("makes deployer, rotator and verifier, each of a GitHub environment of its own, in the repository's own case", () => {
    expect(subjectsOf({ repositories })).toEqual({
      deployer: ["repo:Contoso/Agents:environment:deploy"],
      rotator: ["repo:Contoso/Agents:environment:rotate"],
      verifier: ["repo:Contoso/Agents:environment:verify"],
    });
  });

  it("lets the deployer sign in where the granter does: consent is given in the middle of its run", () => {
    expect(
      subjectsOf({ repositories, identities: { deployer: {}, granter: { environment: "consent" } } }),
    ).toEqual({
      deployer: ["repo:Contoso/Agents:environment:deploy", "repo:Contoso/Agents:environment:consent"],
      granter: ["repo:Contoso/Agents:environment:consent"],
    });
  });

  it("takes several repositories, and other issuers", () => {
    const azurePipelines = {
      issuer: "https://vstoken.dev.azure.com/1",
      subject: "sc://contoso/agents/verifier",
    };
    expect(
      subjectsOf({
        repositories: ["Contoso/Agents", "contoso/more"],
        identities: { verifier: { environment: "nightly", federated: [azurePipelines] } },
      }),
    ).toEqual({
      verifier: [
        "repo:Contoso/Agents:environment:nightly",
        "repo:contoso/more:environment:nightly",
        "sc://contoso/agents/verifier",
      ],
    });
  });

  it("names every fault at once, with the command that repairs it", () => {
    const { faults } = judgeBootstrapSettings({
      repositories: ["contoso"],
      identities: { deployer: { scopes: ["rg"] }, owner: {} },
      state: { container: "state", key: "https://kv.vault.azure.net/keys/k" },
      extra: 1,
    });
    const set = (key: string) =>
      expect.stringMatching(`^pulumi config set --path 'copilot-token-bootstrap:${key}`);
    expect(faults.map(({ key, code, repair }) => [key, code, repair])).toEqual([
      ["copilot-token-bootstrap:repositories[0]", "SETTING_INVALID", set("repositories")],
      [
        "copilot-token-bootstrap:identities.deployer.scopes[0]",
        "SETTING_INVALID",
        set("identities.deployer.scopes"),
      ],
      [
        "copilot-token-bootstrap:identities.owner",
        "SETTING_UNKNOWN",
        "pulumi config rm --path 'copilot-token-bootstrap:identities.owner'",
      ],
      ["copilot-token-bootstrap:state.container", "SETTING_INVALID", set("state.container")],
      ["copilot-token-bootstrap:state.key", "SETTING_INVALID", set("state.key")],
      [
        "copilot-token-bootstrap:extra",
        "SETTING_UNKNOWN",
        "pulumi config rm --path 'copilot-token-bootstrap:extra'",
      ],
    ]);
  });

  it.each([
    ["rotator", "environment", "rotate"],
    ["verifier", "environment", "verify"],
    ["granter", "displayName", "'copilot-token granter'"],
  ])("repairs what is empty for the %s by its own %s", (key, setting, value) => {
    const { faults } = judgeBootstrapSettings({ repositories, identities: { [key]: { [setting]: "" } } });
    expect(faults.map(({ repair }) => repair)).toEqual([
      `pulumi config set --path 'copilot-token-bootstrap:identities.${key}.${setting}' ${value}`,
    ]);
  });

  it("names a repository by a command that a shell takes as it stands", () => {
    expect(judgeBootstrapSettings({}).faults[0]?.repair).toMatch(
      /^pulumi config set --path 'copilot-token-bootstrap:repositories\[0\]' '<owner\/name>', or /,
    );
  });

  it.each([
    ["an identity that no job can sign in as", {}, /No job could sign in as this identity/],
    [
      "one sign-in for two identities",
      { repositories, identities: { rotator: {}, verifier: { environment: "rotate" } } },
      /environment:rotate may sign in as the rotator too: a job that can sign in as both has the permissions of both/,
    ],
    [
      "one sign-in twice",
      {
        repositories,
        identities: { verifier: { federated: [{ github: "Contoso/Agents", environment: "verify" }] } },
      },
      /is listed twice/,
    ],
    [
      "a managed identity as trust",
      { repositories, identities: { verifier: { federated: [{ identity: "agent" }] } } },
      /The bootstrap makes no managed identities/,
    ],
    [
      "a scope for whom gets no role from here",
      {
        repositories,
        identities: { verifier: { scopes: ["/subscriptions/9d3e5a17-42c8-4b6f-8e21-7c0a1b5f6d38"] } },
      },
      /The verifier gets no Azure role from the bootstrap/,
    ],
    [
      "more trusts than Entra takes",
      {
        repositories: Array.from({ length: 21 }, (_, index) => `contoso/agents${index}`),
        identities: { verifier: {} },
      },
      /21 federated credentials are listed, and Entra accepts 20/,
    ],
  ])("refuses %s", (_, given, words) => {
    const { faults } = judgeBootstrapSettings(given);
    expect(faults[0]?.reason).toMatch(words);
  });
});
