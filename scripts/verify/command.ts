import { option, repeatable, toggle, type Command } from "../shared/command";

/** `npm run verify`. */
export const verifyCommand: Command = {
  name: "verify",
  summary: "Verifies that each app gets a Microsoft Graph token with exactly the requested permissions.",
  flags: {
    outputs: option("FILE", "the stack's outputs as JSON; - for standard input"),
    stack: option("NAME", "the stack whose outputs to read with the Pulumi CLI"),
    app: repeatable("NAME", "only this app; may be repeated"),
    wait: option(
      "SECONDS",
      "how long to wait for changes to take effect, 0 to 900 (default: 120, or 900 for a new role assignment)",
    ),
    "if-trusted": toggle("skips apps that cannot sign in from this environment instead of failing"),
    "api-read": repeatable(
      '"API URL"',
      "an https URL of another API to read with the app's token; may be repeated",
    ),
    "sign-in": toggle(
      "lets you sign in as a user of each app with delegated permissions, in a browser on this machine",
    ),
    strict: toggle("also fails on warnings and notes"),
    json: toggle("prints the report as JSON"),
    junit: option("FILE", "writes the report as JUnit XML"),
    html: option("FILE", "writes the report as one HTML page"),
  },
  notes: [
    "Outputs are read from --outputs, else from a pipe, else with the Pulumi CLI, else from .copilot-token/outputs.json,",
    "which the inline engine writes, and which npm run local -- --keep provides while it runs.",
    "Signs in with ARM_* variables as Pulumi does, or with the Azure CLI and similar tools.",
    "Exit code: 0 verified, 1 not verified, 2 usage error.",
  ],
  run: async (flags, world) => (await import("./runVerify.js")).runVerify(flags, world),
};
