import { option, repeatable, toggle, type Command } from "../shared/command";

/** `npm run rotate`. */
export const rotateCommand: Command = {
  name: "rotate",
  summary:
    "Replaces client secrets that are due, verifies the new ones, and removes expired and superseded ones.",
  flags: {
    app: repeatable("NAME", "only this app; may be repeated"),
    now: toggle("rotates ahead of schedule"),
    leaked: toggle("publishes a new secret, then removes every other secret and certificate of the app"),
    "dry-run": toggle("changes nothing and reports what would happen"),
    history: toggle("lists the published secrets with dates, from the vault's versions"),
    unlock: toggle("removes the stack lock of an interrupted run, then exits"),
    stack: option("NAME", "the stack (default: the stack selected in Pulumi)"),
    engine: option("NAME", "auto, pulumi, or inline (emulated tenant only) (default: auto)"),
    outputs: option("FILE", "writes the stack's outputs as JSON after the run; with --history, reads them"),
    json: toggle("prints the result as JSON"),
  },
  notes: [
    "Idempotent: secrets that are not due are unchanged. pulumi up also rotates what is due, and removes nothing.",
    "Signs in with ARM_* variables as Pulumi does, or with the Azure CLI and similar tools.",
    "Exit code: 0 done and verified, 1 not, 2 usage error.",
  ],
  run: async (flags, world) => (await import("./runRotate.js")).runRotate(flags, world),
};
