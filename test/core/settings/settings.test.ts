import { describe, expect, it } from "vitest";
import { OperatorError } from "../../../core/errors";
import {
  checkSettings,
  judgeSettings,
  type AppSettings,
  type Settings,
} from "../../../core/settings/settings";
import { runConfigCommand, type Config } from "../../support/pulumiConfig";

const objectId = "11111111-2222-4333-8444-555555555555";

const appDefaults = {
  credential: "secret",
  federated: [],
  readers: [],
} as const satisfies Partial<AppSettings>;
const defaults: Settings = {
  apps: { CopilotAPIAuth: { permissions: ["User.Read.All"], ...appDefaults } },
  identities: {},
  granter: {},
  rotation: { everyDays: 60, keepDays: 60, graceDays: 14, verification: { tokens: 10, overSeconds: 10 } },
  vault: { retentionDays: 90, sku: "standard", readers: [], allowedIpRanges: [] },
  owners: [],
  protect: true,
  alerts: {},
  powerPlatform: { agents: [], importers: [] },
  acceptTierZero: [],
};

const app = (more: object): Config => ({ apps: { Mail: { permissions: ["User.Read.All"], ...more } } });
const twoApps = (first: string, second: string): Config => ({
  apps: { [first]: { permissions: ["User.Read.All"] }, [second]: { permissions: ["User.Read.All"] } },
});

/** Each fault as "key: reason". */
function faultsOf(given: Config): string[] {
  return judgeSettings(given).faults.map(
    ({ key, reason }) => `${key.replace("copilot-token:", "")}: ${reason}`,
  );
}

describe("checkSettings", () => {
  it("gives every setting its default when none is given", () => {
    expect(checkSettings({})).toEqual(defaults);
  });

  it.each<[string, Config, Settings]>([
    [
      "an app with permissions alone",
      { apps: { Mail: { permissions: ["Mail.Send"] } } },
      { ...defaults, apps: { Mail: { permissions: ["Mail.Send"], ...appDefaults } } },
    ],
    [
      "one number of days",
      { rotation: { keepDays: 7 } },
      { ...defaults, rotation: { ...defaults.rotation, keepDays: 7 } },
    ],
    [
      "one half of the verification",
      { rotation: { verification: { overSeconds: 0 } } },
      { ...defaults, rotation: { ...defaults.rotation, verification: { tokens: 10, overSeconds: 0 } } },
    ],
    ["an empty map", { rotation: {}, vault: {} }, defaults],
    [
      "one property of the vault",
      { vault: { sku: "premium" } },
      { ...defaults, vault: { ...defaults.vault, sku: "premium" } },
    ],
    ["protection switched off", { protect: false }, { ...defaults, protect: false }],
  ])("fills in the rest beside %s", (_what, given, settings) => {
    expect(checkSettings(given)).toEqual(settings);
  });

  it("takes a stack file that says everything", () => {
    const everything: Settings = {
      apps: {
        "Mail-2.a_b": {
          displayName: "Mail for Copilot",
          permissions: ["Mail.Send", "RoleManagement.ReadWrite.Directory"],
          credential: "secret",
          federated: [],
          readers: [{ id: objectId, type: "Group" }],
          adopt: objectId,
        },
      },
      identities: { agent: { federated: [] } },
      granter: { clientId: objectId },
      rotation: { everyDays: 30, keepDays: 10, graceDays: 1, verification: { tokens: 1, overSeconds: 0.5 } },
      vault: {
        name: "kv-mail",
        retentionDays: 7,
        sku: "premium",
        readers: [{ id: objectId, type: "User" }],
        allowedIpRanges: ["203.0.113.7", "198.51.100.0/24"],
      },
      owners: [objectId],
      protect: false,
      alerts: { email: "it@contoso.com" },
      powerPlatform: {
        environmentId: `Default-${objectId}`,
        agents: ["contoso_helpdesk"],
        publisherPrefix: "contoso",
        importers: [{ id: objectId, type: "User" }],
        virtualAgentsServiceObjectId: objectId,
      },
      acceptTierZero: ["RoleManagement.ReadWrite.Directory"],
    };
    expect(checkSettings({ ...everything })).toEqual(everything);
  });

  it.each<[string, Config]>([
    ["a display name of 120 characters", app({ displayName: "x".repeat(120) })],
    ["an app's key of 100 characters", { apps: { ["A".repeat(100)]: { permissions: ["User.Read.All"] } } }],
    ["a lifetime of 730 days", { rotation: { everyDays: 365, keepDays: 364, graceDays: 1 } }],
    ["50 tokens over 300 s", { rotation: { verification: { tokens: 50, overSeconds: 300 } } }],
    ["an object ID in capitals", { owners: [objectId.toUpperCase()] }],
    ["every address", { vault: { allowedIpRanges: ["0.0.0.0/0", "203.0.113.7/32", "11.0.0.0"] } }],
    ["apps whose secrets differ by more than case", twoApps("Mail", "Mail2")],
  ])("takes %s, the edge of what works", (_what, given) => {
    expect(faultsOf(given)).toEqual([]);
  });

  it("reports every fault in one error, each with key, value, reason and repair", () => {
    const given = { rotation: { everyDays: 0 }, vault: { name: "-kv" }, surplus: [1] };
    let message = "";
    try {
      checkSettings(given);
    } catch (error) {
      expect(error).toBeInstanceOf(OperatorError);
      expect(error).toMatchObject({ code: "SETTINGS_INVALID" });
      message = (error as OperatorError).message;
    }
    expect(message).toBe(
      [
        "3 settings cannot work. Nothing was changed.",
        "  copilot-token:rotation.everyDays: 0",
        "    At least 1 day.",
        "    pulumi config set --path 'copilot-token:rotation.everyDays' 60",
        '  copilot-token:vault.name: "-kv"',
        "    A vault name begins with a letter.",
        "    pulumi config set --path 'copilot-token:vault.name' copilot-token-prod",
        "  copilot-token:surplus: [1]",
        "    This setting does not exist.",
        "    pulumi config rm --path 'copilot-token:surplus'",
      ].join("\n"),
    );
  });
});

