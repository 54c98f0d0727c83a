import { option, repeatable, toggle, type Command } from "../shared/command";
import { usual } from "./usual";

/** `npm run init`. */
export const initCommand: Command = {
  name: "init",
  summary:
    "Writes a stack's settings, Pulumi.<stack>.yaml. On a terminal it asks for values that no flag gives.",
  flags: {
    stack: option("NAME", `the stack (default: the selected stack, or ${usual.stack})`),
    location: option("PLACE", `Azure region of the vault (default: ${usual.location})`),
    app: option("KEY", `key of the app, and its name in Entra (default: ${usual.app})`),
    permission: repeatable(
      "NAME",
      `a Microsoft Graph application permission; may be repeated (default: ${usual.permissions.join(", ")})`,
    ),
    delegated: repeatable(
      "NAME",
      "instead: a delegated permission of an app that acts as its signed-in user, such as User.Read; may be repeated",
    ),
    "accept-tier-zero": repeatable(
      "NAME",
      "accepts a permission that can take over the tenant; may be repeated",
    ),
    reader: repeatable(
      "ID[:KIND]",
      "object ID of a reader of the secret, and User, Group or ServicePrincipal; may be repeated (default: you)",
    ),
    owner: repeatable("ID", "object ID of an owner of the app; may be repeated (default: you)"),
    email: option("ADDRESS", "address for an e-mail before a secret expires (default: none)"),
    yes: toggle("asks nothing and uses the defaults shown here"),
    force: toggle("replaces values that the file already has"),
  },
  notes: [
    "For no one, write none: --owner none. Other content of the file, comments included, is kept.",
    "If you are signed in (ARM_* variables, or the Azure CLI and similar tools), permission names are checked",
    "against the tenant, and you are the default reader and owner. It also works without a sign-in.",
    "Exit code: 0 written, 1 not written, 2 usage error.",
  ],
  run: async (flags, world) => (await import("./init.js")).runInit(flags, world),
};
