import { nearestNames } from "../core/permissions/nearestNames";
import { commandList, commands } from "./commands";
import { runCommand } from "./shared/command";

// The one entry of every command: `npm run verify -- --json` is `node dist/cli.js verify --json`.
async function main([name = "--help", ...commandArguments]: readonly string[]): Promise<void> {
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load !== undefined) {
    await runCommand(await load(), commandArguments);
    return;
  }
  if (name === "--help" || name === "-h") {
    process.stdout.write(`${await commandList()}\n`);
    return;
  }
  const near = nearestNames(name, Object.keys(commands));
  process.stderr.write(
    `This command does not exist.${near.length === 0 ? "" : ` Did you mean ${near.join(" or ")}?`}\n\n${await commandList()}\n`,
  );
  process.exitCode = 2;
}

void main(process.argv.slice(2));