const faulty: [string, Config, string[]][] = [
  ["no app", { apps: {} }, ["apps: At least one app is needed."]],
  [
    "apps as a list",
    { apps: ["Mail"] },
    ["apps: A map of apps is expected, such as { CopilotAPIAuth: { permissions: [User.Read.All] } }."],
  ],
  ["an app that is nothing", { apps: { Mail: null } }, ["apps.Mail: Expected a map."]],
  [
    "an app without permissions",
    { apps: { Mail: {} } },
    ["apps.Mail.permissions: This setting is required."],
  ],
  [
    "an empty list of permissions",
    { apps: { Mail: { permissions: [] } } },
    ["apps.Mail.permissions: An app needs at least one permission."],
  ],
  [
    "a permission twice",
    { apps: { Mail: { permissions: ["User.Read.All", "Mail.Send", "User.Read.All"] } } },
    ['apps.Mail.permissions[2]: The same permission as permissions[0] ("User.Read.All").'],
  ],
  [
    "a permission in another case",
    { apps: { Mail: { permissions: ["User.Read.All", "user.read.all"] } } },
    ['apps.Mail.permissions[1]: The same permission as permissions[0] ("User.Read.All").'],
  ],
  [
    "a permission with a blank before it",
    { apps: { Mail: { permissions: [" User.Read.All"] } } },
    ["apps.Mail.permissions[0]: A permission name holds no blanks."],
  ],
  [
    "a permission with a blank within",
    { apps: { Mail: { permissions: ["User.Read. All"] } } },
    ["apps.Mail.permissions[0]: A permission name holds no blanks."],
  ],
  [
    "two permissions in one string",
    { apps: { Mail: { permissions: ["User.Read.All Mail.Send"] } } },
    ["apps.Mail.permissions[0]: A permission name holds no blanks."],
  ],
  [
    "an empty permission",
    { apps: { Mail: { permissions: [""] } } },
    ["apps.Mail.permissions[0]: A permission name is missing."],
  ],
  [
    "a number as permission",
    { apps: { Mail: { permissions: [7] } } },
    ["apps.Mail.permissions[0]: A permission is a name, such as User.Read.All."],
  ],
  ["an empty display name", app({ displayName: "" }), ["apps.Mail.displayName: A display name is missing."]],
  [
    "a display name of blanks",
    app({ displayName: "  " }),
    ["apps.Mail.displayName: A display name is missing."],
  ],
  [
    "a display name of 121 characters",
    app({ displayName: "x".repeat(121) }),
    ["apps.Mail.displayName: At most 120 characters."],
  ],
  ["a number as display name", app({ displayName: 5 }), ["apps.Mail.displayName: Expected a string."]],
  ["readers as a map", app({ readers: {} }), ["apps.Mail.readers: Expected a list."]],
  [
    "a reader that is no identity",
    app({ readers: [{ id: "alice@contoso.com", type: "user" }] }),
    [
      "apps.Mail.readers[0].id: An object ID is a GUID, such as 11111111-2222-4333-8444-555555555555.",
      "apps.Mail.readers[0].type: One of ServicePrincipal, User, Group; Azure needs it for identities that are new.",
    ],
  ],
  [
    "a reader with a surplus key",
    app({ readers: [{ id: objectId, type: "User", name: "Alice" }] }),
    ["apps.Mail.readers[0].name: This setting does not exist in copilot-token:apps.Mail.readers[0]."],
  ],
  [
    "adopting something that is no object ID",
    app({ adopt: "CopilotAPIAuth" }),
    ["apps.Mail.adopt: An object ID is a GUID, such as 11111111-2222-4333-8444-555555555555."],
  ],
  [
    "two apps that adopt the same one, in whatever case",
    {
      apps: {
        Mail: { permissions: ["Mail.Send"], adopt: "aaaaaaaa-2222-4333-8444-555555555555" },
        Files: { permissions: ["Mail.Send"], adopt: "AAAAAAAA-2222-4333-8444-555555555555" },
      },
    },
    ['apps.Files.adopt: "Mail" adopts the same app.'],
  ],
  [
    "taking over a vault that is none of this program's, beside the name of another",
    {
      vault: {
        name: "kv-mail",
        adopt: "/subscriptions/s/resourceGroups/rg-shared/providers/Microsoft.KeyVault/vaults/kv-other",
      },
    },
    [
      "vault.adopt: Only a vault that this program created can be adopted, in a resource group named copilot-token-…: rg-shared would become part of the stack too, and be deleted with it.",
      "vault.name: vault.adopt is of another vault, kv-other.",
    ],
  ],
  [
    "an unknown key in an app",
    app({ permission: "User.Read.All" }),
    ["apps.Mail.permission: This setting does not exist in copilot-token:apps.Mail."],
  ],
  [
    "an app's key that begins with a digit",
    { apps: { "1Mail": { permissions: ["User.Read.All"] } } },
    [
      "apps[\"1Mail\"]: An app's key starts with a letter and has up to 100 letters, digits, '.', '_' and '-'.",
    ],
  ],
  [
    "two apps that differ in case alone",
    twoApps("Mail", "mail"),
    [
      "apps.mail: Its vault secret would have the same name as the one of \"Mail\": Key Vault ignores case and accepts no '.' or '_'.",
    ],
  ],
  [
    "two apps whose secrets get one name",
    twoApps("Mail.Sender", "mail_sender"),
    [
      "apps.mail_sender: Its vault secret would have the same name as the one of \"Mail.Sender\": Key Vault ignores case and accepts no '.' or '_'.",
    ],
  ],
  [
    "days of 0, less than 0 and in parts",
    { rotation: { everyDays: 0, keepDays: -1, graceDays: 1.5 } },
    [
      "rotation.everyDays: At least 1 day.",
      "rotation.keepDays: At least 1 day.",
      "rotation.graceDays: Days are whole.",
    ],
  ],
  [
    "days that are no numbers",
    { rotation: { everyDays: "60", keepDays: null, graceDays: [14] } },
    [
      "rotation.everyDays: A number of days is expected.",
      "rotation.keepDays: A number of days is expected.",
      "rotation.graceDays: A number of days is expected.",
    ],
  ],
  [
    "731 days at once",
    { rotation: { everyDays: 731 } },
    ["rotation.everyDays: At most 730 days: Entra takes no longer secret lifetime from the portal either."],
  ],
  [
    "days that sum up to 731",
    { rotation: { everyDays: 657 } },
    ["rotation: everyDays + keepDays + graceDays is the lifetime of a secret: 731 days. The maximum is 730."],
  ],
  ["a rotation that is a number", { rotation: 60 }, ["rotation: Expected a map."]],
  [
    "a verification that is a list",
    { rotation: { verification: [] } },
    ["rotation.verification: Expected a map."],
  ],
  [
    "a verification of too little",
    { rotation: { verification: { tokens: 0, overSeconds: -1 } } },
    ["rotation.verification.tokens: At least 1.", "rotation.verification.overSeconds: Not negative."],
  ],
  [
    "a verification of too much",
    { rotation: { verification: { tokens: 51, overSeconds: 300.5 } } },
    ["rotation.verification.tokens: At most 50.", "rotation.verification.overSeconds: At most 300."],
  ],
  [
    "tokens in parts",
    { rotation: { verification: { tokens: 1.5 } } },
    ["rotation.verification.tokens: Tokens are whole."],
  ],
  [
    "unknown keys at three depths",
    { rotations: {}, rotation: { every: 1, verification: { seconds: 1 } } },
    [
      "rotation.verification.seconds: This setting does not exist in copilot-token:rotation.verification.",
      "rotation.every: This setting does not exist in copilot-token:rotation.",
      "rotations: This setting does not exist.",
    ],
  ],
  [
    "a setting under its name of an earlier release",
    { rotation: { proof: { tokens: 5 } } },
    ['rotation.proof: This setting does not exist in copilot-token:rotation; it is called "verification".'],
  ],
  [
    "a vault name that Key Vault refuses",
    { vault: { name: "copilot--token" } },
    ["vault.name: A vault name has no two hyphens in a row."],
  ],
  [
    "days of retention out of range",
    { vault: { retentionDays: 6 } },
    ["vault.retentionDays: Key Vault keeps deleted secrets for 7 to 90 days."],
  ],
  ["an unknown kind of vault", { vault: { sku: "basic" } }, ["vault.sku: Either standard or premium."]],
  [
    "ranges that are none",
    {
      vault: {
        allowedIpRanges: [
          "203.0.113.0/33",
          "::1",
          "300.1.1.1",
          "203.0.113.1/",
          "203.0.113.0/8/8",
          "office",
          5,
        ],
      },
    },
    [
      ...[0, 1, 2, 3, 4, 5].map(
        (index) =>
          `vault.allowedIpRanges[${index}]: An IPv4 address or a range such as 203.0.113.0/24: Key Vault takes nothing else.`,
      ),
      "vault.allowedIpRanges[6]: Expected a string.",
    ],
  ],
  [
    "ranges without a public address, which Azure refuses",
    { vault: { allowedIpRanges: ["10.1.2.3/32", "172.31.0.0/16", "127.0.0.1"] } },
    [
      ["10.0.0.0–10.255.255.255 (private IP addresses)"],
      ["172.16.0.0–172.31.255.255 (private IP addresses)"],
      ["127.0.0.0–127.255.255.255 (loopback IP addresses)"],
    ].map(
      ([range = ""], index) =>
        `vault.allowedIpRanges[${index}]: It lies in ${range}, and Key Vault's firewall accepts public addresses only. ` +
        "Name the public address under which the network reaches the internet.",
    ),
  ],
  ["a vault that is a name", { vault: "kv-mail" }, ["vault: Expected a map."]],
  [
    "an owner by name",
    { owners: ["alice@contoso.com"] },
    ["owners[0]: An object ID is a GUID, such as 11111111-2222-4333-8444-555555555555."],
  ],
  ["one owner without a list", { owners: objectId }, ["owners: Expected a list."]],
  [
    "alerts without a recipient",
    { alerts: { email: "it" } },
    ["alerts.email: An e-mail address is expected."],
  ],
  [
    "alerts by other means",
    { alerts: { sms: "5" } },
    ["alerts.sms: This setting does not exist in copilot-token:alerts."],
  ],
  ["protection that is a word", { protect: "yes" }, ["protect: Either true or false."]],
  [
    "an acceptance of something harmless",
    { acceptTierZero: ["User.Read.All"] },
    ["acceptTierZero[0]: Not a permission that can take over the tenant, so there is nothing to accept."],
  ],
  [
    "an acceptance without a list",
    { acceptTierZero: "RoleManagement.ReadWrite.Directory" },
    ["acceptTierZero: Expected a list."],
  ],
];

