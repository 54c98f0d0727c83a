import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { localFolder } from "../../../../emulator/server/environment";
import { removeAbandonedFiles } from "../../../../scripts/shared/emulated/abandonedFiles";

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "abandoned-"));
});
afterEach(() => {
  rmSync(project, { recursive: true });
});

it("removes the files of local and tenant whose process has ended, and no others", async () => {
  const folder = join(project, localFolder);
  mkdirSync(folder);
  const { pid: ended } = spawnSync(process.execPath, ["--version"]);
  const others = [
    `local-${process.pid}.json`,
    `tenant-${process.pid}.sh`,
    `other-${ended}.json`,
    "outputs.json",
  ];
  const abandoned = [`local-${ended}.json`, `local-${ended}.ps1`, `tenant-${ended}.sh`];
  for (const name of [...others, ...abandoned]) writeFileSync(join(folder, name), "{}");
  await removeAbandonedFiles(project);
  expect(readdirSync(folder).sort()).toEqual(others.sort());
});

it("does nothing where nothing was left", async () => {
  await removeAbandonedFiles(project);
  expect(readdirSync(project)).toEqual([]);
});
