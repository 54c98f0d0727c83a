import { identityKeys } from "../../core/access/rights";
import { option, toggle, type Command } from "../shared/command";

/** `npm run doctor`. */
export const doctorCommand: Command = {
  name: "doctor",
  summary: "Checks the prerequisites of pulumi up and suggests fixes. Changes nothing.",
  flags: {
    stack: option("NAME", "the stack whose settings to check (default: the selected stack, or dev)"),
    for: option("WHO", `role of the signed-in identity: ${identityKeys.join(", ")} (default: deployer)`),
    json: toggle("prints the results as JSON"),
  },
  notes: ["Exit code: 0 ready, 1 a check failed, 2 usage error."],
  run: async (flags, world) => (await import("./doctor.js")).runDoctor(flags, world),
};
