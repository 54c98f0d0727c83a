import { describe, expect, it } from "vitest";
import {
  addDays,
  decideCredential,
  isMadeFor,
  newerCredential,
  nextRotationAt,
  readRotationRequest,
  credentialEndDate,
  secretLifetimeDays,
  type CurrentCredential,
} from "../../../core/secrets/rotation";

const rotation = { everyDays: 60, keepDays: 60, graceDays: 14 };
const startsAt = new Date("2026-11-22T10:00:00Z");
const dueAt = new Date("2027-01-21T10:00:00Z");
const current: CurrentCredential = { sequence: 7, startsAt, cause: "asked" };

describe("addDays", () => {
  it.each([
    ["2026-11-22T10:00:00.123Z", 0, "2026-11-22T10:00:00.123Z"],
    ["2026-12-31T23:59:59.999Z", 1, "2027-01-01T23:59:59.999Z"],
    ["2028-02-28T00:00:00.000Z", 1, "2028-02-29T00:00:00.000Z"],
    // Central Europe leaves summer time on this day; a day has 24 hours all the same.
    ["2026-10-24T22:30:00.000Z", 1, "2026-10-25T22:30:00.000Z"],
    ["2026-11-22T10:00:00.000Z", -22, "2026-10-31T10:00:00.000Z"],
  ])("moves %s by %i days to %s", (from, days, to) => {
    expect(addDays(new Date(from), days).toISOString()).toBe(to);
  });

  it("leaves the instant given alone", () => {
    const instant = new Date(startsAt);
    addDays(instant, 5);
    expect(instant).toEqual(startsAt);
  });
});

describe("a client secret's times", () => {
  it("lasts for a late rotation and for those who still use the one before", () => {
    expect(secretLifetimeDays(rotation)).toBe(134);
  });

  it("is due after everyDays", () => {
    expect(nextRotationAt(startsAt, rotation)).toEqual(dueAt);
  });

  it.each([
    ["made for these settings", "2027-04-05T10:00:00Z", rotation, dueAt],
    ["an hour shorter, as a run may take", "2027-04-05T09:00:00Z", rotation, dueAt],
    ["older than a longer everyDays allows", "2027-04-05T10:00:00Z", { ...rotation, everyDays: 120 }, dueAt],
    [
      "shorter than a longer keepDays allows",
      "2027-04-05T10:00:00Z",
      { ...rotation, keepDays: 90 },
      new Date("2026-12-22T10:00:00Z"),
    ],
    [
      "longer than needed",
      "2027-04-05T10:00:00Z",
      { ...rotation, everyDays: 30, keepDays: 1 },
      new Date("2026-12-22T10:00:00Z"),
    ],
  ])("is due while keepDays of its life are left: %s", (_what, endsAt, settings, due) => {
    expect(nextRotationAt(startsAt, settings, new Date(endsAt))).toEqual(due);
  });

  it.each([
    ["2027-04-05T10:00:00Z", true],
    ["2027-04-05T09:00:00Z", true],
    ["2027-04-05T08:59:59Z", false],
    ["2027-05-05T10:00:00Z", false],
  ])("tells by its end, %s, whether it was made under the same settings: %s", (endsAt, same) => {
    expect(isMadeFor(rotation, startsAt, new Date(endsAt))).toBe(same);
  });

  it.each([
    ["2026-11-22T10:00:00.000Z", "2027-04-05T10:00:00Z"],
    ["2026-11-22T10:00:00.999Z", "2027-04-05T10:00:00Z"],
  ])("made at %s ends at %s, in whole seconds", (now, end) => {
    expect(credentialEndDate(new Date(now), 134)).toBe(end);
  });
});

