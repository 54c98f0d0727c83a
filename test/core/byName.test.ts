import { describe, expect, it } from "vitest";
import { byName } from "../../core/byName";

describe("byName", () => {
  it.each(["constructor", "toString", "__proto__", "hasOwnProperty"])("finds nothing under %s", (name) => {
    expect(byName<number>({})[name]).toBeUndefined();
  });

  it.each(["constructor", "toString", "__proto__"])("finds what is under %s", (name) => {
    const named = byName(JSON.parse(`{"${name}":1}`) as Record<string, number>);
    expect([named[name], Object.keys(named)]).toEqual([1, [name]]);
  });
});
