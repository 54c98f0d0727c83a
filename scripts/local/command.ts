import { CloudName } from "../../core/cloud/clouds";
import { option, toggle, type Command } from "../shared/command";

/** `npm run local`. */
export const localCommand: Command = {
  name: "local",
  summary:
    "Deploys a stack into an emulated tenant on this machine, verifies it, rotates it and verifies it again.",
  flags: {
    stack: option("NAME", "the stack whose settings to use, Pulumi.NAME.yaml (default: dev)"),
    engine: option("ENGINE", "auto, pulumi (the Pulumi CLI) or inline (Node only) (default: auto)"),
    cloud: option(
      "CLOUD",
      `the cloud of the emulated tenant: ${Object.keys(CloudName).join(", ")} (default: the stack's)`,
    ),
    json: toggle("prints the result as JSON"),
    keep: toggle("keeps the emulated tenant running until Ctrl-C"),
  },
  notes: [
    "Needs no Azure, no Pulumi CLI and no network. If a Pulumi CLI is installed, the real Pulumi engine deploys.",
    "Exit code: 0 verified, 1 not verified, 2 usage error.",
  ],
  run: async (flags, world) => (await import("./runLocal.js")).runLocal(flags, world),
};
