import { option, toggle, type Command } from "../shared/command";

/** `npm run destroy`. */
export const destroyCommand: Command = {
  name: "destroy",
  summary: "Deletes a stack's resources and reports what Azure keeps. It can also restore or purge them.",
  flags: {
    stack: option("NAME", "the stack (default: the stack selected in Pulumi)"),
    engine: option("NAME", "auto, pulumi, or inline (emulated tenant only) (default: auto)"),
    yes: toggle("does not ask for confirmation; required without a terminal"),
    "dry-run": toggle("changes nothing and reports what would happen"),
    purge: toggle("permanently deletes the deleted app registrations; also after an earlier destroy"),
    restore: toggle("restores what Azure kept of a destroyed stack: vault, applications, service principals"),
    of: option(
      "TIME",
      "with --restore or --purge: an earlier destruction of the stack, by its start (default: the last)",
    ),
    json: toggle("prints the result as JSON"),
  },
  notes: [
    "If the stack is protected, nothing is deleted, and the command prints how to remove the protection.",
    "Resource IDs are recorded in .copilot-token/destroyed-<stack>.json, which --purge and --restore read.",
    "Permissions: those of the deployer. --purge and --restore need Application.ReadWrite.OwnedBy as an owner of the apps,",
    "Microsoft.KeyVault/deletedVaults/read on the subscription to list deleted vaults, and Contributor there to recover one.",
    "Exit code: 0 done, 1 not done, 2 usage error.",
  ],
  run: async (flags, world) => (await import("./runDestroy.js")).runDestroy(flags, world),
};
