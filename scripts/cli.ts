import { nearestNames } from "../core/permissions/nearestNames";
import { commandList, commands } from "./commands";
import { runCommand, UsageError, type Command } from "./shared/command";

// The one entry of every command: `npm run verify -- --json` is `node dist/cli.js verify --json`.
async function main([name = "--help", ...commandArguments]: readonly string[]): Promise<void> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) await runCommand(command, commandArguments);
  else await runCommand(name === "--help" || name === "-h" ? listing : unknownCommand(name), []);
}

const listing: Command = {
  name: "<command>",
  summary: "Lists the commands.",
  flags: {},
  run: (_flags, world) => {
    world.print(commandList());
    return Promise.resolve(0);
  },
};

function unknownCommand(name: string): Command {
  return {
    ...listing,
    run: () => {
      const near = nearestNames(name, Object.keys(commands));
      const hint = near.length === 0 ? "" : ` Did you mean ${near.join(" or ")}?`;
      throw new UsageError(`This command does not exist.${hint}\n\n${commandList()}`);
    },
  };
}

void main(process.argv.slice(2));
