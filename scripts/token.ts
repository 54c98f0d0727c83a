import { runCommand } from "./lib/command";
import { tokenCommand } from "./lib/commands/token";

void runCommand(tokenCommand);
