import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readClock } from "../../infra/clock";

afterEach(() => {
  vi.restoreAllMocks();
});

function warnings(): string[] {
  const said: string[] = [];
  vi.spyOn(pulumi.log, "warn").mockImplementation((message) => {
    said.push(message);
    return Promise.resolve();
  });
  return said;
}

describe("readClock", () => {
  it.each([{}, { COPILOT_TOKEN_CLOCK: "" }])(
    "reads the machine's clock, silently, with %j",
    (environment) => {
      const said = warnings();
      const before = Date.now();
      const now = readClock(environment).getTime();
      expect(now).toBeGreaterThanOrEqual(before);
      expect(now).toBeLessThanOrEqual(Date.now());
      expect(said).toEqual([]);
    },
  );

  it.each([
    ["2027-01-31T12:00:00Z", "2027-01-31T12:00:00.000Z"],
    ["2027-01-31T12:00Z", "2027-01-31T12:00:00.000Z"],
    ["2028-02-29T23:59:59Z", "2028-02-29T23:59:59.000Z"],
    ["2027-01-31T12:00:00.5+01:00", "2027-01-31T11:00:00.500Z"],
  ])("takes the time to be %s, and says so loudly", (text, instant) => {
    const said = warnings();
    expect(readClock({ COPILOT_TOKEN_CLOCK: text }).toISOString()).toBe(instant);
    expect(said).toEqual([`COPILOT_TOKEN_CLOCK is set: this run takes the time to be ${instant}.`]);
  });

  it.each(["tomorrow", "2027-13-01T00:00:00Z", "2027-02-30T12:00:00Z", "31.12.2027"])(
    "refuses %j",
    (text) => {
      expect(() => readClock({ COPILOT_TOKEN_CLOCK: text })).toThrow(
        expect.objectContaining({
          code: "CLOCK_INVALID",
          message: `COPILOT_TOKEN_CLOCK is "${text}", which is not an ISO 8601 time with an offset. Write it like 2027-01-31T12:00:00Z, or unset it.`,
        }),
      );
    },
  );

  it.each(["1", "Jan 5", "2027-01-31T12:00:00"])("refuses %j, which leaves the instant open", (text) => {
    warnings();
    expect(() => readClock({ COPILOT_TOKEN_CLOCK: text })).toThrow(
      expect.objectContaining({ code: "CLOCK_INVALID" }),
    );
  });
});
