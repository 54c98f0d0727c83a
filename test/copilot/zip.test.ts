import { unzipSync } from "fflate";
import { afterEach, describe, expect, it } from "vitest";
import { zipFiles } from "../../copilot/files";

const zone = process.env["TZ"];
afterEach(() => {
  process.env["TZ"] = zone ?? "UTC";
});

describe("zipFiles", () => {
  it("gives the same bytes whatever the order of the files", () => {
    const forwards = zipFiles(new Map([["a/b", "1"], ["c", "2"]])); // prettier-ignore
    const backwards = zipFiles(new Map([["c", "2"], ["a/b", "1"]])); // prettier-ignore
    expect(forwards).toEqual(backwards);
    expect(Object.keys(unzipSync(forwards))).toEqual(["a/b", "c"]);
  });

  it("gives the same bytes in every time zone", () => {
    const zones = ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"].map((name) => {
      process.env["TZ"] = name;
      return zipFiles(new Map([["a", "1"]]));
    });
    expect(zones[1]).toEqual(zones[0]);
    expect(zones[2]).toEqual(zones[0]);
  });
});
