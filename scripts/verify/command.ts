import type { Command } from "../shared/command";

/** `npm run verify`. */
export const verifyCommand: Command = {
  name: "verify",
  summary: "Verifies that each app gets a Microsoft Graph token with exactly the requested permissions.",
  flags: {
    outputs: { type: "string", value: "FILE", help: "the stack's outputs as JSON; - for standard input" },
    stack: { type: "string", value: "NAME", help: "the stack whose outputs to read with the Pulumi CLI" },
    app: { type: "string", multiple: true, value: "NAME", help: "only this app; may be repeated" },
    wait: {
      type: "string",
      value: "SECONDS",
      help: "how long to wait for changes to take effect, 0 to 900 (default: 120, or 900 for a new role assignment)",
    },
    "if-trusted": {
      type: "boolean",
      help: "skips apps that cannot sign in from this environment instead of failing",
    },
    "api-read": {
      type: "string",
      multiple: true,
      value: '"API URL"',
      help: "an https URL of another API to read with the app's token; may be repeated",
    },
    "sign-in": {
      type: "boolean",
      help: "lets you sign in as a user of each app with delegated permissions, in a browser on this machine",
    },
    strict: { type: "boolean", help: "also fails on warnings and notes" },
    json: { type: "boolean", help: "prints the report as JSON" },
    junit: { type: "string", value: "FILE", help: "writes the report as JUnit XML" },
    html: { type: "string", value: "FILE", help: "writes the report as one HTML page" },
  },
  notes: [
    "Outputs are read from --outputs, else from a pipe, else with the Pulumi CLI, else from .copilot-token/outputs.json,",
    "which the inline engine writes, and which npm run local -- --keep provides while it runs.",
    "Signs in with ARM_* variables as Pulumi does, or with the Azure CLI and similar tools.",
    "Exit code: 0 verified, 1 not verified, 2 usage error.",
  ],
  run: async (flags, world) => (await import("./runVerify.js")).runVerify(flags, world),
};
