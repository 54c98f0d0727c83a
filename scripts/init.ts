import { runCommand } from "./lib/command";
import { initCommand } from "./lib/commands/init";

void runCommand(initCommand);
