import { runCommand } from "./lib/command";
import { localCommand } from "./lib/commands/local";

void runCommand(localCommand);
