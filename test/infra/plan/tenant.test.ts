import { describe, expect, it } from "vitest";
import {
  readCurrentSecret,
  readGraphPermissions,
  readPreviousRun,
  readTarget,
} from "../../../infra/plan/tenant";
import {
  appRoleIds,
  azureFunctions,
  callerObjectId,
  graphObjectId,
  guid,
  subscriptionId,
  tenantId,
} from "../../support/azureMocks";
import { publishedApp, publishedOutputs, publishedSecretApp } from "../../support/publishedOutputs";
import { recordResources, refusal } from "../../support/recordResources";

const getSecret = "azure-native:keyvault:getSecret";

describe("readTarget", () => {
  it("asks where the run deploys to, and as whom", async () => {
    await recordResources({ functions: azureFunctions });
    expect(await readTarget()).toEqual({ tenantId, subscriptionId, callerObjectId });
  });
});

describe("readGraphPermissions", () => {
  it("asks the tenant's own Microsoft Graph, by a function and never by a resource", async () => {
    const { resources, calls } = await recordResources({ functions: azureFunctions });
    expect(await readGraphPermissions()).toEqual({
      graphObjectId,
      appRoleIds,
      delegatedIds: { "User.Read": guid("0d1"), "Files.ReadWrite": guid("0d2") },
    });
    expect(calls).toEqual([
      [
        "azuread:index/getServicePrincipal:getServicePrincipal",
        { clientId: "00000003-0000-0000-c000-000000000000" },
      ],
    ]);
    expect(resources).toEqual([]);
  });
});

const Mail = publishedSecretApp("Mail");

describe("readPreviousRun", () => {
  it("remembers nothing before the first successful run", async () => {
    await recordResources();
    expect(await readPreviousRun()).toBeUndefined();
  });

  it("waits for a state that is being written", async () => {
    let attempts = 0;
    const pauses: number[] = [];
    await recordResources({
      readStack: () => {
        attempts += 1;
        if (attempts < 3) throw refusal("failed to load checkpoint: EOF");
        return { outputs: {} };
      },
    });
    const pause = (milliseconds: number) => Promise.resolve(void pauses.push(milliseconds));
    expect(await readPreviousRun(pause)).toBeUndefined();
    expect(pauses).toEqual([100, 200]);
  });

  it.each([
    ["a state that stays unreadable", "failed to load checkpoint: EOF", 4],
    ["any other refusal, at once", "no stack named 'dev' found", 0],
  ])("does not go on without its memory: %s", async (_what, message, pausesExpected) => {
    let pauses = 0;
    await recordResources({
      readStack: () => {
        throw refusal(message);
      },
    });
    await expect(readPreviousRun(() => Promise.resolve(void (pauses += 1)))).rejects.toThrow(message);
    expect(pauses).toBe(pausesExpected);
  });

  it("reads what this very stack published last", async () => {
    const outputs = publishedOutputs({ Mail });
    await recordResources({ previousOutputs: { ...outputs } });
    expect(await readPreviousRun()).toEqual(outputs);
  });

  it("refuses outputs that it cannot read", async () => {
    await recordResources({ previousOutputs: { apps: { Mail: {} } } });
    await expect(readPreviousRun()).rejects.toMatchObject({ code: "OUTPUTS_INVALID" });
  });
});

describe("readCurrentSecret", () => {
  const recorded = {
    sequence: 7,
    startsAt: new Date("2026-11-22T10:00:00Z"),
    endsAt: new Date("2027-04-05T10:00:00Z"),
    cause: "due" as const,
  };
  const tags = (sequence: number) => ({
    sequence: String(sequence),
    startsAt: "2026-12-01T00:00:00Z",
    cause: "asked",
  });

  it("asks for the secret's tags, which come without its value", async () => {
    const { calls } = await recordResources({ functions: { [getSecret]: () => ({ tags: tags(7) }) } });
    await readCurrentSecret(Mail, "secret");
    const place = { resourceGroupName: "group", vaultName: "copilot-test-abcd1234", secretName: "Mail" };
    expect(calls).toEqual([[getSecret, place]]);
  });

  it.each([
    ["the same", tags(7), recorded],
    ["behind", tags(6), recorded],
    [
      "ahead, since the last run ended before it could record",
      tags(8),
      { sequence: 8, startsAt: new Date("2026-12-01T00:00:00Z"), cause: "asked" },
    ],
    ["without tags", undefined, recorded],
    ["edited by hand", { sequence: "many" }, recorded],
  ])("goes by the outputs unless the vault is ahead: %s", async (_what, tagged, current) => {
    await recordResources({ functions: { [getSecret]: () => ({ tags: tagged }) } });
    expect(await readCurrentSecret(Mail, "secret")).toEqual({ current });
  });

  const failing = (message: string) => ({
    functions: {
      [getSecret]: () => {
        throw refusal(message);
      },
    },
  });

  it.each(["Status=404 Code=SecretNotFound", 'Code="ResourceNotFound"'])(
    "goes on when the secret is gone: %s",
    async (message) => {
      await recordResources(failing(message));
      expect(await readCurrentSecret(Mail, "secret")).toEqual({ current: recorded });
    },
  );

  it("does not take a refusal for an absence", async () => {
    await recordResources(failing("Status=403 Code=AuthorizationFailed"));
    await expect(readCurrentSecret(Mail, "secret")).rejects.toThrow("AuthorizationFailed");
  });

  it("asks nothing about an app that has no client secret", async () => {
    const { calls } = await recordResources();
    expect(await readCurrentSecret(publishedApp({ lastSequence: 3 }), "secret")).toEqual({ lastSequence: 3 });
    expect(await readCurrentSecret(publishedApp(), "secret")).toBeUndefined();
    expect(calls).toEqual([]);
  });
});
