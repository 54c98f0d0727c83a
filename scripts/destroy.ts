import { runCommand } from "./lib/command";
import { destroyCommand } from "./lib/commands/destroy";

void runCommand(destroyCommand);