describe("decideCredential", () => {
  const after = (milliseconds: number): Date => new Date(dueAt.getTime() + milliseconds);

  it.each([
    ["a millisecond before it is due", after(-1), undefined, { sequence: 7, cause: "asked" }],
    ["at the instant", dueAt, undefined, { sequence: 8, cause: "due" }],
    ["a millisecond later", after(1), undefined, { sequence: 8, cause: "due" }],
    ["years late, one step only", new Date("2036-01-01T00:00:00Z"), undefined, { sequence: 8, cause: "due" }],
    [
      "with a clock before its start",
      new Date("2020-01-01T00:00:00Z"),
      undefined,
      { sequence: 7, cause: "asked" },
    ],
    ["when asked", startsAt, "asked" as const, { sequence: 8, cause: "asked" }],
    ["when it leaked", startsAt, "leaked" as const, { sequence: 8, cause: "leaked" }],
    [
      "when asked on the day it is due, one step only",
      dueAt,
      "asked" as const,
      { sequence: 8, cause: "asked" },
    ],
    ["when leaked on the day it is due", dueAt, "leaked" as const, { sequence: 8, cause: "leaked" }],
  ])("decides %s", (_when, now, asked, decision) => {
    expect(decideCredential(current, rotation, now, asked)).toEqual(decision);
  });

  it.each([undefined, "asked", "leaked"] as const)("begins with 1, asked: %s", (asked) => {
    expect(decideCredential(undefined, rotation, startsAt, asked)).toEqual({ sequence: 1, cause: "first" });
  });

  it("goes by the settings of the day, not by those at the secret's birth", () => {
    const now = new Date("2026-12-22T10:00:00Z");
    expect(decideCredential(current, { ...rotation, everyDays: 30 }, now, undefined).sequence).toBe(8);
    expect(decideCredential(current, { ...rotation, everyDays: 31 }, now, undefined).sequence).toBe(7);
  });
});

describe("decideCredential under settings that have changed since", () => {
  it("does not wait for an everyDays that reaches past the secret's end", () => {
    const endsAt = new Date("2027-04-05T10:00:00Z");
    const longer = { ...rotation, everyDays: 200 };
    expect(decideCredential({ ...current, endsAt }, longer, dueAt, undefined).sequence).toBe(8);
    expect(decideCredential(current, longer, dueAt, undefined).sequence).toBe(7);
  });
});

describe("newerCredential", () => {
  const published: CurrentCredential = { sequence: 8, startsAt: dueAt, cause: "due" };

  it.each([
    ["neither", undefined, undefined, undefined],
    ["the outputs alone", current, undefined, current],
    ["the vault alone", undefined, published, published],
    ["a vault ahead", current, published, published],
    ["outputs ahead", published, current, published],
    ["both the same, by the outputs", current, { ...published, sequence: 7 }, current],
  ])("knows %s", (_what, recorded, inVault, newer) => {
    expect(newerCredential(recorded, inVault)).toBe(newer);
  });
});

describe("readRotationRequest", () => {
  const apps = ["Mail", "Files", "Reports"];

  it.each<[string | undefined, [string, string][], string[]]>([
    [undefined, [], []],
    ["", [], []],
    [" , ,", [], []],
    ["Mail", [["Mail", "asked"]], []],
    [
      " Reports , Mail ",
      [
        ["Reports", "asked"],
        ["Mail", "asked"],
      ],
      [],
    ],
    [
      "all",
      [
        ["Mail", "asked"],
        ["Files", "asked"],
        ["Reports", "asked"],
      ],
      [],
    ],
    [
      "all:leaked",
      [
        ["Mail", "leaked"],
        ["Files", "leaked"],
        ["Reports", "leaked"],
      ],
      [],
    ],
    ["Mail:leaked", [["Mail", "leaked"]], []],
    ["Mail,Mail:leaked", [["Mail", "leaked"]], []],
    ["mail", [], ["mail"]],
    ["Mail,Mali:leaked", [["Mail", "asked"]], ["Mali:leaked"]],
    ["Mail:lost", [], ["Mail:lost"]],
    [":leaked", [], [":leaked"]],
    ["Mail Files", [], ["Mail Files"]],
  ])("reads %j", (text, asked, unknown) => {
    expect(readRotationRequest(text, apps)).toEqual({ asked: new Map(asked), unknown });
  });

  it.each(["Mail:leaked,Mail", "all:leaked,Mail"])("keeps a leak in mind in %s", (text) => {
    expect(readRotationRequest(text, apps).asked.get("Mail")).toBe("leaked");
  });
});
