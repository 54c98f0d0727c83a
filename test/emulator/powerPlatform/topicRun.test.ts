import { stringify } from "yaml";
import { describe, expect, it } from "vitest";
import type { Environment } from "../../../emulator/powerPlatform/environment";
import type { Platform } from "../../../emulator/powerPlatform/platform";
import { runTopic } from "../../../emulator/powerPlatform/topicRun";

const environment: Environment = {
  environmentId: "env",
  agentSchemaName: "contoso_a",
  variables: new Map([
    ["x_Name", { isSecret: false, value: "plain" }],
    ["x_Secret", { isSecret: true, value: "/subscriptions/s/…/vaults/kv/secrets/one" }],
  ]),
  flows: new Map([
    [
      "f",
      {
        properties: {
          definition: {
            parameters: {},
            actions: { R: { type: "Response", runAfter: {}, inputs: { body: { said: "yes" } } } },
          },
        },
      },
    ],
  ]),
  topics: new Map(),
  topicTimeout: "blank",
};

const platformWith = (send: Platform["send"]): Platform => ({
  send,
  now: () => new Date(0),
  wait: () => Promise.resolve(),
  vaultSuffix: "vault.azure.net",
  vaultToken: () => Promise.resolve("t"),
  identityToken: () => Promise.resolve("t"),
  connectionToken: () => Promise.resolve("t"),
});
const silent = platformWith(() => Promise.reject(new Error("refused")));

const topicOf = (...actions: readonly object[]): string =>
  stringify({
    kind: "AdaptiveDialog",
    beginDialog: { kind: "OnRecognizedIntent", id: "main", actions },
  });
const message = (activity: string): object => ({ kind: "SendActivity", id: "s", activity });
const callFlow = (binding: object): object => ({
  kind: "InvokeFlowAction",
  id: "i",
  displayName: "flow",
  flowId: "f",
  output: { binding },
});

describe("runTopic", () => {
  it("keeps a flow's answer in the variables that it is bound to", async () => {
    const { variables } = await runTopic(topicOf(callFlow({ said: "Topic.Said" })), environment, silent);
    expect([...variables]).toEqual([["Said", "yes"]]);
  });

  it.each([
    ["an unknown node", [{ kind: "InvokeHttpAction", id: "h" }], "InvokeHttpAction is not a node"],
    ["a variable that no node assigns", [message("{Topic.Typo}")], "No node assigns Topic.Typo"],
    ["an unknown environment variable", [message("{Env.x_Other}")], "No environment variable x_Other"],
    ["an unknown scope", [message("{Global.x}")], "no scope Global"],
    [
      "an assignment outside the topic",
      [{ kind: "SetVariable", id: "v", variable: "Global.x", value: "1" }],
      "Global.x is not a variable of the topic",
    ],
    [
      "a binding that the flow does not answer",
      [callFlow({ nothing: "Topic.X" })],
      "BindingKeyNotFoundError: nothing",
    ],
    [
      "a request without a way on after an error",
      [{ kind: "HttpRequestAction", id: "h", body: { kind: "RawRequestContent" } }],
      "ContinueOnErrorBehavior",
    ],
  ])("refuses %s", async (_, actions, reason) => {
    await expect(runTopic(topicOf(...actions), environment, silent)).rejects.toThrow(reason);
  });

  it.each([
    ["not a topic", "kind: TaskDialog"],
    ["not a mapping", "- 1"],
  ])("refuses what is %s", async (_, yaml) => {
    await expect(runTopic(yaml, environment, silent)).rejects.toThrow("That is no topic.");
  });
});

describe("a secret read by a topic", () => {
  const reading = (status: number, body: object): Promise<unknown> =>
    runTopic(
      topicOf(message("{Env.x_Secret}")),
      environment,
      platformWith(() => Promise.resolve(Response.json(body, { status }))),
    );

  it.each([
    ["Success", 200, { value: "v", tags: { AllowedBots: "env/contoso_b, env/contoso_a" } }, undefined],
    ["Success", 200, { value: "v", tags: { AllowedEnvironments: "env" } }, undefined],
    ["BotForbidden", 200, { value: "v", tags: { AllowedBots: "env/contoso_b" } }, "Bot isn't allowed"],
    ["BotForbidden", 200, { value: "v" }, "Bot isn't allowed"],
    ["NotFound", 404, {}, "not in the vault"],
    ["ServiceForbidden", 403, {}, "doesn't have access to the Key Vault"],
  ])("ends in %s after %i %j", async (code, status, body, reason) => {
    if (reason === undefined) await expect(reading(status, body)).resolves.toBeDefined();
    else
      await expect(reading(status, body)).rejects.toMatchObject({
        code,
        message: expect.stringContaining(reason) as string,
      });
  });

  it("ends in InternalError when the vault is silent", async () => {
    await expect(runTopic(topicOf(message("{Env.x_Secret}")), environment, silent)).rejects.toMatchObject({
      code: "InternalError",
    });
  });
});
