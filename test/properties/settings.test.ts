import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isOperatorError } from "../../core/errors";
import { readStackOutputs } from "../../core/outputs/stackOutputs";
import { judgeBootstrapSettings } from "../../core/settings/bootstrapSettings";
import { checkSettings } from "../../core/settings/settings";
import { damaged } from "../support/hostileJson";

const objectId = "11111111-2222-4333-8444-555555555555";

const settings = {
  apps: {
    Mail: {
      permissions: ["User.Read.All", "Mail.Send"],
      displayName: "Mail app",
      readers: [{ id: objectId, type: "Group" }],
      federated: [{ github: "owner/name", environment: "verify" }],
    },
    Agent: { permissions: ["User.Read.All"], credential: "managedIdentity" },
  },
  identities: { agent: { federated: [{ issuer: "https://issuer.example", subject: "x" }] } },
  granter: { clientId: objectId },
  rotation: { everyDays: 60, keepDays: 60, graceDays: 14, verification: { tokens: 10, overSeconds: 10 } },
  vault: { name: "copilot-x", retentionDays: 90, readers: [], allowedIpRanges: ["203.0.113.0/24"] },
  owners: [objectId],
  protect: true,
  alerts: { email: "a@example.com" },
  powerPlatform: { environmentId: objectId, agents: ["cr1_agent"], importers: [] },
  acceptTierZero: [],
};

const bootstrap = {
  repositories: ["owner/name"],
  identities: {
    deployer: { environment: "deploy", displayName: "x", federated: [] },
    rotator: { scopes: [`/subscriptions/${objectId}`] },
  },
  state: { container: "/subscriptions/x" },
};

const outputs = {
  tenantId: objectId,
  vaultName: "copilot-test",
  vaultUri: "https://copilot-test.vault.azure.net/",
  vaultResourceId: `/subscriptions/${objectId}/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v`,
  rotation: { everyDays: 60, keepDays: 60, graceDays: 14 },
  apps: {
    Mail: {
      displayName: "Mail",
      clientId: objectId,
      applicationObjectId: objectId,
      servicePrincipalObjectId: objectId,
      permissions: ["User.Read.All"],
      signIn: "secret",
      secretName: "Mail",
      secretResourceId: `/subscriptions/${objectId}/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/Mail`,
      credential: {
        sequence: 1,
        keyId: objectId,
        cause: "first",
        startsAt: "2026-11-22T10:00:00Z",
        endsAt: "2027-11-22T10:00:00Z",
        nextRotationAt: "2027-01-21T10:00:00Z",
      },
      federated: [{ name: "n", issuer: "https://issuer.example", subject: "s", audience: "a" }],
    },
  },
};

/** Either it is taken, or one clear error tells why not. */
function isTakenOrRefused(judge: () => unknown): void {
  try {
    judge();
  } catch (error) {
    if (!isOperatorError(error)) throw error;
    expect(error.message.length).toBeLessThan(60_000);
    expect(error.message).not.toMatch(/^\s+at .*:\d+:\d+/m);
  }
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
}

const asMap = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};

describe("whatever is given", () => {
  it("as settings is taken or refused by one error", () => {
    fc.assert(
      fc.property(damaged(settings), (given) => {
        isTakenOrRefused(() => checkSettings(asMap(given)));
      }),
      { numRuns: 400 },
    );
  });

  it("as settings of the bootstrap is judged without an error", () => {
    fc.assert(
      fc.property(damaged(bootstrap), (given) => {
        isTakenOrRefused(() => judgeBootstrapSettings(asMap(given)));
      }),
      { numRuns: 300 },
    );
  });

  it("as outputs is taken or refused by one error", () => {
    fc.assert(
      fc.property(damaged(outputs), (given) => {
        isTakenOrRefused(() => readStackOutputs(given));
      }),
      { numRuns: 400 },
    );
  });
});
