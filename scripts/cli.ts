#!/usr/bin/env node
import { nearestNames } from "../core/permissions/nearestNames";
import { commandList, commands } from "./commands";
import { runCommand, UsageError, type Command } from "./shared/command";

// The one entry of every command: `npm run verify -- --json` is `node dist/cli.js verify --json`.
async function main([name = "--help", ...commandArguments]: readonly string[]): Promise<void> {
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load !== undefined) await runCommand(await load(), commandArguments);
  else await runCommand(name === "--help" || name === "-h" ? listing : unknownCommand(name), []);
}

const listing: Command = {
  name: "<command>",
  summary: "Lists the commands.",
  flags: {},
  run: async (_flags, world) => {
    world.print(await commandList());
    return 0;
  },
};

function unknownCommand(name: string): Command {
  return {
    ...listing,
    run: async () => {
      const near = nearestNames(name, Object.keys(commands));
      const hint = near.length === 0 ? "" : ` Did you mean ${near.join(" or ")}?`;
      throw new UsageError(`This command does not exist.${hint}\n\n${await commandList()}`);
    },
  };
}

void main(process.argv.slice(2));
