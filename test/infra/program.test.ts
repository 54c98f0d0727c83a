import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it, vi } from "vitest";
import { readStackOutputs } from "../../core/outputs/stackOutputs";
import {
  appRoleIds,
  callerObjectId,
  createInAzure,
  graphObjectId,
  guid,
  stackId,
  subscriptionId,
  tenantId,
} from "../support/azureMocks";
import { publishedOutputs, publishedSecretApp } from "../support/publishedOutputs";
import { existingApp, fakeDirectory } from "../support/fakeDirectory";
import { inOrder, refusal, type Mocks, type Recording } from "../support/recordResources";
import { deployed, refused, runOf, runsAt as now, tree } from "../support/runProgram";

const startsAt = "2026-11-22T10:00:00Z";
const dueAt = new Date("2027-01-21T10:00:00Z");
const secretType = "pulumi-nodejs:dynamic/copilot-token:ClientSecret";

const stack = "Stack::copilot-token-test";
const vaultTree = [
  `RandomUuid::stack-id < ${stack}`,
  "Vault::vault < SecretVault::vault",
  "DiagnosticSetting::vault < SecretVault::vault",
  "Workspace::vault-audit- < SecretVault::vault",
  "ResourceGroup::copilot-token-test- < SecretVault::vault",
  `SecretVault::vault < ${stack}`,
  "RandomString::vault < SecretVault::vault",
];
const appTree = (name: string, permissions: readonly string[]): string[] => [
  `Application::${name} < AppRegistration::${name}`,
  `ServicePrincipal::${name} < AppRegistration::${name}`,
  `AppRegistration::${name} < GraphApp::${name}`,
  ...permissions.map((permission) => `AppRoleAssignment::${name}-${permission} < AdminConsent::${name}`),
  `AdminConsent::${name} < GraphApp::${name}`,
  `ClientSecret::${name} < ClientSecret::${name}`,
  `ClientSecret::${name} < GraphApp::${name}`,
  `GraphApp::${name} < ${stack}`,
];

const sorted = (lines: readonly string[]): string[] => [...lines].sort();

/** What a run with default settings published, `sequence` and start as given. */
function published(sequence: number, start = startsAt): Record<string, unknown> {
  const app = publishedSecretApp("CopilotAPIAuth", { sequence, startsAt: start, cause: "first" });
  return { ...publishedOutputs({ CopilotAPIAuth: app }) };
}

const vaultHolds = (tags: Record<string, string> | undefined): Mocks => ({
  functions: { "azure-native:keyvault:getSecret": () => ({ tags }) },
});

/** A later run of a stack whose vault agrees with its outputs. */
const laterRun = (sequence: number, start?: string): Mocks => ({
  ...vaultHolds({ sequence: String(sequence), startsAt: start ?? startsAt, cause: "first" }),
  previousOutputs: published(sequence, start),
});

/** The client secrets that a run wants, such as `CopilotAPIAuth-7`. */
const secretsWanted = ({ resources }: Recording): string[] =>
  resources
    .filter(({ type }) => type === secretType)
    .map(({ name, inputs }) => `${name}-${String(inputs["sequence"])}`)
    .sort();

