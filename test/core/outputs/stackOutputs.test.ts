import { describe, expect, it } from "vitest";
import {
  publishedVault,
  readPreviousOutputs,
  readStackOutputs,
  type StackOutputs,
} from "../../../core/outputs/stackOutputs";
import { guid } from "../../support/azureMocks";
import { publishedApp, publishedOutputs, publishedSecretApp } from "../../support/publishedOutputs";

const outputs: StackOutputs = publishedOutputs({
  Mail: { ...publishedSecretApp("Mail"), owners: [guid("06")] },
});

/** The outputs with one field changed; `undefined` takes it out. */
function withField(path: string, value: unknown): unknown {
  const changed = structuredClone(outputs) as unknown as Record<string, unknown>;
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  const parent = keys.reduce<Record<string, unknown>>(
    (inner, key) => inner[key] as Record<string, unknown>,
    changed,
  );
  parent[last] = value;
  return JSON.parse(JSON.stringify(changed)) as unknown;
}

function faultsOf(value: unknown): string[] {
  try {
    readStackOutputs(value);
    return [];
  } catch (error) {
    expect(error).toMatchObject({ code: "OUTPUTS_INVALID" });
    const lines = (error as Error).message.split("\n");
    expect([lines[0], lines.at(-1)]).toEqual([
      "These are not the outputs of a copilot-token stack:",
      "Write them with `pulumi stack output --json > outputs.json` and pass `--outputs outputs.json`.",
    ]);
    return lines.slice(1, -1).map((line) => line.trim().replace(/: .*/, ""));
  }
}

describe("readStackOutputs", () => {
  it("reads what the stack publishes", () => {
    expect(readStackOutputs(JSON.parse(JSON.stringify(outputs)))).toEqual(outputs);
  });

  it.each(["stackId", "namedAfter", "apps.Mail.owners"])("does not need %s", (path) => {
    expect(faultsOf(withField(path, undefined))).toEqual([]);
  });

  it("reads the number of the last client secret of an app that has none any more", () => {
    const given = publishedOutputs({ Mail: publishedApp({ lastSequence: 3 }) });
    expect(readStackOutputs(given)).toEqual(given);
  });

  it("reads a stack without apps, and leaves out what it does not know", () => {
    expect(readStackOutputs({ ...outputs, apps: {}, more: 1 })).toEqual({ ...outputs, apps: {} });
  });

  it.each([
    ["tenantId", "contoso.com"],
    ["vaultName", undefined],
    ["vaultName", "kv"],
    ["vaultUri", "copilot-dev.vault.azure.net"],
    ["vaultResourceId", undefined],
    ["vaultNameFrom", undefined],
    ["rotation", undefined],
    ["powerPlatform", undefined],
    ["identities", undefined],
    ["apps", undefined],
    ["apps.Mail.displayName", ""],
    ["apps.Mail.clientId", "client-id"],
    ["apps.Mail.applicationObjectId", undefined],
    ["apps.Mail.servicePrincipalObjectId", 5],
    ["apps.Mail.permissions", "Mail.Send"],
    ["apps.Mail.signIn", undefined],
    ["apps.Mail.federated", undefined],
    ["apps.Mail.lastSequence", 0],
    ["apps.Mail.secretName", ""],
    ["apps.Mail.secretResourceId", "https://v.vault.azure.net/secrets/Mail"],
    ["apps.Mail.credential", undefined],
    ["apps.Mail.credential.sequence", 0],
    ["apps.Mail.credential.keyId", undefined],
    ["apps.Mail.credential.cause", "whim"],
    ["apps.Mail.credential.startsAt", "yesterday"],
    ["apps.Mail.credential.endsAt", "2027-04-05"],
    ["apps.Mail.credential.nextRotationAt", 5],
    ["rotation.everyDays", 0],
  ])("names %s when it is %j", (path, value) => {
    expect(faultsOf(withField(path, value))).toEqual([path]);
  });

  it.each([null, undefined, "text", 5, []])("refuses %j as a whole", (value) => {
    expect(faultsOf(value)).toEqual(["(whole)"]);
  });

  it("names every fault at once", () => {
    expect(faultsOf({ tenantId: "x", apps: { Mail: 5 } })).toEqual([
      "tenantId",
      "vaultName",
      "vaultUri",
      "vaultResourceId",
      "vaultNameFrom",
      "rotation",
      "powerPlatform",
      "identities",
      "apps.Mail",
    ]);
  });
});

describe("readPreviousOutputs", () => {
  it.each([undefined, {}])("reads nothing before the first successful run: %j", (value) => {
    expect(readPreviousOutputs(value)).toBeUndefined();
  });

  it("reads what the stack published", () => {
    expect(readPreviousOutputs(outputs)).toEqual(outputs);
  });

  const { Mail } = outputs.apps;
  const credential = Mail?.credential;
  it.each([
    ["a list", [], "apps: "],
    ["nothing", null, "apps: "],
    ["a secret, masked by the CLI", "[secret]", "apps: "],
    ["an app that is a word", { Mail: "x" }, "apps.Mail: "],
    ["an app without a credential", { Mail: { ...Mail, credential: undefined } }, "apps.Mail.credential: "],
    [
      "a vault secret without a credential",
      { Mail: { ...Mail, signIn: "federated", credential: undefined } },
      "apps.Mail.credential: ",
    ],
    [
      "sequence 0",
      { Mail: { ...Mail, credential: { ...credential, sequence: 0 } } },
      "apps.Mail.credential.sequence: ",
    ],
    [
      "a sequence in parts",
      { Mail: { ...Mail, credential: { ...credential, sequence: 1.5 } } },
      "apps.Mail.credential.sequence: ",
    ],
    [
      "a start that is not a timestamp",
      { Mail: { ...Mail, credential: { ...credential, startsAt: "yesterday" } } },
      "apps.Mail.credential.startsAt: ",
    ],
    [
      "an unknown cause",
      { Mail: { ...Mail, credential: { ...credential, cause: "whim" } } },
      "apps.Mail.credential.cause: ",
    ],
  ])("refuses %s instead of starting the sequence again, and names the field", (_what, apps, place) => {
    expect(() => readPreviousOutputs({ ...outputs, apps })).toThrow(
      expect.objectContaining({
        code: "OUTPUTS_INVALID",
        message: expect.stringContaining(`cannot be read:\n  ${place}`) as string,
      }),
    );
  });
});

describe("publishedVault", () => {
  it("is the vault of the outputs", () => {
    expect(publishedVault(outputs)).toEqual({
      name: outputs.vaultName,
      resourceId: outputs.vaultResourceId,
      nameFrom: "generated",
      namedAfter: "test",
    });
  });
});
