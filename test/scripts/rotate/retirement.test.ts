import { describe, expect, it } from "vitest";
import { credentialDisplayName } from "../../../infra/core/credentialName";
import type { AppOutputs } from "../../../infra/core/stackOutputs";
import { known } from "../../../scripts/lib/known";
import type { AppRecord } from "../../../scripts/lib/rotate/appRecord";
import { planRemovals } from "../../../scripts/lib/rotate/removals";
import { planApp, rotateVariable, type Wish } from "../../../scripts/lib/rotate/rotationPlan";

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
    current: known(undefined),
    versions: known([]),
    directory: known({
      application: {
        owners: [],
        appId: outputs.clientId,
        displayName: "Mail",
        passwordCredentials: displayNames.map(credential),
        keyCredentials: [],
        requiredResourceAccess: [],
      },
      servicePrincipal: { owners: [], passwordCredentials: [], keyCredentials: [] },
      federated: [],
      grants: [],
    }),
  };
}

describe("planApp", () => {
  const plan = (outputs: AppOutputs, wish: Wish, now: Date) =>
    planApp({ record: recordOf(outputs), rotation, wish, unfinished: false, now });

  it.each<[string, AppOutputs, Wish, Date, string | undefined]>([
    [
      "leaves a secret alone that is on its way out",
      leaving,
      "due",
      new Date(leavesAt.getTime() - 1),
      undefined,
    ],
    ["makes no new one for such an app", leaving, "now", new Date(leavesAt.getTime() - 1), undefined],
    ["takes it away when its time is over", leaving, "due", leavesAt, "retired"],
    ["takes it away at once when it leaked", leaving, "leaked", new Date(retiredSince), "leaked"],
    ["has nothing to do for an app without one", without, "now", leavesAt, undefined],
  ])("%s", (_what, outputs, wish, now, occasion) => {
    expect(plan(outputs, wish, now).occasion).toBe(occasion);
  });

  it("asks the program for nothing when a secret's time is over: the program knows", () => {
    expect(rotateVariable([plan(leaving, "due", leavesAt)])).toBe("");
  });
});

describe("planRemovals", () => {
  const removed = (outputs: AppOutputs, leakedNow: boolean) => {
    const names = [credentialDisplayName("Mail", 2), credentialDisplayName("Mail", 3), "by hand"];
    const record = recordOf(outputs, names);
    return planRemovals({ record, rotation, heldKeyIds: new Set(), leakedNow, now: leavesAt }).removals.map(
      ({ keyId, reason }) => [keyId, reason],
    );
  };

  it("removes what this project made, once the app signs in without it", () => {
    expect(removed(without, false)).toEqual([
      ["key-1", "retired"],
      ["key-2", "retired"],
    ]);
  });

  it("removes every client secret after a leak", () => {
    expect(removed(without, true)).toEqual([
      ["key-1", "leaked"],
      ["key-2", "leaked"],
      ["key-3", "leaked"],
    ]);
  });
});
