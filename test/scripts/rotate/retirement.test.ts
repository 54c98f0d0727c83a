import { describe, expect, it } from "vitest";
import { credentialDisplayName } from "../../../core/secrets/credentialName";
import type { AppOutputs } from "../../../core/outputs/stackOutputs";
import { known } from "../../../scripts/shared/known";
import type { AppRecord } from "../../../scripts/rotate/appRecord";
import { planRemovals } from "../../../scripts/rotate/removals";
import type { RotateReport } from "../../../scripts/rotate/report";
import { rotateText } from "../../../scripts/rotate/reportText";
import { planApp, type Wish } from "../../../scripts/rotate/rotationPlan";

const retiredSince = "2026-11-25T12:00:00.000Z";
const leavesAt = new Date("2027-01-24T12:00:00.000Z");
const rotation = { everyDays: 60, keepDays: 60, graceDays: 14 };

const without: AppOutputs = {
  displayName: "Mail",
  clientId: "11111111-0000-4000-8000-000000000000",
  applicationObjectId: "22222222-0000-4000-8000-000000000000",
  servicePrincipalObjectId: "33333333-0000-4000-8000-000000000000",
  permissions: ["User.Read.All"],
  signIn: "federated",
  federated: [],
};
const leaving: AppOutputs = {
  ...without,
  secretName: "Mail",
  secretResourceId: "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/Mail",
  credential: {
    sequence: 3,
    keyId: "44444444-0000-4000-8000-000000000000",
    cause: "due",
    startsAt: "2026-11-01T00:00:00Z",
    endsAt: "2027-03-15T00:00:00Z",
    nextRotationAt: "2026-12-31T00:00:00Z",
    retiredSince,
  },
};

/** An app whose directory lists client secrets by these names. */
function recordOf(outputs: AppOutputs, displayNames: readonly string[] = []): AppRecord {
  const credential = (displayName: string, index: number) => ({ keyId: `key-${index + 1}`, displayName });
  return {
    name: "Mail",
    outputs,
    published: {
      secret: { current: known(undefined), versions: known([]) },
      certificate: { current: known(undefined), versions: known([]) },
    },
    directory: known({
      application: {
        owners: [],
        tags: [],
        appId: outputs.clientId,
        displayName: "Mail",
        passwordCredentials: displayNames.map(credential),
        keyCredentials: [],
        requiredResourceAccess: [],
      },
      servicePrincipal: {
        id: "principal",
        owners: [],
        tags: [],
        passwordCredentials: [],
        keyCredentials: [],
      },
      federated: [],
      grants: [],
    }),
  };
}

describe("planApp", () => {
  const plan = (outputs: AppOutputs, wish: Wish, now: Date) =>
    planApp({ record: recordOf(outputs), rotation, wish, now });

  it.each<[string, AppOutputs, Wish]>([
    ["a secret on its way out", leaving, "due"],
    ["such a secret when asked for a new one", leaving, "now"],
    ["such a secret when it leaked: what remains to be done is done in Entra", leaving, "leaked"],
    ["an app without a secret", without, "now"],
  ])("runs no program for %s", (_what, outputs, wish) => {
    expect(plan(outputs, wish, leavesAt).occasion).toBeUndefined();
  });

  it.each<[string, AppOutputs, Wish]>([
    ["a secret on its way out", leaving, "leaked"],
    ["a secret on its way out, told of it again", leaving, "leakedNow"],
    ["an app without a secret", without, "leaked"],
  ])(
    "says after a leak of %s what becomes of it now, and not when it would have left",
    (_what, outputs, wish) => {
      expect(plan(outputs, wish, leavesAt).why).toBe(
        "it signs in without a client secret, so a leaked one needs no successor: its remaining secrets are removed from Entra at once",
      );
    },
  );

  it("says when a secret leaves", () => {
    expect(plan(leaving, "due", leavesAt).why).toBe(
      "it signs in without its client secret, which leaves the vault with the first pulumi up from " +
        "2027-01-24T12:00:00.000Z on",
    );
  });
});

describe("what rotate says of a secret on its way out that leaked", () => {
  const secret = {
    sequence: 3,
    keyId: "44444444-0000-4000-8000-000000000000",
    cause: "due",
    startsAt: "2026-11-01T00:00:00Z",
    endsAt: "2027-03-15T00:00:00Z",
    published: true,
  };
  const removed = [
    {
      kind: "client secret",
      holder: "application",
      keyId: secret.keyId,
      displayName: null,
      reason: "leaked",
    },
  ] as const;
  const line = (dryRun: boolean): string | undefined => {
    const app = {
      name: "Mail",
      clientId: without.clientId,
      occasion: null,
      why: "w",
      before: secret,
      after: secret,
      removed,
      left: [],
      liveCredentials: 0,
      nextRotationAt: null,
    };
    const text = rotateText(
      { ok: true, dryRun, apps: [app], failures: [] } as unknown as RotateReport,
      leavesAt,
    );
    return text.split("\n").find((row) => row.startsWith("  client secret"));
  };
  const told =
    "  client secret  number 3, keyId 44444444-0000-4000-8000-000000000000, 2026-11-01 to 2027-03-15, published";

  it.each([
    [false, ", removed from Entra"],
    [true, ", would be removed from Entra"],
  ])("never reads as if it were in use (dry run: %s)", (dryRun, end) => {
    expect(line(dryRun)).toBe(`${told}${end}`);
  });
});

const stackId = "57ac1d00-0000-4000-8000-000000000001";

describe("planRemovals", () => {
  const planned = (outputs: AppOutputs, leakedNow: boolean) => {
    const names = [
      credentialDisplayName("Mail", 2, stackId),
      credentialDisplayName("Mail", 3, stackId),
      "by hand",
    ];
    const record = recordOf(outputs, names);
    return planRemovals({ record, stack: "prod", stackId, rotation, leakedNow, now: leavesAt });
  };
  const removed = (outputs: AppOutputs, leakedNow: boolean) =>
    planned(outputs, leakedNow).removals.map(({ keyId, reason }) => [keyId, reason]);

  it("removes what this project made, once the app signs in without it", () => {
    expect(removed(without, false)).toEqual([
      ["key-1", "retired"],
      ["key-2", "retired"],
    ]);
  });

  it("leaves everything while the secret is still published", () => {
    expect(removed(leaving, false)).toEqual([]);
  });

  it("says who takes a leaked secret out of the vault, which opens nothing once it is gone", () => {
    expect(planned(leaving, true).left).toEqual([
      "the vault still holds the secret, which is useless once it is removed from Entra. The deployer removes it: " +
        "COPILOT_TOKEN_ROTATE=Mail:leaked pulumi up --stack prod",
    ]);
  });

  it.each([
    ["at once, while the secret is still published", leaving],
    ["that came after it", without],
  ])("removes every client secret after a leak %s", (_what, outputs) => {
    expect(removed(outputs, true)).toEqual([
      ["key-1", "leaked"],
      ["key-2", "leaked"],
      ["key-3", "leaked"],
    ]);
  });
});
