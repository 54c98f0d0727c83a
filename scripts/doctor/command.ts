import { identityKeys } from "../../core/access/rights";
import type { Command } from "../shared/command";

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
  run: async (flags, world) => (await import("./runDoctor.js")).runDoctor(flags, world),
};
