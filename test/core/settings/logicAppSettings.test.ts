import { describe, expect, it } from "vitest";
import { connectorClientId } from "../../../core/agent/logicAppRequest";
import { logicAppFaults, logicAppRequests, logicAppSchema } from "../../../core/settings/logicAppSettings";
import { logicAppOutputs } from "../../../core/outputs/logicAppOutputs";

const caller = "11111111-2222-4333-8444-555555555555";
const user = "66666666-7777-4888-8999-aaaaaaaaaaaa";
const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `0000000${index}-2222-4333-8444-555555555555`);

/** Codes and keys of the faults that an app with this `logicApp` has. */
function faultsOf(logicApp: object, more: object = {}, name = "Agent"): [string, string][] {
  const app = { credential: "managedIdentity", permissions: ["User.Read.All"], ...more, logicApp };
  return logicAppFaults(name, app, { apps: { [name]: app } }).map(({ code, key }) => [code, key]);
}

describe("logicAppSchema", () => {
  it("accepts only callers, and fills in the rest", () => {
    expect(logicAppSchema.parse({ callers: [caller] })).toEqual({
      callers: [caller],
      users: [],
      allowedIpRanges: [],
    });
  });

  it.each<[string, object]>([
    ["no caller at all", {}],
    ["an empty list of callers", { callers: [] }],
    ["addresses in place of callers", { allowedIpRanges: ["203.0.113.0/24"] }],
    ["a caller that is no GUID", { callers: ["me"] }],
    ["a user that is no GUID", { callers: [caller], users: ["me@contoso.com"] }],
    ["an address that is none", { callers: [caller], allowedIpRanges: ["203.0.113.0/33"] }],
    ["IPv6", { callers: [caller], allowedIpRanges: ["2001:db8::/32"] }],
    ["no requests", { callers: [caller], requests: {} }],
    ["a request elsewhere", { callers: [caller], requests: { a: { path: "/users", field: "id" } } }],
    ["an expression as request", { callers: [caller], requests: { a: { path: "/v1.0/@{x}", field: "id" } } }],
    ["an expression as field", { callers: [caller], requests: { a: { path: "/v1.0/users", field: "a']" } } }],
    [
      "a name that a URL would encode",
      { callers: [caller], requests: { "a b": { path: "/v1.0/users", field: "id" } } },
    ],
    ["an unknown key", { callers: [caller], sas: true }],
  ])("refuses %s", (_, given) => {
    expect(logicAppSchema.safeParse(given).success).toBe(false);
  });
});

describe("logicAppFaults", () => {
  it.each<[string, [string, string][], object, object?, string?]>([
    ["a service as caller", [], { callers: [caller] }],
    ["the connector with its user", [], { callers: [connectorClientId], users: [user] }],
    ["five policies", [], { callers: [connectorClientId, caller], users: numbered(4) }],
    [
      "an app with a secret",
      [["LOGIC_APP_NEEDS_IDENTITY", "copilot-token:apps.Agent.logicApp"]],
      { callers: [caller] },
      { credential: undefined },
    ],
    [
      "the connector of everybody",
      [["LOGIC_APP_CALLER_SHARED", "copilot-token:apps.Agent.logicApp.callers[1]"]],
      { callers: [caller, connectorClientId.toUpperCase()] },
    ],
    [
      "users without the connector",
      [["LOGIC_APP_USERS_IDLE", "copilot-token:apps.Agent.logicApp.users"]],
      { callers: [caller], users: [user] },
    ],
    [
      "six policies",
      [["LOGIC_APP_TOO_MANY_CALLERS", "copilot-token:apps.Agent.logicApp.callers"]],
      { callers: [connectorClientId, caller], users: numbered(5) },
    ],
    [
      "the same twice",
      [
        ["SETTING_INVALID", "copilot-token:apps.Agent.logicApp.callers[1]"],
        ["SETTING_INVALID", "copilot-token:apps.Agent.logicApp.users[1]"],
      ],
      { callers: [connectorClientId, connectorClientId], users: [user, user] },
    ],
    [
      "permissions of which no harmless read is known",
      [["LOGIC_APP_NO_REQUEST", "copilot-token:apps.Agent.logicApp.requests"]],
      { callers: [caller] },
      { permissions: ["Mail.Read"] },
    ],
    [
      "the same with a request",
      [],
      { callers: [caller], requests: { mail: { path: "/v1.0/users/a/messages", field: "subject" } } },
      { permissions: ["Mail.Read"] },
    ],
    [
      "a key that no Logic App could be named by",
      [["LOGIC_APP_NAME_TOO_LONG", `copilot-token:apps.${"a".repeat(67)}.logicApp`]],
      { callers: [caller] },
      {},
      "a".repeat(67),
    ],
  ])("of %s are %j", (_, expected, logicApp, more, name) => {
    expect(faultsOf(logicApp, more, name)).toEqual(expected);
  });

  it("are none for an app without a Logic App", () => {
    expect(logicAppFaults("Agent", { credential: "secret" }, {})).toEqual([]);
  });
});

describe("logicAppRequests", () => {
  const mail = { path: "/v1.0/users/a/messages", field: "subject" };

  it("are those that were set, in the order of their names", () => {
    const requests = { people: { path: "/v1.0/users", field: "displayName" }, mail };
    expect(logicAppRequests({ requests }, ["User.Read.All"]).map(({ name }) => name)).toEqual([
      "mail",
      "people",
    ]);
  });

  it("are one read that the permissions allow where none was set", () => {
    expect(logicAppRequests({}, ["User.Read.All"])).toEqual([
      { name: "default", path: "/v1.0/users?$top=5&$select=displayName", field: "displayName" },
    ]);
  });
});

describe("logicAppOutputs", () => {
  it("keeps what a caller needs", () => {
    const outputs = {
      resourceId: "/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/w",
      endpoint:
        "https://prod-00.westeurope.logic.azure.com:443/workflows/k/triggers/manual/paths/invoke?api-version=2016-10-01",
      audience: "api://t/Agent-logic-app",
      requests: [{ name: "default", path: "/v1.0/users", field: "displayName" }],
    };
    expect(logicAppOutputs.parse(outputs)).toEqual(outputs);
  });
});
