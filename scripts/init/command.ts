import { MisuseError, type Command } from "../shared/command";
import { init } from "./init";
import { usual } from "./questions";

/** Flags without which there is nothing to write where nobody can be asked. */
const needed = ["stack", "location", "permission"];
const single = ["stack", "location", "app", "email"];
const several = ["permission", "reader", "owner"];

/** `npm run init`. */
export const initCommand: Command = {
  name: "init",
  summary: "Writes a stack's settings, Pulumi.<stack>.yaml: asks on a terminal, and by flags asks nothing.",
  flags: {
    stack: { type: "string", value: "NAME", help: `the stack (the selected one, else ${usual.stack})` },
    location: { type: "string", value: "PLACE", help: `Azure location of the vault (${usual.location})` },
    app: { type: "string", value: "KEY", help: `key of the app, and its name in Entra (${usual.app})` },
    permission: {
      type: "string",
      multiple: true,
      value: "NAME",
      help: `a Microsoft Graph application permission; may be repeated (${usual.permissions.join(", ")})`,
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
      help: "object ID of who may read the secret, and User, Group or ServicePrincipal; may be repeated (you)",
    },
    owner: {
      type: "string",
      multiple: true,
      value: "ID",
      help: "object ID of an owner of the app; may be repeated (you)",
    },
    email: { type: "string", value: "ADDRESS", help: "who hears of a secret that nears its end (nobody)" },
    yes: { type: "boolean", help: "asks nothing: what is not given is as in brackets here" },
    force: { type: "boolean", help: "replaces values that the file has already" },
  },
  notes: [
    '"none" stands for nobody: --owner none. What the file says besides, comments too, stays.',
    "Signed in (ARM_* variables as Pulumi has them, else the Azure CLI and its like), names of permissions are",
    "checked against the tenant, and you become reader and owner; without a sign-in it works all the same.",
    "Exit code: 0 written, 1 not, 2 misused.",
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
      throw new MisuseError(
        `There is no terminal to ask on, and ${missing.length === 1 ? "this is" : "these are"} missing: ` +
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
