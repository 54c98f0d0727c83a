import { describe, expect, it } from "vitest";
import { localTime, relativeTime } from "../../../scripts/token/tokenText";

const now = new Date("2026-11-22T10:00:00Z");
const minute = 60;
const hour = 3600;

describe("relativeTime", () => {
  it.each([
    [0, "now"],
    [4, "now"],
    [-59, "59 s ago"],
    [43 * minute, "in 43 min"],
    [hour - 1, "in 59 min"],
    [hour, "in 1 h"],
    [-25 * hour, "1 d ago"],
  ])("calls %d s away: %s", (seconds, words) => {
    expect(relativeTime(new Date(now.getTime() + seconds * 1000), now)).toBe(words);
  });
});

describe("localTime", () => {
  it("is the same instant in this machine's zone", () => {
    const shown = localTime(now);
    expect(new Date(shown.replace(" ", "T").replace(" ", ""))).toEqual(now);
  });
});
