import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeOutputFile } from "../../../scripts/shared/outputFile";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "output-file-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("the commands", () => {
  it("write files by this function, but for a summary that is appended to and the emulated tenant's own folders", () => {
    const writers = readdirSync("scripts", { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .filter((file) =>
        /\b(writeFile|writeFileSync|appendFile|createWriteStream|copyFile)\(/.test(
          readFileSync(join("scripts", file), "utf8"),
        ),
      );
    expect(writers.sort()).toEqual([
      "shared/emulated/pulumiStack.ts",
      "shared/emulated/resourceProviders.ts",
      "shared/engines/pulumiEngine.ts",
      "shared/outputFile.ts",
      "verify/githubActions.ts",
    ]);
  });
});

describe("writeOutputFile", () => {
  it("makes the folder and replaces a file, and leaves nothing beside it", async () => {
    const file = join(folder, "a", "outputs.json");
    await writeOutputFile(file, "one");
    await writeOutputFile(file, "two");
    expect([readFileSync(file, "utf8"), readdirSync(join(folder, "a"))]).toEqual(["two", ["outputs.json"]]);
  });

  it("follows a symbolic link and keeps it", async () => {
    const [file, link] = [join(folder, "file"), join(folder, "link")];
    writeFileSync(file, "old");
    symlinkSync(file, link);
    await writeOutputFile(link, "new");
    expect([readFileSync(file, "utf8"), lstatSync(link).isSymbolicLink()]).toEqual(["new", true]);
  });

  it("gives a file its mode, also instead of one that everyone can read", async () => {
    const file = join(folder, "environment.sh");
    writeFileSync(file, "old", { mode: 0o644 });
    await writeOutputFile(file, new TextEncoder().encode("new"), 0o600);
    expect([readFileSync(file, "utf8"), lstatSync(file).mode & 0o777]).toEqual(["new", 0o600]);
  });

  it("makes the file that a symbolic link names in vain", async () => {
    const [file, link] = [join(folder, "file"), join(folder, "link")];
    symlinkSync(file, link);
    await writeOutputFile(link, "new");
    expect([readFileSync(file, "utf8"), lstatSync(link).isSymbolicLink()]).toEqual(["new", true]);
  });

  it("writes to a device in place", async () => {
    await writeOutputFile("/dev/null", "new");
    expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
  });

  it("writes to a named pipe in place", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const [text] = await Promise.all([readFile(pipe, "utf8"), writeOutputFile(pipe, "through")]);
    expect([text, lstatSync(pipe).isFIFO()]).toEqual(["through", true]);
  });

  it.runIf(existsSync("/dev/full"))("reports a device that is full", async () => {
    await expect(writeOutputFile("/dev/full", "new")).rejects.toThrow("ENOSPC");
  });
});
