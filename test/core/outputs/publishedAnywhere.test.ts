import { describe, expect, it } from "vitest";
import { publishedAnywhere } from "../../../core/outputs/publishedAnywhere";

const details = (app: string, more: object = {}) => ({
  stackId: "57ac1d00-0000-4000-8000-000000000001",
  tenantId: "tenant",
  vaultResourceId: "/vault",
  apps: { [app]: { clientId: app } },
  ...more,
});

describe("what a program exports of its apps", () => {
  it("is the whole value of a stack of this project", () => {
    const whole = { ...details("One"), nested: details("Two") };
    expect(publishedAnywhere(whole)).toBe(whole);
  });

  it("is found under any name and at any depth, and put together", () => {
    const value = { url: "https://example.com", one: details("One"), list: [{ two: details("Two") }] };
    expect(publishedAnywhere(value)).toEqual({
      ...details("One"),
      apps: { One: { clientId: "One" }, Two: { clientId: "Two" } },
    });
  });

  it("is of one vault: apps of several are named", () => {
    const value = { one: details("One"), two: details("Two", { vaultResourceId: "/other" }) };
    expect(() => publishedAnywhere(value)).toThrow(/several vaults or programs \(one, two\)/);
  });

  it("is left to its reader where there is none", () => {
    const value = { apps: [], tenantId: "tenant" };
    expect(publishedAnywhere(value)).toBe(value);
    expect(publishedAnywhere(undefined)).toBe(undefined);
  });

  it("ends in what is deep and wide", () => {
    let deep: unknown = details("One");
    for (let count = 0; count < 1000; count += 1) deep = { deep };
    const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, { index }]));
    const value = { deep, wide };
    expect(publishedAnywhere(value)).toBe(value);
  });
});
