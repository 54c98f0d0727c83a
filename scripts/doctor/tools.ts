import { fail, pass, warn } from "./finding";
import type { DoctorContext } from "./context";
import type { Finding } from "../verify/report";

/** The oldest Node that the packages run on. */
const oldestNode = [20, 19, 0] as const;
/** The Pulumi SDK in use; an older engine has not been tried with it. */
const oldestPulumi = [3, 248, 0] as const;

/** @param version Such as `v20.19.0`. */
export function checkNode(version: string): Finding {
  return isAtLeast(version, oldestNode)
    ? pass(`Node ${version}`, { version })
    : fail(`Node ${version} is too old`, `Install Node ${oldestNode.join(".")} or later, better 24.`, {
        version,
      });
}

export async function checkPulumi({ world }: DoctorContext): Promise<Finding> {
  const { exitCode, stdout } = await world.runTool("pulumi", ["version"], 30);
  if (exitCode === undefined) {
    return fail(
      "the Pulumi CLI is not installed",
      "Install it: https://www.pulumi.com/docs/install/. Without it, npm run local shows the same program on this machine.",
    );
  }
  const version = stdout.trim();
  return isAtLeast(version, oldestPulumi)
    ? pass(`Pulumi ${version}`, { version })
    : warn(
        `Pulumi ${version} is older than the ${oldestPulumi.join(".")} that this project is made for`,
        "Update it: https://www.pulumi.com/docs/install/",
        { version },
      );
}

function isAtLeast(version: string, oldest: readonly [number, number, number]): boolean {
  const parts = version.replace(/^v/, "").split(/[.-]/).map(Number);
  for (const [index, wanted] of oldest.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
