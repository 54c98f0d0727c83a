import { identityKeys, type IdentityKey } from "../../core/access/rights";
import { MisuseError, type Command } from "../shared/command";
import { examine } from "./doctor";
import { findingLines } from "../verify/findingLines";

/** `npm run doctor`. */
export const doctorCommand: Command = {
  name: "doctor",
  summary:
    "Before the first pulumi up: says what it is going to stumble over, and how to mend it. Changes nothing.",
  flags: {
    stack: { type: "string", value: "NAME", help: "whose settings to judge (the selected stack, else dev)" },
    for: {
      type: "string",
      value: "WHO",
      help: `whose work the signed-in identity is to do: ${identityKeys.join(", ")} (deployer)`,
    },
    json: { type: "boolean", help: "prints the findings as JSON" },
  },
  notes: ["Exit code: 0 ready, 1 something fails, 2 misused."],
  run: async (flags, world) => {
    const report = await examine(world, flags.text("stack"), readWho(flags.text("for")));
    if (flags.on("json")) {
      world.print(JSON.stringify(report, undefined, 2));
    } else {
      for (const line of findingLines(report.checks, world.colours)) world.print(line);
      world.print("");
      world.print(
        report.ready
          ? `READY: ${report.who === "deployer" ? "pulumi up" : `the ${report.who}`} has what it needs.`
          : "NOT READY: mend what fails, then run this again.",
      );
    }
    return report.ready ? 0 : 1;
  },
};

function readWho(text = "deployer"): IdentityKey {
  const who = identityKeys.find((key) => key === text);
  if (who === undefined) throw new MisuseError(`--for ${text}: it is one of ${identityKeys.join(", ")}.`);
  return who;
}
