import { UsageError, type Command } from "../shared/command";
import { init } from "./init";
import { usual } from "./questions";

/** Flags without which there is nothing to write where no one can be asked. */
const needed = ["stack", "location", "permission"];
const single = ["stack", "location", "app", "email"];
const several = ["permission", "reader", "owner"];

/** `npm run init`. */
export const initCommand: Command = {
  name: "init",
  summary:
    "Writes a stack's settings, Pulumi.<stack>.yaml. On a terminal it asks for values that no flag gives.",
  flags: {
    stack: {
      type: "string",
      value: "NAME",
      help: `the stack (default: the selected stack, or ${usual.stack})`,
    },
    location: {
      type: "string",
      value: "PLACE",
      help: `Azure region of the vault (default: ${usual.location})`,
    },
    app: {
      type: "string",
      value: "KEY",
      help: `key of the app, and its name in Entra (default: ${usual.app})`,
    },
    permission: {
      type: "string",
      multiple: true,
      value: "NAME",
      help: `a Microsoft Graph application permission; may be repeated (default: ${usual.permissions.join(", ")})`,
    },
    "accept-tier-zero": {
      type: "string",
      multiple: true,
      value: "NAME",
      help: "accepts a permission that can take over the tenant; may be repeated",
    },
    reader: {
      type: "string",
      multiple: true,
      value: "ID[:KIND]",
      help: "object ID of a reader of the secret, and User, Group or ServicePrincipal; may be repeated (default: you)",
    },
    owner: {
      type: "string",
      multiple: true,
      value: "ID",
      help: "object ID of an owner of the app; may be repeated (default: you)",
    },
    email: {
      type: "string",
      value: "ADDRESS",
      help: "address for an e-mail before a secret expires (default: none)",
    },
    yes: { type: "boolean", help: "asks nothing and uses the defaults shown here" },
    force: { type: "boolean", help: "replaces values that the file already has" },
  },
  notes: [
    "For no one, write none: --owner none. Other content of the file, comments included, is kept.",
    "If you are signed in (ARM_* variables, or the Azure CLI and similar tools), permission names are checked",
    "against the tenant, and you are the default reader and owner. It also works without a sign-in.",
    "Exit code: 0 written, 1 not written, 2 usage error.",
  ],
  run: async (flags, world) => {
    const given: Record<string, readonly string[] | undefined> = {};
    for (const flag of single) {
      const text = flags.text(flag);
      if (text !== undefined) given[flag] = [text];
    }
    for (const flag of several) {
      const texts = flags.texts(flag);
      if (texts.length > 0) given[flag] = texts;
    }
    const isTerminal = world.stdin.kind === "terminal";
    const missing = needed.filter((flag) => given[flag] === undefined);
    if (!isTerminal && !flags.on("yes") && missing.length > 0) {
      throw new UsageError(
        `There is no terminal, and ${missing.length === 1 ? "this is" : "these are"} missing: ` +
          `${missing.map((flag) => `--${flag}`).join(", ")}. Give what is missing, or --yes for the usual values.`,
      );
    }
    const written = await init(world, {
      given,
      acceptTierZero: flags.texts("accept-tier-zero"),
      asks: isTerminal && !flags.on("yes"),
      force: flags.on("force"),
    });
    return written ? 0 : 1;
  },
};
