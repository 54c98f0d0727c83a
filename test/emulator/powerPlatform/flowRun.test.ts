import { describe, expect, it } from "vitest";
import type { Environment } from "../../../emulator/powerPlatform/environment";
import { runFlow } from "../../../emulator/powerPlatform/flowRun";
import type { Platform } from "../../../emulator/powerPlatform/platform";
import type { Value } from "../../../emulator/powerPlatform/value";

const platform: Platform = {
  send: () => Promise.reject(new Error("no network in this test")),
  now: () => new Date(0),
  wait: () => Promise.resolve(),
  vaultSuffix: "vault.azure.net",
  vaultToken: () => Promise.resolve(""),
  identityToken: () => Promise.resolve(""),
  connectionToken: () => Promise.resolve(""),
};

function environmentWith(actions: Value, parameters: Value = {}): Environment {
  return {
    environmentId: "",
    agentSchemaName: "",
    variables: new Map([["x_Secret", { isSecret: true, value: "/subscriptions/…" }]]),
    flows: new Map([["f", { properties: { definition: { actions, parameters } } }]]),
    topics: new Map(),
    topicTimeout: "blank",
  };
}

const respond = (runAfter: Value, body: Value): Value => ({ type: "Response", runAfter, inputs: { body } });
const retryPolicy = { type: "fixed", count: 0, interval: "PT5S" };

const invoke = (parameters: Value): Value => ({
  A: {
    type: "OpenApiConnection",
    runAfter: {},
    inputs: {
      host: {
        connectionName: "shared_webcontents",
        operationId: "InvokeHttp",
        apiId: "/providers/Microsoft.PowerApps/apis/shared_webcontents",
      },
      parameters,
      retryPolicy,
    },
  },
});

describe("runFlow", () => {
  it("runs what comes after the end that happened, and skips the rest", async () => {
    const run = await runFlow(
      "F",
      environmentWith({
        Yes: respond({ Call: ["Succeeded"] }, { said: "yes" }),
        No: respond({ Call: ["Failed", "TimedOut"] }, { said: "no" }),
        Call: {
          type: "Http",
          runAfter: {},
          inputs: { method: "GET", uri: "https://a.invalid", retryPolicy },
        },
      }),
      platform,
    );
    expect(run.answer).toEqual({ said: "no" });
    expect(run.history.map(({ action, status }) => [action, status])).toEqual([
      ["Call", "Failed"],
      ["Yes", "Skipped"],
      ["No", "Succeeded"],
    ]);
  });

  const secretParameter = { P: { type: "String", defaultValue: "", metadata: { schemaName: "x_Secret" } } };

  it.each<[string, Value, Value, string]>([
    [
      "a circle",
      { A: respond({ B: ["Succeeded"] }, {}), B: respond({ A: ["Succeeded"] }, {}) },
      {},
      "in a circle",
    ],
    [
      "an unknown action",
      { A: { type: "Compose", runAfter: {}, inputs: {} } },
      {},
      "Compose is not an action",
    ],
    ["two answers", { A: respond({}, {}), B: respond({}, {}) }, {}, "answers a second time"],
    ["no answer", {}, {}, "ended without an answer"],
    ["a parameter that is not declared", { A: respond({}, { x: "@parameters('P')" }) }, {}, "no parameter P"],
    [
      "a secret as parameter, with which a flow stays off",
      { A: respond({}, { x: "@parameters('P')" }) },
      secretParameter,
      "stays off",
    ],
    [
      "a look at an action that has not run",
      { A: respond({}, { x: "@body('Z')" }) },
      {},
      "before it has run",
    ],
    [
      "an action that would retry for minutes",
      { A: { type: "Http", runAfter: {}, inputs: { method: "GET", uri: "https://a.invalid" } } },
      {},
      "without a fixed retryPolicy",
    ],
    [
      "an unknown part of a request",
      {
        A: {
          type: "Http",
          runAfter: {},
          inputs: { method: "GET", uri: "https://a.invalid", cookie: "x", retryPolicy },
        },
      },
      {},
      "unknown cookie",
    ],
    [
      "another operation of Dataverse",
      { A: { type: "OpenApiConnection", runAfter: {}, inputs: { host: { operationId: "ListRecords" } } } },
      {},
      "not an operation that the flows use",
    ],
    [
      "a connection that does not exist",
      invoke({ "request/method": "GET", "request/url": "/a" }),
      {},
      "The flow stays off",
    ],
    [
      "a request of a connector with a body",
      invoke({ "request/method": "POST", "request/url": "/a" }),
      {},
      "only a GET",
    ],
    [
      "an address outside the connection's",
      invoke({ "request/method": "GET", "request/url": "https://a.invalid/" }),
      {},
      "no path below the connection's",
    ],
    [
      "an identity that the workflow does not have",
      {
        A: {
          type: "Http",
          runAfter: {},
          inputs: {
            method: "GET",
            uri: "https://a.invalid",
            authentication: { type: "ManagedServiceIdentity", identity: "/i", audience: "a" },
            retryPolicy,
          },
        },
      },
      {},
      "does not have the identity",
    ],
  ])("refuses %s", async (_, actions, parameters, reason) => {
    await expect(runFlow("f", environmentWith(actions, parameters), platform)).rejects.toThrow(reason);
  });

  it("refuses a flow that the solution does not have", async () => {
    await expect(runFlow("g", environmentWith({}), platform)).rejects.toThrow("No flow g");
  });
});