describe("judgeSettings", () => {
  it.each(faulty)("names the fault of %s", (_what, given, faults) => {
    expect(faultsOf(given)).toEqual(faults);
  });

  it("shows the value that stands at the key, or that none does", () => {
    const { faults } = judgeSettings({ apps: { Mail: { displayName: 5 } } });
    expect(faults.map(({ key, value }) => [key, value])).toEqual([
      ["copilot-token:apps.Mail.displayName", "5"],
      ["copilot-token:apps.Mail.permissions", "(absent)"],
    ]);
  });

  it("tells unknown keys from wrong values by code", () => {
    const { faults } = judgeSettings({ protect: 1, protected: true });
    expect(faults.map(({ code }) => code)).toEqual(["SETTING_INVALID", "SETTING_UNKNOWN"]);
  });

  it("keeps the permission names that it can read, for the tenant to judge", () => {
    const judged = judgeSettings({
      apps: {
        Mail: { permissions: ["Mail.Send", 5], more: 1 },
        Odd: "x",
        Files: { permissions: "Files.Read.All", credential: "federated" },
      },
      acceptTierZero: ["Application.ReadWrite.All", 1],
    });
    expect(judged).toMatchObject({
      asked: {
        apps: {
          Mail: { permissions: ["Mail.Send"] },
          Odd: { permissions: [] },
          Files: { permissions: [], credential: "federated" },
        },
        acceptTierZero: ["Application.ReadWrite.All"],
      },
    });
  });

  it("sees a permission twice although another of the list is no name at all", () => {
    expect(faultsOf({ apps: { Mail: { permissions: ["Mail.Send", 5, "mail.send"] } } })).toEqual([
      "apps.Mail.permissions[1]: A permission is a name, such as User.Read.All.",
      'apps.Mail.permissions[2]: The same permission as permissions[0] ("Mail.Send").',
    ]);
  });

  it("judges an app whose key is faulty too", () => {
    expect(faultsOf({ apps: { "1Mail": { permissions: [] } } })).toEqual([
      'apps["1Mail"].permissions: An app needs at least one permission.',
      "apps[\"1Mail\"]: An app's key starts with a letter and has up to 100 letters, digits, '.', '_' and '-'.",
    ]);
  });

  it.each([
    ["an app", (readers: object[]) => app({ readers }), "apps.Mail.readers[1].id"],
    ["the vault", (readers: object[]) => ({ vault: { readers } }), "vault.readers[1].id"],
  ])("names a reader of %s who is there twice, since each becomes one resource", (_what, settings, key) => {
    const readers = [objectId, objectId.toUpperCase()].map((id) => ({ id, type: "User" }));
    expect(judgeSettings(settings(readers)).faults.map((fault) => fault.key)).toEqual([
      `copilot-token:${key}`,
    ]);
  });
});

