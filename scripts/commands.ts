import type { Command } from "./shared/command";

/** Each command by its name, loaded only when it is run: `npm run verify` loads nothing of `local`. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  local: async () => (await import("./local/command.js")).localCommand,
  tenant: async () => (await import("./tenant/command.js")).tenantCommand,
  init: async () => (await import("./init/command.js")).initCommand,
  doctor: async () => (await import("./doctor/command.js")).doctorCommand,
  verify: async () => (await import("./verify/command.js")).verifyCommand,
  rotate: async () => (await import("./rotate/command.js")).rotateCommand,
  destroy: async () => (await import("./destroy/command.js")).destroyCommand,
  token: async () => (await import("./token/command.js")).tokenCommand,
  copilot: async () => (await import("./copilot/command.js")).copilotCommand,
};

/** The list that `copilot-token --help` prints: each command with its one-sentence summary. */
export async function commandList(): Promise<string> {
  const loaded = await Promise.all(Object.values(commands).map((load) => load()));
  const width = Math.max(...loaded.map(({ name }) => name.length));
  return [
    "Usage: npm run <command> -- [flags]",
    "",
    ...loaded.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    "npm run <command> -- --help explains a command and its flags.",
  ].join("\n");
}
