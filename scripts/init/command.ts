import type { Command } from "../shared/command";
import { usual } from "./usual";

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
    delegated: {
      type: "string",
      multiple: true,
      value: "NAME",
      help: "instead: a delegated permission of an app that acts as its signed-in user, such as User.Read; may be repeated",
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
  run: async (flags, world) => (await import("./runInit.js")).runInit(flags, world),
};
