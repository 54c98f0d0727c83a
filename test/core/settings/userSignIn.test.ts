import { describe, expect, it } from "vitest";
import { judgeSettings } from "../../../core/settings/settings";

function judged(app: object, others: object = {}) {
  const { faults, settings } = judgeSettings({ apps: { Agent: app, ...others } });
  return { faults: faults.map(({ key, reason, repair }) => ({ key, reason, repair })), settings };
}

const delegated = ["User.Read", "Files.ReadWrite"];
const issuer = "https://login.microsoftonline.com/5b1c2f0e-7a64-4d0c-9a3b-2f6d8e1c4a70/v2.0";
const subject = "/eid1/c/pub/t/q_3PHP4hskCbPcOnIiozDg/a/9ExAW52n_ky4ZiS_jhpJIQ/agent";

describe("an app that acts as its signed-in user", () => {
  it("needs no application permission, and no federated credential before the agent shows one", () => {
    const { settings, faults } = judged({ delegated, credential: "federated" });
    expect(faults).toEqual([]);
    expect(settings?.apps["Agent"]).toMatchObject({ delegated, permissions: [], credential: "federated" });
  });

  it("takes OpenID Connect's names, and everything that the sign-in may have", () => {
    const app = {
      delegated: ["openid", "profile", "offline_access", "User.Read"],
      credential: "federated",
      agentSignIn: { issuer, subject },
      userSignIn: {
        regions: ["global", "usGovernment"],
        redirectUris: ["http://localhost:3000/back", "https://global.consent.azure-apim.net/redirect/x"],
        users: ["11111111-2222-4333-8444-555555555555"],
        assignedTo: ["11111111-2222-4333-8444-555555555556"],
        teamsAppId: "11111111-2222-4333-8444-555555555557",
      },
    };
    expect(judged(app).faults).toEqual([]);
  });

  it("is refused beside application permissions, with the commands that part them", () => {
    const { faults } = judged({ permissions: ["User.Read.All"], delegated }, { AgentUser: { delegated } });
    expect(faults).toEqual([
      {
        key: "copilot-token:apps.Agent.delegated",
        reason: expect.stringContaining("In one registration"),
        repair:
          "pulumi config set --path 'copilot-token:apps.AgentUser2.delegated[0]' User.Read && " +
          "pulumi config set --path 'copilot-token:apps.AgentUser2.delegated[1]' Files.ReadWrite && " +
          "pulumi config rm --path 'copilot-token:apps.Agent.delegated'",
      },
    ]);
  });

  it.each([
    ["no permission", { delegated: [] }, "delegated"],
    ["a permission twice", { delegated: ["User.Read", "user.read"] }, "delegated[1]"],
    ["a managed identity", { delegated, credential: "managedIdentity", identity: "agent" }, "credential"],
    ["an agent's credential beside a secret", { delegated, agentSignIn: { issuer, subject } }, "credential"],
    [
      "issuer and subject exchanged",
      { delegated, credential: "federated", agentSignIn: { issuer: subject, subject: issuer } },
      "agentSignIn.issuer",
    ],
    [
      "a subject with blanks",
      { delegated, credential: "federated", agentSignIn: { issuer, subject: "a b" } },
      "agentSignIn.subject",
    ],
    [
      "a placeholder for the issuer",
      { delegated, credential: "federated", agentSignIn: { issuer: "https://<issuer>/v2.0", subject } },
      "agentSignIn.issuer",
    ],
    [
      "an issuer that is no address",
      { delegated, credential: "federated", agentSignIn: { issuer: "https://:/", subject } },
      "agentSignIn.issuer",
    ],
    [
      "an issuer with a user name",
      { delegated, credential: "federated", agentSignIn: { issuer: "https://a:b@contoso.com/", subject } },
      "agentSignIn.issuer",
    ],
    [
      "a placeholder for the subject",
      { delegated, credential: "federated", agentSignIn: { issuer, subject: "<value>" } },
      "agentSignIn.subject",
    ],
    [
      "a wildcard as the subject",
      { delegated, credential: "federated", agentSignIn: { issuer, subject: "*" } },
      "agentSignIn.subject",
    ],
    [
      "a redirect URI with a user name",
      { delegated, userSignIn: { redirectUris: ["https://a:b@contoso.com/"] } },
      "userSignIn.redirectUris[0]",
    ],
    [
      "a placeholder in a redirect URI",
      {
        delegated,
        userSignIn: { redirectUris: ["https://global.consent.azure-apim.net/redirect/<connector>"] },
      },
      "userSignIn.redirectUris[0]",
    ],
    [
      "a user twice",
      {
        delegated,
        userSignIn: {
          users: ["aaaaaaaa-2222-4333-8444-555555555555", "AAAAAAAA-2222-4333-8444-555555555555"],
        },
      },
      "userSignIn.users[1]",
    ],
    [
      "an assignment twice",
      {
        delegated,
        userSignIn: {
          assignedTo: ["aaaaaaaa-2222-4333-8444-555555555555", "aaaaaaaa-2222-4333-8444-555555555555"],
        },
      },
      "userSignIn.assignedTo[1]",
    ],
    [
      "a redirect URI without a path, which azuread refuses",
      { delegated, userSignIn: { redirectUris: ["https://contoso.com"] } },
      "userSignIn.redirectUris[0]",
    ],
    [
      "a redirect URI without TLS",
      { delegated, userSignIn: { redirectUris: ["http://contoso.com/back"] } },
      "userSignIn.redirectUris[0]",
    ],
    ["a region that there is not", { delegated, userSignIn: { regions: ["mars"] } }, "userSignIn.regions[0]"],
    [
      "users' sign-in of an app that acts as itself",
      { permissions: ["User.Read.All"], userSignIn: {} },
      "userSignIn",
    ],
    ["neither kind of permission", {}, "permissions"],
  ])("is refused with %s", (_what, app, key) => {
    expect(judged(app).faults.map((fault) => fault.key)).toContain(`copilot-token:apps.Agent.${key}`);
  });

  it.each(["User.Read Files.ReadWrite", "User.Read, Files.ReadWrite", "User.Read;Files.ReadWrite"])(
    "is given each permission of %j in a place of its own",
    (several) => {
      expect(judged({ delegated: [several, "Mail.Read"] }).faults.map(({ repair }) => repair)).toEqual([
        "pulumi config set --path 'copilot-token:apps.Agent.delegated[0]' User.Read && " +
          "pulumi config set --path 'copilot-token:apps.Agent.delegated[2]' Files.ReadWrite",
      ]);
    },
  );

  it("is given one such command only, since a second one would write to the same place", () => {
    const { faults } = judged({ delegated: ["User.Read Mail.Read", "Files.Read Notes.Read"] });
    expect(faults.map(({ repair }) => repair)).toEqual([
      expect.stringContaining("delegated[2]' Mail.Read"),
      "pulumi config set --path 'copilot-token:apps.Agent.delegated[1]' '<permission>'",
    ]);
  });
});
