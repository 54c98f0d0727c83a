import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fixKinds, type FixKind } from "../../core/fix";
import { scenarios } from "./scenarios";

const idsOf = (kind: FixKind): string[] =>
  Object.entries(fixKinds).flatMap(([id, one]) => (one === kind ? [id] : []));

const sources = execFileSync("git", ["ls-files", "core", "azure", "infra", "copilot", "scripts"], {
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path.endsWith(".ts") && path !== "core/fix.ts")
  .map((path) => readFileSync(path, "utf8"))
  .join("\n");

describe("the suggested fixes", () => {
  it("are each run by a scenario", () => {
    expect(Object.keys(scenarios).sort()).toEqual(idsOf("command").sort());
  });

  it("are as many as the report says, by kind", () => {
    expect([idsOf("command").length, idsOf("person").length, idsOf("wait").length]).toEqual([51, 53, 4]);
  });

  it.each(Object.keys(fixKinds))("are suggested somewhere: %s", (id) => {
    expect(sources).toContain(JSON.stringify(id));
  });
});
