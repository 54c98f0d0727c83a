import { describe, expect, it } from "vitest";
import { readStackOutputs, type StackOutputs } from "../../../core/outputs/stackOutputs";

const guid = (digit: number): string =>
  `${digit}${digit}${digit}${digit}${digit}${digit}${digit}${digit}-1111-4111-8111-111111111111`;

const outputs: StackOutputs = {
  tenantId: guid(1),
  vaultName: "copilot-dev-abcdefgh",
  vaultUri: "https://copilot-dev-abcdefgh.vault.azure.net/",
  rotation: { everyDays: 60, keepDays: 60, graceDays: 14 },
  apps: {
    Mail: {
      displayName: "Mail",
      clientId: guid(2),
      applicationObjectId: guid(3),
      servicePrincipalObjectId: guid(4),
      permissions: ["Mail.Send"],
      signIn: "secret",
      secretName: "Mail",
      secretResourceId:
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/copilot-dev-abcdefgh/secrets/Mail",
      credential: {
        sequence: 7,
        keyId: guid(5),
        cause: "due",
        startsAt: "2026-11-22T10:00:00Z",
        endsAt: "2027-04-05T10:00:00Z",
        nextRotationAt: "2027-01-21T10:00:00.000Z",
      },
      owners: [guid(6)],
    },
  },
};

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

  it.each(["rotation", "apps.Mail.owners", "apps.Mail.signIn"])("does without %s", (path) => {
    expect(faultsOf(withField(path, undefined))).toEqual([]);
  });

  it("reads a stack without apps, and leaves out what it does not know", () => {
    expect(readStackOutputs({ ...outputs, apps: {}, more: 1 })).toEqual({ ...outputs, apps: {} });
  });

  it.each([
    ["tenantId", "contoso.com"],
    ["vaultName", undefined],
    ["vaultName", "kv"],
    ["vaultUri", "copilot-dev.vault.azure.net"],
    ["apps", undefined],
    ["apps.Mail.displayName", ""],
    ["apps.Mail.clientId", "client-id"],
    ["apps.Mail.applicationObjectId", undefined],
    ["apps.Mail.servicePrincipalObjectId", 5],
    ["apps.Mail.permissions", "Mail.Send"],
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
      "apps.Mail",
    ]);
  });
});
