import { clearPendingCommand, commandFix, personFix, upCommand } from "../../core/fix";
import { fail, pass, warn } from "./finding";
import type { DoctorContext } from "./context";
import { readPendingCreations } from "../shared/stackOutputs";
import { findPulumiCli } from "../shared/engines/pulumiCli";
import { knowing } from "../shared/known";
import type { Finding } from "../verify/report";

/** The oldest Node that the packages run on. */
const oldestNode = [20, 19, 0] as const;

/** @param version Such as `v20.19.0`. */
export function checkNode(version: string): Finding {
  return isAtLeast(version, oldestNode)
    ? pass(`Node ${version}`, { version })
    : fail(
        `Node ${version} is too old`,
        personFix("node.install", `Install Node ${oldestNode.join(".")} or later, better 24.`),
        {
          version,
        },
      );
}

/** The CLI that the engine would take, judged as the engine judges it. */
export async function checkPulumi({ world, stack }: DoctorContext): Promise<Finding> {
  const found = await knowing(findPulumiCli(world, world.directory));
  if (!found.known) {
    return fail(
      found.error.message,
      personFix("pulumi.install", "Update it: https://www.pulumi.com/docs/install/"),
    );
  }
  if (found.value === undefined) {
    return fail(
      "the Pulumi CLI is not installed",
      personFix(
        "pulumi.install",
        "Install it: https://www.pulumi.com/docs/install/." +
          (world.inOtherProgram ? "" : " Without it, npm run local shows the same program on this machine."),
      ),
    );
  }
  const { version, place } = found.value;
  const summary = `Pulumi ${version}, ${place}`;
  const pendingCreations = await readPendingCreations(world, stack);
  if (pendingCreations.length === 0) return pass(summary, { version });
  const count = pendingCreations.length;
  return warn(
    `${summary}; an interrupted run of the stack left ${count} operation${count === 1 ? "" : "s"} open`,
    commandFix(
      "outputs.clear-pending",
      "Finish that run, and let Pulumi forget it",
      upCommand(stack),
      clearPendingCommand(stack),
    ),
    { version, pendingCreations },
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