describe("deploy", () => {
  it("registers the whole of the default stack, each resource once and where it belongs", async () => {
    const run = await deployed(runOf());
    expect(sorted(tree(run))).toEqual(
      sorted([...vaultTree, ...appTree("CopilotAPIAuth", ["User.Read.All"])]),
    );
  });

  it("publishes identifiers and times", async () => {
    const { stackOutputs } = await deployed(runOf());
    expect(stackOutputs).toEqual({
      stackId,
      tenantId,
      vaultName: "copilot-test-abcd1234",
      vaultUri: "https://copilot-test-abcd1234.vault.azure.net/",
      vaultResourceId: `/subscriptions/${subscriptionId}/resourceGroups/group/providers/Microsoft.KeyVault/vaults/copilot-test-abcd1234`,
      vaultNameFrom: "generated",
      namedAfter: "test",
      rotation: { everyDays: 60, keepDays: 60, graceDays: 14 },
      powerPlatform: { agents: [] },
      identities: {},
      apps: {
        CopilotAPIAuth: {
          displayName: "CopilotAPIAuth",
          clientId: "CopilotAPIAuth-client",
          applicationObjectId: "CopilotAPIAuth-object",
          servicePrincipalObjectId: "CopilotAPIAuth-sp",
          permissions: ["User.Read.All"],
          owners: [callerObjectId],
          signIn: "secret",
          federated: [],
          secretName: "CopilotAPIAuth",
          secretResourceId: `/subscriptions/${subscriptionId}/resourceGroups/group/providers/Microsoft.KeyVault/vaults/copilot-test-abcd1234/secrets/CopilotAPIAuth`,
          credential: {
            sequence: 1,
            cause: "first",
            keyId: "CopilotAPIAuth-1-key",
            startsAt,
            endsAt: "2027-04-05T10:00:00Z",
            nextRotationAt: "2027-01-21T10:00:00.000Z",
          },
        },
      },
    });
  });

  it("publishes what the commands can read", async () => {
    const withGuids: Mocks["create"] = (type, name, inputs) => {
      const { id, state } = createInAzure(type, name, inputs);
      const guids = { clientId: guid("c1"), objectId: guid("0b"), keyId: guid("4e") };
      const hasGuids = type.startsWith("azuread:") || type === secretType;
      const changed = Object.entries(guids).filter(([key]) => key in state && hasGuids);
      const guidInId = id.replace(/^(\/applications\/|\/servicePrincipals\/).*/, `$1${guids.objectId}`);
      return { id: guidInId, state: { ...state, ...Object.fromEntries(changed) } };
    };
    const { stackOutputs } = await deployed(runOf(), { create: withGuids });
    expect(readStackOutputs(stackOutputs)).toEqual(stackOutputs);
  });

  it("gives no resource a secret, and gets none", async () => {
    const { resources, outputs } = await deployed(runOf());
    expect(JSON.stringify([resources, [...outputs]])).not.toContain(pulumi.runtime.specialSecretSig);
  });

  it("only ever reads Microsoft Graph's own service principal", async () => {
    const { resources, calls } = await deployed(runOf());
    expect(calls.filter(([token]) => token.startsWith("azuread:"))).toEqual([
      [
        "azuread:index/getServicePrincipal:getServicePrincipal",
        { clientId: "00000003-0000-0000-c000-000000000000" },
      ],
    ]);
    const principals = resources.filter(
      ({ type }) => type === "azuread:index/servicePrincipal:ServicePrincipal",
    );
    expect(principals.map(({ inputs }) => inputs)).toEqual([
      {
        clientId: "CopilotAPIAuth-client",
        owners: [callerObjectId],
        tags: [
          `copilot-token:id:${stackId}`,
          "copilot-token:resource:CopilotAPIAuth",
          "copilot-token:stack:copilot-token/test",
        ],
      },
    ]);
    expect(resources.filter(({ inputs }) => "useExisting" in inputs)).toEqual([]);
  });

  it("asks the directory for nothing but what it makes and has, and for what it has by its ID", async () => {
    const first = fakeDirectory();
    await deployed(runOf({}, { directory: first.directory }));
    expect(first.asked).toEqual([
      "secret policies for a new app",
      `applications marked ${stackId}`,
      "applications named CopilotAPIAuth",
      `grants of CopilotAPIAuth-sp on ${graphObjectId}`,
    ]);
    const later = fakeDirectory();
    await deployed(runOf({}, { directory: later.directory }), laterRun(1));
    expect(later.asked).toEqual([
      `application ${publishedSecretApp("CopilotAPIAuth").applicationObjectId ?? ""}`,
      `grants of CopilotAPIAuth-sp on ${graphObjectId}`,
    ]);
  });

  it("asks for the grants of only its own service principal, even if others have the app's name", async () => {
    const { directory, asked } = fakeDirectory({
      named: { Reports: [{ objectId: "their-sp", displayName: "Reports", applicationTenantId: tenantId }] },
      grants: { "their-sp": [{ assignmentId: "theirs", appRoleId: appRoleIds["User.Read.All"] }] },
    });
    const settings = { apps: { Reports: { permissions: ["User.Read.All"] } } };
    const { resources } = await deployed(runOf(settings, { directory }));
    expect(asked.filter((question) => question.startsWith("grants"))).toEqual([
      `grants of Reports-sp on ${graphObjectId}`,
    ]);
    expect(resources.filter(({ options }) => options.import !== undefined)).toEqual([]);
  });

  it("guards apps, vault and its group, unless told not to", async () => {
    const protectedTypes = async (settings: Record<string, unknown>): Promise<string[]> =>
      inOrder((await deployed(runOf(settings))).resources)
        .filter(({ options }) => options.protect === true)
        .map(({ type }) => type);
    expect(await protectedTypes({})).toEqual([
      "azure-native:keyvault:Vault",
      "azure-native:resources:ResourceGroup",
      "azuread:index/application:Application",
      "azuread:index/servicePrincipal:ServicePrincipal",
    ]);
    expect(await protectedTypes({ protect: false })).toEqual([]);
  });

  it("makes the client secret after the service principal, without which Entra refuses it", async () => {
    const { resources, dependencies } = await deployed(runOf());
    expect(dependencies.get(`${secretType}::CopilotAPIAuth`)).toContain(
      "azuread:index/servicePrincipal:ServicePrincipal::CopilotAPIAuth",
    );
    const types = resources.map(({ type }) => type);
    expect(types.indexOf(secretType)).toBeGreaterThan(
      types.indexOf("azuread:index/servicePrincipal:ServicePrincipal"),
    );
  });

  describe("with two apps", () => {
    const reader = guid("4eade4");
    const settings = {
      apps: {
        Mail: { displayName: "Mail for Copilot", permissions: ["Mail.Send", "User.Read.All"] },
        Files: { permissions: ["Files.ReadWrite.All"], readers: [{ id: reader, type: "ServicePrincipal" }] },
      },
      owners: [guid("0a"), guid("0b")],
      vault: { name: "kv-mail", readers: [{ id: reader, type: "Group" }] },
      alerts: { email: "it@contoso.com" },
    };

    it("registers each of them, its readers and the alerts", async () => {
      expect(sorted(tree(await deployed(runOf(settings))))).toEqual(
        sorted([
          ...vaultTree.filter((line) => !line.startsWith("RandomString")),
          `RoleAssignment::vault-reader-${reader} < SecretVault::vault`,
          ...appTree("Mail", ["Mail.Send", "User.Read.All"]),
          ...appTree("Files", ["Files.ReadWrite.All"]),
          `RoleAssignment::Files-reader-${reader} < ClientSecret::Files`,
          `ExpiryAlerts::expiry < ${stack}`,
          "ActionGroup::expiry- < ExpiryAlerts::expiry",
          "SystemTopic::expiry- < ExpiryAlerts::expiry",
          "SystemTopicEventSubscription::expiry < ExpiryAlerts::expiry",
        ]),
      );
    });

    it("grants each its own permissions and nothing more", async () => {
      const { resources } = await deployed(runOf(settings));
      const grants = resources.filter(({ type }) => type.endsWith(":AppRoleAssignment"));
      expect(inOrder(grants).map(({ inputs }) => inputs)).toEqual(
        [
          ["Files", "Files.ReadWrite.All"] as const,
          ["Mail", "Mail.Send"] as const,
          ["Mail", "User.Read.All"] as const,
        ].map(([app, permission]) => ({
          appRoleId: appRoleIds[permission],
          principalObjectId: `${app}-sp`,
          resourceObjectId: graphObjectId,
        })),
      );
    });

    it("lets a reader of one secret read only that one", async () => {
      const { resources } = await deployed(runOf(settings));
      const readers = inOrder(resources.filter(({ type }) => type.endsWith(":RoleAssignment")));
      const vaultId = `/subscriptions/${subscriptionId}/resourceGroups/group/providers/Microsoft.KeyVault/vaults/kv-mail`;
      expect(readers.map(({ inputs: { scope, principalType } }) => [scope, principalType])).toEqual([
        [`${vaultId}/secrets/Files`, "ServicePrincipal"],
        [vaultId, "Group"],
      ]);
    });

    it("sets exactly the owners configured, and keeps them so", async () => {
      const { resources } = await deployed(runOf(settings));
      const owned = resources.filter(({ inputs }) => "owners" in inputs);
      expect(owned.map(({ inputs, options }) => [inputs["owners"], options.ignoreChanges])).toEqual(
        Array(4).fill([[guid("0a"), guid("0b")], undefined]),
      );
    });

    it("rotates the one that is asked for, and only that", async () => {
      const run = await deployed(runOf(settings, { rotate: "Files" }));
      expect(secretsWanted(run)).toEqual(["Files-1", "Mail-1"]);
    });
  });

  describe("in a later run", () => {
    it("registers the very same resources while nothing is due", async () => {
      const first = await deployed(runOf());
      const second = await deployed(runOf({}, { now: new Date(dueAt.getTime() - 1) }), laterRun(1));
      expect(tree(second)).toEqual(tree(first));
    });

    it.each([
      ["a millisecond before it is due", new Date(dueAt.getTime() - 1), undefined, 7, "first"],
      ["at the instant", dueAt, undefined, 8, "due"],
      ["when all are asked for", now, "all", 8, "asked"],
      ["when it is asked for by name", now, "CopilotAPIAuth", 8, "asked"],
      ["when it leaked", now, "CopilotAPIAuth:leaked", 8, "leaked"],
      ["with a clock that went back", new Date("2020-01-01T00:00:00Z"), undefined, 7, "first"],
    ])("has one client secret, the current one: %s", async (_when, at, rotate, sequence, cause) => {
      const run = await deployed(runOf({}, { now: at, rotate }), laterRun(7));
      expect(secretsWanted(run)).toEqual([`CopilotAPIAuth-${sequence}`]);
      expect(run.stackOutputs).toMatchObject({
        apps: { CopilotAPIAuth: { credential: { sequence, cause } } },
      });
      expect(run.resources.find(({ type }) => type === secretType)?.inputs).toMatchObject({ cause });
    });

    it("never plans the removal or replacement of a client secret", async () => {
      const before = await deployed(runOf(), laterRun(7));
      const after = await deployed(runOf({ rotation: { everyDays: 90 } }, { now: dueAt }), laterRun(7));
      expect(tree(after)).toEqual(tree(before));
    });

    it("never publishes an older secret again when a killed run left the vault ahead", async () => {
      const run = await deployed(runOf(), {
        ...vaultHolds({ sequence: "8", startsAt, cause: "due" }),
        previousOutputs: published(7),
      });
      expect(secretsWanted(run)).toEqual(["CopilotAPIAuth-8"]);
    });

    it("begins with 1 for an app that is new to the stack", async () => {
      const settings = {
        apps: { CopilotAPIAuth: { permissions: ["User.Read.All"] }, Mail: { permissions: ["Mail.Send"] } },
      };
      const run = await deployed(runOf(settings), laterRun(7));
      expect(secretsWanted(run)).toEqual(["CopilotAPIAuth-7", "Mail-1"]);
    });
  });

  it("adopts an app made by hand, with its service principal and its grant", async () => {
    const adopt = guid("ad0b7ed");
    const { directory } = fakeDirectory({
      applications: {
        [adopt]: existingApp({ applicationObjectId: adopt, servicePrincipalObjectId: "hand-made-sp" }),
      },
      // The engine has it under the ID that Pulumi's mocks give.
      grants: { "Mail-sp": [{ assignmentId: "a-1", appRoleId: appRoleIds["Mail.Send"] }] },
    });
    const settings = { apps: { Mail: { permissions: ["Mail.Send", "User.Read.All"], adopt } } };
    vi.spyOn(pulumi.log, "info").mockResolvedValue();
    const { resources } = await deployed(runOf(settings, { directory }));
    const imported = inOrder(resources).filter(({ options }) => options.import !== undefined);
    expect(
      imported.map(({ type, name, options }) => [type.replace(/^.*:/, ""), name, options.import]),
    ).toEqual([
      ["AppRoleAssignment", "Mail-Mail.Send", `/servicePrincipals/${graphObjectId}/appRoleAssignedTo/a-1`],
      ["Application", "Mail", `/applications/${adopt}`],
      ["ServicePrincipal", "Mail", "/servicePrincipals/hand-made-sp"],
    ]);
  });
});

