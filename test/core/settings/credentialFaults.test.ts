import { describe, expect, it } from "vitest";
import { judgeSettings } from "../../../core/settings/settings";

const permissions = ["User.Read.All"];
const objectId = "11111111-2222-4333-8444-555555555555";
const prod = { github: "contoso/agents", environment: "prod" };

type Given = Record<string, unknown>;

/** Settings with one app. */
const app = (more: Given, identities: Given = {}): Given => ({
  apps: { Mail: { permissions, ...more } },
  identities,
});

/** Each fault as "key: reason". */
function faultsOf(given: Given): string[] {
  return judgeSettings(given).faults.map(
    ({ key, reason }) => `${key.replace("copilot-token:", "")}: ${reason}`,
  );
}

describe("credentialFaults", () => {
  it.each<[string, Given]>([
    ["a secret alone", app({ credential: "secret" })],
    ["a secret, and a consumer that needs none", app({ federated: [prod] })],
    ["a certificate alone", app({ credential: "certificate" })],
    ["a certificate of another size", app({ credential: "certificate", certificate: { keySize: 3072 } })],
    ["federation alone", app({ credential: "federated", federated: [prod] })],
    ["a managed identity", app({ credential: "managedIdentity", identity: "agent" }, { agent: {} })],
    [
      "a managed identity that CI may be too",
      app({ credential: "managedIdentity", identity: "agent" }, { agent: { federated: [prod] } }),
    ],
    [
      "an app that trusts a managed identity",
      app({ credential: "federated", federated: [{ identity: "agent" }] }, { agent: {} }),
    ],
  ])("takes %s", (_what, given) => {
    expect(faultsOf(given)).toEqual([]);
  });

  it.each<[string, Given, string[]]>([
    [
      "how to make a certificate that the app does not have",
      app({ certificate: { exportable: true } }),
      ["apps.Mail.certificate: Only an app with credential: certificate has a certificate to make."],
    ],
    [
      "a key of an unsupported size",
      app({ credential: "certificate", certificate: { keySize: 1024 } }),
      ["apps.Mail.certificate.keySize: Either 2048 or 3072."],
    ],
    [
      "an app with the name of another's certificate",
      {
        apps: {
          Mail: { permissions, credential: "certificate" },
          "mail-certificate": { permissions },
          "Mail.signing.key": { permissions },
        },
      },
      ["mail-certificate", "Mail.signing.key"].map(
        (name) =>
          `apps${name.includes(".") ? `["${name}"]` : `.${name}`}: Its vault secret would have the same name as the one of "Mail": Key Vault ignores case and accepts no '.' or '_'.`,
      ),
    ],
    [
      "federation that trusts no one",
      app({ credential: "federated" }),
      [
        "apps.Mail.federated: With credential: federated, this list must name at least one federated credential.",
      ],
    ],
    [
      "a managed identity that is not named",
      app({ credential: "managedIdentity" }, { agent: {} }),
      [
        "apps.Mail.identity: With credential: managedIdentity, this must be a key of copilot-token:identities.",
      ],
    ],
    [
      "a managed identity that is not there",
      app({ credential: "managedIdentity", identity: "agnet" }, { agent: {} }),
      ["apps.Mail.identity: copilot-token:identities has no such key; it has: agent."],
    ],
    [
      "an identity beside a secret",
      app({ identity: "agent" }, { agent: {} }),
      ["apps.Mail.identity: Only an app with credential: managedIdentity is an identity of the stack."],
    ],
    [
      "what an app registration alone can have",
      app(
        {
          credential: "managedIdentity",
          identity: "agent",
          displayName: "Mail",
          readers: [],
          adopt: "11111111-2222-4333-8444-555555555555",
          federated: [prod],
        },
        { agent: {} },
      ),
      [
        "apps.Mail.federated: A managed identity has no app registration: trust belongs into its entry in copilot-token:identities.",
        "apps.Mail.readers: The app has no secret to read.",
        "apps.Mail.adopt: The app has no app registration to adopt.",
        "apps.Mail.displayName: A managed identity is shown under its key in copilot-token:identities.",
      ],
    ],
    [
      "two apps that are one identity",
      {
        apps: {
          Mail: { permissions, credential: "managedIdentity", identity: "agent" },
          Files: { permissions, credential: "managedIdentity", identity: "agent" },
        },
        identities: { agent: {} },
      },
      [
        'apps.Files.identity: "Mail" already uses this identity, and each app would get the other\'s permissions.',
      ],
    ],
    [
      "trust in an identity that is not there",
      app({ credential: "federated", federated: [{ identity: "agent" }] }),
      ["apps.Mail.federated[0].identity: copilot-token:identities has no such key; it has: none."],
    ],
    [
      "an identity that trusts another",
      app({}, { agent: { federated: [{ identity: "other" }] }, other: {} }),
      [
        "identities.agent.federated[0]: Entra exchanges a managed identity's token for an app's, not for another managed identity's.",
      ],
    ],
    [
      "the same trust twice, whatever its audience",
      app({
        federated: [
          { issuer: "https://i.example", subject: "s" },
          prod,
          { issuer: "https://i.example", subject: "s", audience: "other" },
        ],
      }),
      ["apps.Mail.federated[2]: The same as in [0]."],
    ],
    [
      "the same trust in two forms",
      app({
        federated: [
          prod,
          {
            issuer: "https://token.actions.githubusercontent.com",
            subject: "repo:contoso/agents:environment:prod",
          },
        ],
      }),
      ["apps.Mail.federated[1]: The same as in [0]."],
    ],
    [
      "more than Entra keeps",
      app({ federated: Array.from({ length: 21 }, (_, index) => ({ ...prod, environment: `e${index}` })) }),
      ["apps.Mail.federated: Entra keeps at most 20 federated credentials an app or identity."],
    ],
    [
      "a key that Azure would not take as a name",
      app({}, { "my agent": {} }),
      [
        `identities["my agent"]: An identity's key is its name in Azure: 3 to 100 letters, digits, '-' and '_', a letter or digit first.`,
      ],
    ],
    [
      "a granter that is no client ID",
      { granter: { clientId: "granter" } },
      ["granter.clientId: A client ID is a GUID, such as 11111111-2222-4333-8444-555555555555."],
    ],
  ])("names %s", (_what, given, faults) => {
    expect(faultsOf(given)).toEqual(faults);
  });

  it.each([
    ["agnet", "pulumi config set --path 'copilot-token:apps.Mail.identity' agent"],
    ["something-else", "Put copilot-token:identities: { something-else: {} } into the stack file."],
  ])("repairs the unknown identity %s by: %s", (identity, repair) => {
    const [fault] = judgeSettings(app({ credential: "managedIdentity", identity }, { agent: {} })).faults;
    expect(fault?.repair).toBe(repair);
  });

  it("judges nothing that hangs on a way to sign in while that is written wrong", () => {
    const more = { credential: "ManagedIdentity", identity: "agent", logicApp: { callers: [objectId] } };
    expect(judgeSettings(app(more, { agent: {} })).faults.map(({ key }) => key)).toEqual([
      "copilot-token:apps.Mail.credential",
    ]);
  });

  it("has one fault for an identity beside a secret, whether it is there or not", () => {
    expect(faultsOf(app({ identity: "nobody" }))).toEqual([
      "apps.Mail.identity: Only an app with credential: managedIdentity is an identity of the stack.",
    ]);
  });

  it("says how to add a federated credential", () => {
    const [fault] = judgeSettings(app({ credential: "federated" })).faults;
    expect(fault?.repair).toContain("pulumi config set --path 'copilot-token:apps.Mail.federated[0].github'");
  });
});
