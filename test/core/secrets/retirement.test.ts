import { describe, expect, it } from "vitest";
import { publishedApp, publishedSecretApp } from "../../support/publishedOutputs";
import {
  decideSecret,
  isNewSecret,
  rememberedSecret,
  retirementNotice,
  type RememberedSecret,
  type SecretDecision,
} from "../../../core/secrets/retirement";

const rotation = { everyDays: 60, keepDays: 60, graceDays: 14 };
const startsAt = new Date("2026-11-01T00:00:00Z");
const endsAt = new Date("2027-03-15T00:00:00Z");
const now = new Date("2026-11-25T12:00:00Z");
const sixtyDaysOn = new Date("2027-01-24T12:00:00Z");
const justBefore = new Date(sixtyDaysOn.getTime() - 1);

const published: RememberedSecret = { current: { sequence: 3, startsAt, endsAt, cause: "due" } };
const retiring: RememberedSecret = { ...published, retiredSince: now };

describe("decideSecret", () => {
  it.each<[string, RememberedSecret | undefined, Date, SecretDecision]>([
    ["never had a secret", undefined, now, { kind: "none" }],
    ["had one until now", published, now, { kind: "retiring", sequence: 3, cause: "due", retiredSince: now }],
    [
      "had one less than keepDays ago",
      retiring,
      justBefore,
      { kind: "retiring", sequence: 3, cause: "due", retiredSince: now },
    ],
    ["had one keepDays ago", retiring, sixtyDaysOn, { kind: "none", lastSequence: 3 }],
    ["has none left", { lastSequence: 3 }, sixtyDaysOn, { kind: "none", lastSequence: 3 }],
  ])("for an app that signs in by federation and %s", (_what, remembered, at, decision) => {
    expect(decideSecret(false, remembered, rotation, at, { asked: undefined, mayLeave: true })).toEqual(
      decision,
    );
  });

  it("keeps no secret past its own end", () => {
    const short: RememberedSecret = {
      current: { sequence: 3, startsAt, endsAt: new Date("2026-12-01T00:00:00Z"), cause: "due" },
      retiredSince: now,
    };
    expect(
      decideSecret(false, short, rotation, new Date("2026-12-01T00:00:00Z"), {
        asked: undefined,
        mayLeave: true,
      }),
    ).toEqual({
      kind: "none",
      lastSequence: 3,
    });
  });

  it("lets a rotation leave it where it is: who rotates may not delete", () => {
    expect(
      decideSecret(false, retiring, rotation, sixtyDaysOn, { asked: undefined, mayLeave: false }),
    ).toEqual({
      kind: "retiring",
      sequence: 3,
      cause: "due",
      retiredSince: now,
    });
  });

  it("keeps no leaked secret", () => {
    expect(decideSecret(false, retiring, rotation, now, { asked: "leaked", mayLeave: true })).toEqual({
      kind: "none",
      lastSequence: 3,
    });
  });

  it("makes no new secret for an app that is moving away, even when asked", () => {
    expect(decideSecret(false, retiring, rotation, now, { asked: "asked", mayLeave: true })).toEqual({
      kind: "retiring",
      sequence: 3,
      cause: "due",
      retiredSince: now,
    });
  });

  it.each<[string, RememberedSecret | undefined, SecretDecision]>([
    ["the first", undefined, { kind: "current", sequence: 1, cause: "first" }],
    [
      "a new one, while the one before is leaving",
      retiring,
      { kind: "current", sequence: 4, cause: "asked" },
    ],
    [
      "the next number, when the last one is gone",
      { lastSequence: 3 },
      { kind: "current", sequence: 4, cause: "first" },
    ],
  ])("gives an app that (again) signs in by secret %s", (_what, remembered, decision) => {
    expect(decideSecret(true, remembered, rotation, now, { asked: undefined, mayLeave: true })).toEqual(
      decision,
    );
  });
});

describe("isNewSecret", () => {
  it.each<[boolean, SecretDecision, RememberedSecret | undefined]>([
    [true, { kind: "current", sequence: 1, cause: "first" }, undefined],
    [false, { kind: "current", sequence: 3, cause: "due" }, published],
    [true, { kind: "current", sequence: 4, cause: "due" }, published],
    [true, { kind: "current", sequence: 4, cause: "first" }, { lastSequence: 3 }],
    [false, { kind: "retiring", sequence: 3, cause: "due", retiredSince: now }, published],
    [false, { kind: "none" }, undefined],
  ])("is %s for %o after %o", (isNew, decision, remembered) => {
    expect(isNewSecret(decision, remembered)).toBe(isNew);
  });
});

describe("retirementNotice", () => {
  it("says until when the secret stays", () => {
    const decision: SecretDecision = { kind: "retiring", sequence: 3, cause: "due", retiredSince: now };
    expect(retirementNotice("Mail", "secret", decision, published, rotation)).toBe(
      "Mail signs in without its client secret. Number 3 stays published until 2027-01-24T12:00:00.000Z for consumers that " +
        "still use it. The first pulumi up after that removes it from the vault, and npm run rotate removes it from Entra.",
    );
  });

  it("says that it leaves", () => {
    expect(
      retirementNotice("Mail", "secret", { kind: "none", lastSequence: 3 }, retiring, rotation),
    ).toContain("number 3 leaves the vault now");
  });

  it.each<[string, RememberedSecret, string]>([
    [
      "while the one before is leaving",
      retiring,
      "number 4 is created, verified and then published. Number 3, which was leaving, stays valid in Entra until npm run rotate removes it.",
    ],
    [
      "long after the one before",
      { lastSequence: 3 },
      "number 4 is created, verified and then published. Federated credentials",
    ],
  ])("says that a new one comes %s", (_what, remembered, words) => {
    const decision: SecretDecision = { kind: "current", sequence: 4, cause: "asked" };
    expect(retirementNotice("Mail", "secret", decision, remembered, rotation)).toContain(words);
  });

  it("says nothing where nothing leaves", () => {
    expect(
      retirementNotice("Mail", "secret", { kind: "none", lastSequence: 3 }, { lastSequence: 3 }, rotation),
    ).toBeUndefined();
    expect(
      retirementNotice("Mail", "secret", { kind: "current", sequence: 3, cause: "due" }, published, rotation),
    ).toBeUndefined();
  });
});

describe("rememberedSecret", () => {
  const current = {
    sequence: 7,
    cause: "due",
    startsAt: new Date("2026-11-22T10:00:00Z"),
    endsAt: new Date("2027-04-05T10:00:00Z"),
  };

  it("reads the published client secret, and since when it is retiring", () => {
    expect(rememberedSecret(publishedSecretApp("Mail"), "secret")).toEqual({ current });
    const retiredSince = "2026-11-25T12:00:00.000Z";
    expect(rememberedSecret(publishedSecretApp("Mail", { retiredSince }), "secret")).toEqual({
      current,
      retiredSince: new Date(retiredSince),
    });
  });

  it("reads the number of the last one, or that there was none", () => {
    expect(rememberedSecret(publishedApp({ lastSequence: 3 }), "secret")).toEqual({ lastSequence: 3 });
    expect(rememberedSecret(publishedApp(), "secret")).toBeUndefined();
  });
});