describe("deploy", () => {
  it("warns of a federated credential by which every pull request can sign in, before anything is registered", async () => {
    const warned: string[] = [];
    vi.spyOn(pulumi.log, "warn").mockImplementation((message) => {
      warned.push(message);
      return Promise.resolve();
    });
    const issuer = "https://token.actions.githubusercontent.com";
    const federated = [{ issuer, subject: "repo:o/r:pull_request" }];
    await deployed(
      runOf({ apps: { Mail: { permissions: ["Mail.Send"], credential: "federated", federated } } }),
    );
    expect(warned).toEqual([
      expect.stringMatching(
        /^copilot-token:apps\.Mail\.federated "repo:o\/r:pull_request": .*before anyone has reviewed the code/,
      ),
    ]);
  });
});

describe("deploy, before the first registration,", () => {
  it("refuses a lifetime that the tenant's policy does not allow, before anything is made", async () => {
    const { directory } = fakeDirectory({
      policies: {
        tenantPolicy: {
          id: "policy",
          displayName: "Short secrets",
          isEnabled: true,
          applicationRestrictions: {
            passwordCredentials: [
              { restrictionType: "passwordLifetime", state: "enabled", maxLifetime: "P90D" },
            ],
          },
        },
        ownPolicy: undefined,
        createdAt: undefined,
      },
    });
    const { message } = await refused(runOf({}, { directory }));
    expect(message).toContain("134");
    expect(message).toContain("90");
    expect(message).toContain("Short secrets");
    expect(message).toContain("pulumi config set --path 'copilot-token:rotation.");
  });

  it("refuses owners that leave out the service principal that deploys, which could not finish", async () => {
    const caller = {
      objectId: callerObjectId,
      isApplication: true,
      holds: ["Application.ReadWrite.OwnedBy"],
    };
    const { directory } = fakeDirectory({ caller });
    const { code, message } = await refused(runOf({ owners: [guid("0a")] }, { directory }));
    expect(code).toBe("OWNERS_WITHOUT_DEPLOYER");
    expect(message).toContain(`pulumi config set --path 'copilot-token:owners[1]' ${callerObjectId}`);
  });

  it("names faulty settings and unknown permissions in one error", async () => {
    const settings = {
      apps: { Mail: { permissions: ["Mail.Sendd", "User.Read"] } },
      rotation: { everyDays: 0 },
    };
    const { code, keys } = await refused(runOf(settings));
    expect([code, keys]).toEqual([
      "SETTINGS_INVALID",
      ["rotation.everyDays", "apps.Mail.permissions[0]", "apps.Mail.permissions[1]"],
    ]);
  });

  it("names a faulty permission once, by the fault that the settings know", async () => {
    const { keys, message } = await refused(runOf({ apps: { Mail: { permissions: ["User.Read. All"] } } }));
    expect(keys).toEqual(["apps.Mail.permissions[0]"]);
    expect(message).toContain("holds no blanks");
  });

  it("names only invalid settings where there is no sign-in", async () => {
    const notSignedIn = {
      functions: {
        "azuread:index/getServicePrincipal:getServicePrincipal": () => {
          throw refusal("building client: unable to obtain access token");
        },
      },
    };
    const settings = { apps: { Mail: { permissions: ["Mail.Sendd"] } }, protect: "yes" };
    expect((await refused(runOf(settings), notSignedIn)).keys).toEqual(["protect"]);
  });

  it.each([
    ["User.Read", "PERMISSION_DELEGATED_ONLY"],
    ["Mail.Everything", "PERMISSION_UNKNOWN"],
    ["RoleManagement.ReadWrite.Directory", "PERMISSION_TIER_ZERO"],
  ])("refuses the permission %s", async (permission, code) => {
    const settings = { apps: { Mail: { permissions: ["Mail.Send", permission] } } };
    expect(await refused(runOf(settings))).toMatchObject({ code, keys: ["apps.Mail.permissions[1]"] });
  });

  it("refuses to rotate an app that is none", async () => {
    expect(await refused(runOf({}, { rotate: "CopilotAPIAuth,Mial,Flies:leaked" }))).toMatchObject({
      code: "ROTATE_UNKNOWN_APP",
      message:
        'COPILOT_TOKEN_ROTATE names "Mial", "Flies:leaked", but the stack\'s apps are CopilotAPIAuth. ' +
        'Nothing was changed; name one of these, several with commas, or "all"; ":leaked" after a name is for a leaked secret.',
    });
  });

  it("refuses to adopt what the tenant does not have, naming each", async () => {
    const app = (adopt: string) => ({ permissions: ["Mail.Send"], adopt });
    const settings = {
      apps: { Mail: app(guid("01")), Files: app(guid("02")), Sites: { permissions: ["Mail.Send"] } },
    };
    expect(await refused(runOf(settings))).toMatchObject({
      code: "SETTINGS_INVALID",
      keys: ["apps.Mail.adopt", "apps.Files.adopt"],
    });
  });

  it("refuses to go on from outputs that it cannot read", async () => {
    expect(await refused(runOf(), { previousOutputs: { apps: { CopilotAPIAuth: {} } } })).toMatchObject({
      code: "OUTPUTS_INVALID",
    });
  });
});
