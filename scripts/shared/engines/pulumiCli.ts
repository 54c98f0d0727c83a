import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { OperatorError } from "../../../core/errors";
import type { World } from "../world";

/** The oldest CLI that reads this project's `Pulumi.yaml` and was tried with it. */
export const minimumCliVersion = "3.260.0";

/** An installed Pulumi CLI that is recent enough. */
export interface PulumiCli {
  /** As it is started: a name on PATH, or an absolute path. */
  readonly command: string;
  /** Such as `3.260.0`. */
  readonly version: string;
  /** For people, such as `on PATH`. */
  readonly place: string;
}

/**
 * Looks for the Pulumi CLI on PATH, where its installer puts it, and among the project's packages.
 *
 * @returns undefined when there is none.
 * @throws {OperatorError} `PULUMI_TOO_OLD`, `PULUMI_BROKEN` for the first one found.
 */
export async function findPulumiCli(
  world: Pick<World, "runTool" | "env">,
  projectDir: string,
): Promise<PulumiCli | undefined> {
  const home = world.env["HOME"] ?? world.env["USERPROFILE"] ?? homedir();
  const places = [
    ["pulumi", "on PATH"],
    [join(home, ".pulumi", "bin", "pulumi"), "in ~/.pulumi/bin"],
    [join(projectDir, "node_modules", ".bin", "pulumi"), "in node_modules/.bin"],
  ] as const;
  for (const [command, place] of places) {
    const { exitCode, stdout, stderr } = await world.runTool(command, ["version"], 60);
    if (exitCode === undefined) continue;
    const version = /v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    if (exitCode !== 0 || version === undefined) {
      throw new OperatorError(
        "PULUMI_BROKEN",
        `The Pulumi CLI ${place} (${command}) does not report its version: ${firstLine(stderr) || `it ended with ${exitCode}`}. ` +
          "Reinstall it: https://www.pulumi.com/docs/install/",
      );
    }
    if (isOlder(version, minimumCliVersion)) {
      throw new OperatorError(
        "PULUMI_TOO_OLD",
        `The Pulumi CLI ${place} (${command}) is ${version}; this project needs ${minimumCliVersion} or later. ` +
          "Update it: https://www.pulumi.com/docs/install/",
      );
    }
    return { command, version, place };
  }
  return undefined;
}

/** @throws {OperatorError} `PULUMI_MISSING`, always: there is no CLI. */
export function missingCli(): never {
  throw new OperatorError(
    "PULUMI_MISSING",
    `There is no Pulumi CLI on PATH, in ~/.pulumi/bin or in node_modules/.bin. Install ${minimumCliVersion} or later ` +
      "(https://www.pulumi.com/docs/install/), then pulumi login.",
  );
}

/** PATH with the CLI's own folder first, so that it finds the language host beside it. */
export function pathFor({ command }: PulumiCli, path: string | undefined): string {
  if (command === "pulumi") return path ?? "";
  return [join(command, ".."), ...(path === undefined ? [] : [path])].join(delimiter);
}

function isOlder(version: string, than: string): boolean {
  const left = version.split(".").map(Number);
  const right = than.split(".").map(Number);
  const different = left.findIndex((part, index) => part !== right[index]);
  return different >= 0 && (left[different] ?? 0) < (right[different] ?? 0);
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}

/**
 * The stack that the Pulumi CLI has selected, as it prints the name; undefined where there is none, or no CLI.
 *
 * @param command As the CLI is started; default: what PATH has.
 */
export async function selectedStack(
  { runTool }: Pick<World, "runTool">,
  command = "pulumi",
): Promise<string | undefined> {
  const { exitCode, stdout } = await runTool(command, ["stack", "--show-name"], 60);
  return exitCode === 0 ? stdout.trim() : undefined;
}
