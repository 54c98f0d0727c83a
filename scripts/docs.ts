import { runCommand } from "./lib/command";
import { docsCommand } from "./lib/commands/docs";

void runCommand(docsCommand);
