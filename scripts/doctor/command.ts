import { jsonText } from "../../core/sinks";
import { identityKeys, type IdentityKey } from "../../core/access/rights";
import { UsageError, type Command } from "../shared/command";
import { examine } from "./doctor";
import { findingLines } from "../verify/findingLines";

/** `npm run doctor`. */
export const doctorCommand: Command = {
  name: "doctor",
  summary: "Checks the prerequisites of pulumi up and suggests fixes. Changes nothing.",
  flags: {
    stack: {
      type: "string",
      value: "NAME",
      help: "the stack whose settings to check (default: the selected stack, or dev)",
    },
    for: {
      type: "string",
      value: "WHO",
      help: `role of the signed-in identity: ${identityKeys.join(", ")} (default: deployer)`,
    },
    json: { type: "boolean", help: "prints the results as JSON" },
  },
  notes: ["Exit code: 0 ready, 1 a check failed, 2 usage error."],
  run: async (flags, world) => {
    const report = await examine(world, flags.text("stack"), readWho(flags.text("for")));
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
  },
};

function readWho(text = "deployer"): IdentityKey {
  const who = identityKeys.find((key) => key === text);
  if (who === undefined) throw new UsageError(`--for ${text}: it is one of ${identityKeys.join(", ")}.`);
  return who;
}