describe("the repair of a fault", () => {
  /** The faults that are still there, by command, when each command is run on its own. */
  function uncured(given: Config): string[] {
    return judgeSettings(given).faults.flatMap(({ key, reason, repair }) => {
      const command = repair
        .replace(/^Rename (it|one of them): /, "")
        .replace(/<(?:(application )?object|client) ID>/, objectId)
        .replace("'<true or false>'", "true")
        .replace("'<permission>'", "Mail.Send");
      const commands = command.split(" && ");
      const config = commands.reduce<Config>((before, one) => runConfigCommand(one, before), given);
      const after = judgeSettings(config).faults;
      return after.some((fault) => fault.key === key && fault.reason === reason) ? [command] : [];
    });
  }

  it.each<[string, Config, ...unknown[]]>([
    ...faulty,
    ["days of which two are too many", { rotation: { everyDays: 400, keepDays: 400 } }],
  ])("cures %s when its command is run", (_what, given) => {
    expect(uncured(given)).toEqual([]);
  });

  it.each<[string, Config]>([
    ["a permission without a list", { apps: { Mail: { permissions: "User.Read.All" } } }],
    ["days of which not the first are too many", { rotation: { keepDays: 700 } }],
    ["a Logic App without callers", app({ logicApp: {} })],
    ["a Logic App with no callers", app({ logicApp: { callers: [] } })],
    ["a Logic App with a lone caller", app({ logicApp: { callers: objectId } })],
    [
      "a Logic App's request without a field",
      app({ logicApp: { requests: { a: { path: "/v1.0/users" } } } }),
    ],
    ["an unknown key with an apostrophe", { rotation: { "it's": 1 } }],
    ["an unknown key with a quote", { rotation: { 'a"b': 1 } }],
    ["an unknown outermost key with a dot", { "verification.tokens": 5 }],
  ])("cures %s when its command is run", (_what, given) => {
    expect(uncured(given)).toEqual([]);
  });

  it.each<[string, Config, string]>([
    ["a number in quotes", { rotation: { everyDays: "90" } }, "rotation.everyDays' 90"],
    ["a truth in quotes", { protect: "false" }, "protect' false"],
    ["another case", { vault: { sku: "Premium" } }, "vault.sku' premium"],
    ["a hyphen too many", app({ credential: "managed-identity" }), "apps.Mail.credential' managedIdentity"],
    [
      "a blank behind it",
      { apps: { Mail: { permissions: ["Mail.Send "] } } },
      "apps.Mail.permissions[0]' Mail.Send",
    ],
    ["no for false", { protect: "no" }, "protect' false"],
    ["on for true", { protect: " ON " }, "protect' true"],
    ["a blank in a permission", app({ permissions: ["Mail. Send"] }), "apps.Mail.permissions[0]' Mail.Send"],
    [
      "a permission behind Graph's name",
      app({ permissions: ["Microsoft Graph/Mail.Send"] }),
      "apps.Mail.permissions[0]' Mail.Send",
    ],
    ["braces around it", { owners: [`{${objectId}}`] }, `owners[0]' ${objectId}`],
    ["no list around it", { owners: objectId }, `owners[0]' ${objectId}`],
    [
      "no list around it, further in",
      { apps: { Mail: { permissions: "Mail.Send" } } },
      "apps.Mail.permissions[0]' Mail.Send",
    ],
  ])("sets the operator's own value where only its writing is wrong: %s", (_what, given, command) => {
    const [fault] = judgeSettings(given).faults;
    expect(fault?.repair).toMatch(/^pulumi config /);
    expect(fault?.repair.split(" && ").at(-1)).toBe(`pulumi config set --path 'copilot-token:${command}`);
    expect(uncured(given)).toEqual([]);
  });

  it.each<[string, Config, string[]]>([
    [
      "a permission key in the singular",
      { apps: { Mail: { permission: ["Mail.Send", "User.Read.All"] } } },
      [
        "pulumi config set --path 'copilot-token:apps.Mail.permissions[0]' Mail.Send",
        "pulumi config set --path 'copilot-token:apps.Mail.permissions[1]' User.Read.All",
        "pulumi config rm --path 'copilot-token:apps.Mail.permission'",
      ],
    ],
    [
      "a lone text under a key in the singular",
      { apps: { Mail: { permission: "Mail.Send" } } },
      [
        "pulumi config set --path 'copilot-token:apps.Mail.permissions[0]' Mail.Send",
        "pulumi config rm --path 'copilot-token:apps.Mail.permission'",
      ],
    ],
    [
      "a setting in the singular",
      { app: { Mail: { permissions: ["Mail.Send"] } } },
      [
        "pulumi config set --path 'copilot-token:apps.Mail.permissions[0]' Mail.Send",
        "pulumi config rm --path 'copilot-token:app'",
      ],
    ],
  ])("moves the operator's own values where only the key is wrong: %s", (_what, given, commands) => {
    expect(judgeSettings(given).faults.map(({ repair }) => repair.split(" && "))).toEqual([commands]);
    expect(uncured(given)).toEqual([]);
  });

  it.each<[string, Config]>([
    ["a permission of another API", app({ permissions: ["Office 365 Exchange Online/full_access_as_app"] })],
    ["no permission at all", { apps: { Mail: {} } }],
    ["an empty list", app({ permissions: [] })],
    ["a number", app({ permissions: [5] })],
    ["apps that are none", { apps: {} }],
    ["apps that are a text", { apps: "Mail" }],
    ["an unknown key", app({ colour: ["User.Read.All"] })],
    ["a map for a list", app({ permissions: { a: "b" } })],
  ])("grants nothing that was not asked for: %s", (_what, given) => {
    for (const { repair } of judgeSettings(given).faults) expect(repair).not.toContain("User.Read.All");
  });

  it("leaves a truth to its reader where none was meant", () => {
    expect(judgeSettings({ protect: "maybe" }).faults.map(({ repair }) => repair)).toEqual([
      "pulumi config set --path 'copilot-token:protect' '<true or false>'",
    ]);
  });

  it("sets an example where no spelling of the own value would be valid", () => {
    const [fault] = judgeSettings({ owners: [" alice@contoso.com "] }).faults;
    expect(fault?.repair).toBe("pulumi config set --path 'copilot-token:owners[0]' '<object ID>'");
  });

  it.each<[string, Config, string[]]>([
    [
      "no ID, and there twice",
      {
        vault: {
          readers: [
            { id: "me", type: "User" },
            { id: "me", type: "user" },
          ],
        },
      },
      ["vault.readers[0].id", "vault.readers[1].id: The same identity as in [0]."],
    ],
    [
      "no client ID, and there twice",
      {
        apps: {
          Mail: {
            permissions: ["User.Read.All"],
            credential: "managedIdentity",
            identity: "agent",
            logicApp: { callers: ["me", "me"] },
          },
        },
        identities: { agent: {} },
      },
      ["apps.Mail.logicApp.callers[0]", "apps.Mail.logicApp.callers[1]: The same as callers[0]."],
    ],
    [
      "an unknown identity, trusted where no identity can be",
      { identities: { agent: { federated: [{ identity: "nobody" }] } } },
      ["identities.agent.federated[0]: Entra exchanges"],
    ],
    [
      "two forms of trust in one, the one of an unknown identity",
      app({ federated: [{ identity: "nobody", github: "contoso/agents" }] }),
      ["apps.Mail.federated[0]: Say who may sign in"],
    ],
  ])("is one for an element of a list that has to go: %s", (_what, given, beginnings) => {
    expect(faultsOf(given)).toEqual(beginnings.map((words) => expect.stringContaining(words) as string));
  });

  it("does not suggest removing a whole list of federated credentials that is too long", () => {
    const federated = Array.from({ length: 21 }, (_, index) => ({
      github: "contoso/agents",
      branch: `b${index}`,
    }));
    expect(judgeSettings(app({ federated })).faults.map(({ repair }) => repair)).toEqual(["Name fewer."]);
  });

  it("leaves what was right when all commands are run in the order printed", () => {
    const given = {
      apps: {
        Mail: { permissions: ["Mail.Send", "mail.send", "User.Read.All", "user.read.all", "Files.Read.All"] },
      },
    };
    const after = judgeSettings(given).faults.reduce<Config>(
      (config, { repair }) => runConfigCommand(repair, config),
      given,
    );
    expect(after).toEqual({
      apps: { Mail: { permissions: ["Mail.Send", "User.Read.All", "Files.Read.All"] } },
    });
  });
});
