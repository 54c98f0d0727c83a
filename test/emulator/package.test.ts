import { execFileSync, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** The first TypeScript block of the package's README. */
const sample = /```ts\n(.*?)```/s.exec(readFileSync("emulator/README.md", "utf8"))?.[1] ?? "";

describe("the emulator's package", () => {
  let folder: string;
  let installed: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "emulator-package-"));
    const pack = execFileSync("npm", ["pack", "--json", "--pack-destination", folder], {
      cwd: resolve("emulator"),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [{ filename }] = JSON.parse(pack.slice(pack.indexOf("["))) as [{ filename: string }];
    installed = join(folder, "node_modules", "azure-tenant-emulator");
    mkdirSync(installed, { recursive: true });
    execFileSync("tar", ["-xzf", join(folder, filename), "-C", installed, "--strip-components=1"]);
    const { dependencies } = JSON.parse(readFileSync("emulator/package.json", "utf8")) as {
      dependencies: Record<string, string>;
    };
    for (const name of [...Object.keys(dependencies), "vitest", "typescript", "@types/node"]) {
      mkdirSync(join(folder, "node_modules", name, ".."), { recursive: true });
      symlinkSync(resolve("node_modules", name), join(folder, "node_modules", name));
    }
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it("runs the README's test in a project that has only the package, undici and vitest", () => {
    writeFileSync(join(folder, "tenant.test.ts"), sample);
    const vitest = resolve("node_modules/vitest/vitest.mjs");
    const { status, stdout, stderr } = spawnSync(process.execPath, [vitest, "run", "--root", folder], {
      cwd: folder,
      env: { PATH: process.env["PATH"], HOME: folder },
      encoding: "utf8",
    });
    expect([status, stdout + stderr]).toEqual([0, expect.stringMatching(/Tests .*1 passed/)]);
  });

  it("has types for what the README uses", () => {
    writeFileSync(join(folder, "tenant.test.ts"), sample);
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          noEmit: true,
          // TypeScript's own declarations, and no others.
          skipDefaultLibCheck: true,
          module: "preserve",
          target: "es2022",
          types: ["node"],
        },
        files: ["tenant.test.ts"],
      }),
    );
    const { status, stdout } = spawnSync(
      process.execPath,
      [resolve("node_modules/typescript/bin/tsc"), "--project", folder],
      { encoding: "utf8" },
    );
    expect([status, stdout]).toEqual([0, ""]);
  });

  it("gives a program the tenant's environment, and its exit code back", () => {
    const run = join(installed, "dist", "run.js");
    const script = "console.log(process.env.ARM_TENANT_ID, process.env.HTTPS_PROXY); process.exit(7)";
    const { status, stdout } = spawnSync(
      process.execPath,
      [run, "--as", "verifier", "--", process.execPath, "-e", script],
      { cwd: folder, env: { PATH: process.env["PATH"] }, encoding: "utf8" },
    );
    expect([status, stdout]).toEqual([
      7,
      expect.stringMatching(/^[-0-9a-f]{36} http:\/\/127\.0\.0\.1:\d+\n$/),
    ]);
  });

  it("asks for a command, and for an identity that there is", () => {
    const run = join(installed, "dist", "run.js");
    const statuses = [[], ["--as", "nobody", "--", "true"], ["--bad", "verifier", "--", "true"]].map(
      (flags) => spawnSync(process.execPath, [run, ...flags], { cwd: folder, encoding: "utf8" }).status,
    );
    expect(statuses).toEqual([2, 2, 2]);
  });

  it("ships the built files only", () => {
    expect(readdirSync(installed).sort()).toEqual(["README.md", "dist", "package.json"]);
  });
});
