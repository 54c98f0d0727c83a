import { describe, expect, it } from "vitest";
import {
  removableCredentials,
  type LiveCredential,
  type RemovalEvidence,
} from "../../../core/secrets/removableCredentials";

const day = 86_400_000;
const now = new Date("2027-06-01T12:00:00Z");
const ago = (milliseconds: number): Date => new Date(now.getTime() - milliseconds);

const rotation = { everyDays: 60, keepDays: 60, graceDays: 10 };
const stackId = "57ac1d00-0000-4000-8000-000000000001";
const otherId = "57ac1d00-0000-4000-8000-000000000002";
const credential = (sequence: number, more: Partial<LiveCredential> = {}): LiveCredential => ({
  keyId: `key-${sequence}`,
  displayName: `copilot-token Mail-${sequence} ${stackId}`,
  startsAt: ago(100 * day),
  endsAt: new Date(now.getTime() + 30 * day),
  ...more,
});
const published = (
  sequence: number,
  daysAgo: number,
  cause = "due",
): RemovalEvidence["published"][number] => ({
  keyId: `key-${sequence}`,
  sequence,
  publishedAt: ago(daysAgo * day),
  cause,
});

/** The key IDs that may go, with the reason. */
function removable(more: Partial<RemovalEvidence>): string[] {
  const input: RemovalEvidence = {
    app: "Mail",
    stackId,
    credentials: [],
    published: [published(1, 120, "first"), published(2, 60), published(3, 1)],
    currentKeyId: "key-3",
    rotation,
    now,
    ...more,
  };
  return removableCredentials(input).map(({ credential: { keyId }, reason }) => `${keyId} ${reason}`);
}

describe("removableCredentials", () => {
  it("lets go what has had a successor for keepDays, counted from the first successor's publication", () => {
    expect(removable({ credentials: [credential(1), credential(2), credential(3)] })).toEqual([
      "key-1 superseded",
    ]);
  });

  it.each([
    ["a millisecond before", 1, []],
    ["at the instant", 0, ["key-1 superseded"]],
  ])("keeps a replaced secret until keepDays are over: %s", (_when, early, gone) => {
    expect(removable({ credentials: [credential(1)], now: new Date(now.getTime() - early) })).toEqual(gone);
  });

  it("keeps a secret made under other settings to its end: they promised its readers another time", () => {
    expect(removable({ credentials: [credential(1)], rotation: { ...rotation, keepDays: 1 } })).toEqual([]);
    const ended = credential(1, { endsAt: now });
    expect(removable({ credentials: [ended], rotation: { ...rotation, keepDays: 1 } })).toEqual([
      "key-1 expired",
    ]);
  });

  it("takes a number that was published with another secret for a killed run's", () => {
    const left = credential(2, { keyId: "key-2-again" });
    expect(removable({ credentials: [left] })).toEqual(["key-2-again orphaned"]);
  });

  it("takes no secret for an orphan because the vault's record of it is lost", () => {
    const credentials = [credential(2)];
    const record = (daysAgo: number): RemovalEvidence["published"] => [published(3, daysAgo)];
    expect(removable({ credentials, published: record(59) })).toEqual([]);
    expect(removable({ credentials, published: record(60) })).toEqual(["key-2 superseded"]);
  });

  it.each([
    ["a millisecond before", new Date(now.getTime() + 1), []],
    ["at the instant", now, ["key-2 expired"]],
    ["long after", ago(day), ["key-2 expired"]],
  ])("lets go what has expired: %s", (_when, endsAt, gone) => {
    expect(removable({ credentials: [credential(2, { endsAt })] })).toEqual(gone);
  });

  it.each([
    ["at an hour", 3_600_000, []],
    ["a millisecond later", 3_600_001, ["key-4 orphaned"]],
  ])("lets go what was never published once it is over an hour old: %s", (_when, age, gone) => {
    expect(removable({ credentials: [credential(4, { startsAt: ago(age) })] })).toEqual(gone);
  });

  it("never lets go what the vault holds, expired or not", () => {
    expect(removable({ credentials: [credential(3, { endsAt: ago(day) })] })).toEqual([]);
  });

  it.each([
    ["nameless", null],
    ["made by hand", "for the demo"],
    ["of another app", `copilot-token Files-1 ${stackId}`],
    ["of another stack", `copilot-token Mail-1 ${otherId}`],
    ["named as before the mark, by whomever", "copilot-token Mail-1"],
  ])("leaves a credential alone that is %s and was never published, even expired", (_what, displayName) => {
    const strange = { keyId: "key-strange", displayName };
    const credentials = [
      credential(1, { ...strange, endsAt: ago(day) }),
      credential(1, strange),
      credential(4, strange),
    ];
    expect(removable({ credentials })).toEqual([]);
  });

  it("lets go what the vault's record names, whatever its display name says", () => {
    const credentials = [credential(1, { displayName: "copilot-token Mail-1" })];
    expect(removable({ credentials })).toEqual(["key-1 superseded"]);
  });

  it("takes nothing for its own by name while the stack has no ID", () => {
    expect(removable({ credentials: [credential(4)], stackId: undefined })).toEqual([]);
    expect(removable({ credentials: [credential(1)], stackId: undefined })).toEqual(["key-1 superseded"]);
  });

  it.each([
    ["cannot be read", undefined],
    ["holds something of which no version tells", "key-9"],
  ])("removes nothing but what has expired when the vault %s", (_what, currentKeyId) => {
    const credentials = [credential(1), credential(2, { endsAt: now }), credential(4)];
    expect(removable({ credentials, currentKeyId })).toEqual(["key-2 expired"]);
  });

  it("removes everything else after a leak, no matter who made it", () => {
    const credentials = [
      credential(2),
      credential(3),
      credential(1, { displayName: "for the demo" }),
      credential(4, { displayName: null, startsAt: now }),
    ];
    const versions = [published(2, 60), published(3, 0, "leaked")];
    expect(removable({ credentials, published: versions })).toEqual([
      "key-2 leaked",
      "key-1 leaked",
      "key-4 leaked",
    ]);
  });

  it("keeps a secret that was made after the leak was handled, unless it leaked now", () => {
    const credentials = [credential(9, { displayName: "made later", startsAt: ago(day) })];
    const versions = [published(3, 2, "leaked")];
    expect(removable({ credentials, published: versions })).toEqual([]);
    expect(removable({ credentials, published: versions, leakedNow: true })).toEqual(["key-9 leaked"]);
  });

  it("clears away a killed run's orphan after a leak as at other times", () => {
    const orphan = credential(4, { startsAt: ago(day) });
    expect(removable({ credentials: [orphan], published: [published(3, 2, "leaked")] })).toEqual([
      "key-4 orphaned",
    ]);
  });

  it("takes a leak for over once a later secret is current", () => {
    const versions = [published(2, 60), published(3, 10, "leaked"), published(4, 1)];
    expect(removable({ credentials: [credential(3)], published: versions, currentKeyId: "key-4" })).toEqual(
      [],
    );
  });
});
