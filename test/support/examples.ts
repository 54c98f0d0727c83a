import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { builtPackage } from "./builtPackage";

/** How an example of `examples/` runs here, where nothing may be downloaded. */
export interface Example {
  readonly name: "typescript" | "python" | "yaml";
  /** Why it cannot run on this machine; undefined where it can. */
  readonly missing: string | undefined;
  /** The runtime of its `Pulumi.yaml`, where that would install packages. */
  readonly runtime?: string;
  /** What `pulumi install` does otherwise. */
  install(folder: string, pulumi: string): void;
  environment(folder: string): Readonly<Record<string, string>>;
}

const pythonPackages = process.env["PULUMI_PYTHON_PACKAGES"] ?? "";

export const examples: readonly Example[] = [
  {
    name: "yaml",
    missing: withHost("yaml"),
    install: () => undefined,
    environment: () => ({}),
  },
  {
    name: "python",
    missing:
      withHost("python") ??
      (pythonPackages === "" ? "PULUMI_PYTHON_PACKAGES names no folder with the package pulumi" : undefined),
    runtime: "python",
    install: (folder, pulumi) => {
      const words = ["package", "gen-sdk", resolve("plugin"), "--language", "python", "--out", "sdks"];
      execFileSync(pulumi, words, { cwd: folder, stdio: "pipe" });
      // The SDK asks for its own version as that of an installed package.
      execFileSync("python3", ["setup.py", "egg_info"], { cwd: join(folder, "sdks/python"), stdio: "pipe" });
    },
    environment: (folder) => ({
      PYTHONPATH: [resolve(pythonPackages), join(folder, "sdks/python")].join(delimiter),
    }),
  },
  {
    name: "typescript",
    missing: withHost("nodejs"),
    install: (folder) => {
      mkdirSync(join(folder, "node_modules"));
      symlinkSync(builtPackage(), join(folder, "node_modules/copilot-token"));
    },
    environment: () => ({}),
  },
];

function withHost(language: string): string | undefined {
  const host = `pulumi-language-${language}`;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.some((folder) => existsSync(join(folder, host))) ? undefined : `${host} is not on PATH`;
}
