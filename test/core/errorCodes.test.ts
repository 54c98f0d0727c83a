import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { errorCodes } from "../../core/errorCodes";

const folders = ["core", "azure", "infra", "copilot", "scripts", "emulator"];
const sources = folders
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
  )
  .filter((file) => file.endsWith(".ts") && file !== "core/errorCodes.ts")
  .map((file) => readFileSync(file, "utf8"));

describe("errorCodes", () => {
  it("has no code that the source does not use", () => {
    const unused = Object.keys(errorCodes).filter(
      (code) => !sources.some((text) => text.includes(`"${code}"`)),
    );
    expect(unused).toEqual([]);
  });

  it("explains the emulator's codes too", () => {
    const used = sources.flatMap((text) =>
      [...text.matchAll(/new EmulatorError\(\s*"(\w+)"/g)].map(([, code = ""]) => code),
    );
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((code) => !Object.hasOwn(errorCodes, code))).toEqual([]);
  });
});
