import { resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { evaluateModule } from "../../../emulator/pulumi/program";

const filename = resolve("index.js");
const warnings: string[] = [];
const note = (warning: Error): void => void warnings.push(warning.message);

beforeEach(() => process.on("warning", note));
afterEach(() => process.off("warning", note));

describe("evaluateModule", () => {
  it("runs a program that may begin with the name of its interpreter", () => {
    const code =
      "#!/usr/bin/env node\nmodule.exports = [__filename, this === exports, new Error('here').stack];";
    const [name, isOwn, stack] = evaluateModule(code, filename) as [string, boolean, string];
    expect([name, isOwn]).toEqual([filename, true]);
    expect(stack).toContain(`${filename}:2:49`);
  });

  it("runs the same code anew each time", () => {
    const code = "let runs = 0; module.exports = () => (runs += 1);";
    const [one, other] = [evaluateModule(code, filename), evaluateModule(code, filename)] as (() => number)[];
    expect([one?.(), one?.(), other?.()]).toEqual([1, 2, 1]);
  });

  it("lets a program import a module when it needs it, without a warning", async () => {
    const code = `module.exports = import("node:path").then(({ sep }) => sep);`;
    expect(await evaluateModule(code, filename)).toBe("/");
    await new Promise(setImmediate);
    expect(warnings).toEqual([]);
  });
});
