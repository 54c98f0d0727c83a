import { describe, expect, it } from "vitest";
import {
  spentCredentials,
  type LiveCredential,
  type SpentInput,
} from "../../../core/secrets/spentCredentials";

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
const published = (sequence: number, daysAgo: number, cause = "due"): SpentInput["published"][number] => ({
  keyId: `key-${sequence}`,
  sequence,
  publishedAt: ago(daysAgo * day),
  cause,
});

/** The key IDs that may go, with the reason. */
function spent(more: Partial<SpentInput>): string[] {
  const input: SpentInput = {
    app: "Mail",
    stackId,
    credentials: [],
    published: [published(1, 120, "first"), published(2, 60), published(3, 1)],
    currentKeyId: "key-3",
    rotation,
    now,
    ...more,
  };
  return spentCredentials(input).map(({ credential: { keyId }, reason }) => `${keyId} ${reason}`);
}

describe("spentCredentials", () => {
  it("lets go what has had a successor for keepDays, counted from the first successor's publication", () => {
    expect(spent({ credentials: [credential(1), credential(2), credential(3)] })).toEqual([
      "key-1 succeeded",
    ]);
  });

  it.each([
    ["a millisecond before", 1, []],
    ["at the instant", 0, ["key-1 succeeded"]],
  ])("keeps a replaced secret until keepDays are over: %s", (_when, early, gone) => {
    expect(spent({ credentials: [credential(1)], now: new Date(now.getTime() - early) })).toEqual(gone);
  });

  it("keeps a secret made under other settings to its end: they promised its readers another time", () => {
    expect(spent({ credentials: [credential(1)], rotation: { ...rotation, keepDays: 1 } })).toEqual([]);
    const ended = credential(1, { endsAt: now });
    expect(spent({ credentials: [ended], rotation: { ...rotation, keepDays: 1 } })).toEqual([
      "key-1 expired",
    ]);
  });

  it("takes a number that was published with another secret for a killed run's", () => {
    const left = credential(2, { keyId: "key-2-again" });
    expect(spent({ credentials: [left] })).toEqual(["key-2-again orphaned"]);
  });

  it("takes no secret for an orphan because the vault's record of it is lost", () => {
    const credentials = [credential(2)];
    const record = (daysAgo: number): SpentInput["published"] => [published(3, daysAgo)];
    expect(spent({ credentials, published: record(59) })).toEqual([]);
    expect(spent({ credentials, published: record(60) })).toEqual(["key-2 succeeded"]);
  });

  it.each([
    ["a millisecond before", new Date(now.getTime() + 1), []],
    ["at the instant", now, ["key-2 expired"]],
    ["long after", ago(day), ["key-2 expired"]],
  ])("lets go what has expired: %s", (_when, endsAt, gone) => {
    expect(spent({ credentials: [credential(2, { endsAt })] })).toEqual(gone);
  });

  it.each([
    ["at an hour", 3_600_000, []],
    ["a millisecond later", 3_600_001, ["key-4 orphaned"]],
  ])("lets go what was never published once it is over an hour old: %s", (_when, age, gone) => {
    expect(spent({ credentials: [credential(4, { startsAt: ago(age) })] })).toEqual(gone);
  });

  it("never lets go what the vault holds, expired or not", () => {
    expect(spent({ credentials: [credential(3, { endsAt: ago(day) })] })).toEqual([]);
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
    expect(spent({ credentials })).toEqual([]);
  });

  it("lets go what the vault's record names, whatever its display name says", () => {
    const credentials = [credential(1, { displayName: "copilot-token Mail-1" })];
    expect(spent({ credentials })).toEqual(["key-1 succeeded"]);
  });

  it("takes nothing for its own by name while the stack has no ID", () => {
    expect(spent({ credentials: [credential(4)], stackId: undefined })).toEqual([]);
    expect(spent({ credentials: [credential(1)], stackId: undefined })).toEqual(["key-1 succeeded"]);
  });

  it.each([
    ["cannot be read", undefined],
    ["holds something of which no version tells", "key-9"],
  ])("removes nothing but what has expired when the vault %s", (_what, currentKeyId) => {
    const credentials = [credential(1), credential(2, { endsAt: now }), credential(4)];
    expect(spent({ credentials, currentKeyId })).toEqual(["key-2 expired"]);
  });

  it("lets everything else go after a leak, whoever made it", () => {
    const credentials = [
      credential(2),
      credential(3),
      credential(1, { displayName: "for the demo" }),
      credential(4, { displayName: null, startsAt: now }),
    ];
    const versions = [published(2, 60), published(3, 0, "leaked")];
    expect(spent({ credentials, published: versions })).toEqual([
      "key-2 leaked",
      "key-1 leaked",
      "key-4 leaked",
    ]);
  });

  it("leaves a secret alone that somebody made after the leak was dealt with, unless it leaked this moment", () => {
    const credentials = [credential(9, { displayName: "made later", startsAt: ago(day) })];
    const versions = [published(3, 2, "leaked")];
    expect(spent({ credentials, published: versions })).toEqual([]);
    expect(spent({ credentials, published: versions, leakedNow: true })).toEqual(["key-9 leaked"]);
  });

  it("clears away a killed run's orphan after a leak as at other times", () => {
    const orphan = credential(4, { startsAt: ago(day) });
    expect(spent({ credentials: [orphan], published: [published(3, 2, "leaked")] })).toEqual([
      "key-4 orphaned",
    ]);
  });

  it("takes a leak for over once a later secret is current", () => {
    const versions = [published(2, 60), published(3, 10, "leaked"), published(4, 1)];
    expect(spent({ credentials: [credential(3)], published: versions, currentKeyId: "key-4" })).toEqual([]);
  });
});
