import type { Command } from "./shared/command";
import { copilotCommand } from "./copilot/command";
import { destroyCommand } from "./destroy/command";
import { doctorCommand } from "./doctor/command";
import { initCommand } from "./init/command";
import { localCommand } from "./local/command";
import { rotateCommand } from "./rotate/command";
import { tenantCommand } from "./tenant/command";
import { tokenCommand } from "./token/command";
import { verifyCommand } from "./verify/command";

/** Each command by its name. What it needs to run is loaded when it runs: `npm run verify` loads nothing of `local`. */
export const commands: Readonly<Record<string, Command>> = {
  local: localCommand,
  tenant: tenantCommand,
  init: initCommand,
  doctor: doctorCommand,
  verify: verifyCommand,
  rotate: rotateCommand,
  destroy: destroyCommand,
  token: tokenCommand,
  copilot: copilotCommand,
};

/** The list that `copilot-token --help` prints: each command with its one-sentence summary. */
export function commandList(): string {
  const listed = Object.values(commands);
  const width = Math.max(...listed.map(({ name }) => name.length));
  return [
    "Usage: npm run <command> -- [flags]",
    "",
    ...listed.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    "npm run <command> -- --help explains a command and its flags.",
  ].join("\n");
}
