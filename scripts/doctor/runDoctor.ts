import { jsonText } from "../../core/sinks";
import { identityKeys, type IdentityKey } from "../../core/access/rights";
import { UsageError, type ExitCode, type Flags } from "../shared/command";
import { examine } from "./doctor";
import { findingLines } from "../verify/findingLines";
import type { World } from "../shared/world";

/** Carries out `npm run doctor`. */
export async function runDoctor(flags: Flags, world: World): Promise<ExitCode> {
  const report = world.words(await examine(world, flags.text("stack"), readWho(flags.text("for"))));
  if (flags.on("json")) {
    world.print(jsonText(report));
  } else {
    for (const line of findingLines(report.checks, world.colours)) world.print(line);
    world.print("");
    world.print(
      report.ready
        ? `READY: ${report.who === "deployer" ? "pulumi up" : `the ${report.who}`} has what it needs.`
        : "NOT READY: fix the failed checks, then run this again.",
    );
  }
  return report.ready ? 0 : 1;
}

function readWho(text = "deployer"): IdentityKey {
  const who = identityKeys.find((key) => key === text);
  if (who === undefined) throw new UsageError(`--for ${text}: it is one of ${identityKeys.join(", ")}.`);
  return who;
}
