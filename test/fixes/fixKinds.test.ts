import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fixKinds, type FixKind } from "../../core/fix";
import { commandTexts } from "./commandTexts";
import { otherCommandTexts } from "./otherCommandTexts";
import { scenarios, suggestedFixes } from "./scenarios";

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
    expect(suggestedFixes).toEqual({ tested: 68, printed: 68 });
    expect([idsOf("person").length, idsOf("wait").length]).toEqual([58, 5]);
  });

  it.each(Object.keys(fixKinds))("are suggested somewhere: %s", (id) => {
    expect(sources).toContain(JSON.stringify(id));
  });
});

describe("a command in a message of the product", () => {
  it("is a suggested fix's, or known for what else it is", () => {
    const found = new Set(commandTexts().map(({ file, text }) => `${file}: ${text}`));
    const known = Object.values(otherCommandTexts).flatMap((files) =>
      Object.entries(files).flatMap(([file, texts]) => texts.map((text) => `${file}: ${text}`)),
    );
    expect([...found].filter((one) => !known.includes(one))).toEqual([]);
    expect(known.filter((one) => !found.has(one))).toEqual([]);
  });
});
