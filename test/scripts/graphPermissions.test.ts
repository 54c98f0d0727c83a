import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "permissions-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ids = [1, 2, 3].map((digit) => `0000000${digit}-0000-0000-0000-000000000000`);

async function renew(list: unknown): Promise<{ code: number; rows: unknown; said: string }> {
  const [source, target] = [join(folder, "list.json"), join(folder, "rows.json")];
  await writeFile(source, typeof list === "string" ? list : JSON.stringify(list));
  await writeFile(target, '"before"');
  const run = promisify(execFile)(process.execPath, ["scripts/graphPermissions.mjs", source, target]);
  const { code, said } = await run.then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (error: unknown) => {
      const { code: exitCode, stderr } = error as { code: number; stderr: string };
      return { code: exitCode, said: stderr };
    },
  );
  return { code, said, rows: JSON.parse(await readFile(target, "utf8")) };
}

it("the permissions of Microsoft Graph are renewed from Microsoft's list: names, GUIDs, kinds, consent", async () => {
  const { code, rows } = await renew({
    applicationScopesList: [{ value: "Two.Read.All", id: ids[0], isEnabled: true, isAdmin: true }],
    delegatedScopesList: [
      { value: "Two.Read.All", id: ids[1], isEnabled: true, isAdmin: true },
      { value: "One.Read", id: ids[2], isEnabled: false, isAdmin: false },
    ],
  });
  expect([code, rows]).toEqual([
    0,
    [`One.Read - ${ids[2] ?? ""}! User`, `Two.Read.All ${ids[0] ?? ""} ${ids[1] ?? ""} Admin`],
  ]);
});

it.each([
  ["no JSON", "<html>", "cannot be read as JSON"],
  ["no list", {}, "applicationScopesList is no list"],
  [
    "a permission without a GUID",
    { applicationScopesList: [{ value: "A", id: "x" }], delegatedScopesList: [{ value: "A", id: ids[0] }] },
    "A has no GUID",
  ],
])("a source that is %s is refused, and changes nothing", async (_what, list, message) => {
  const { code, rows, said } = await renew(list);
  expect([code, rows]).toEqual([2, "before"]);
  expect(said).toContain(message);
});
