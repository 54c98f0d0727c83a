import { runCommand } from "./lib/command";
import { verifyCommand } from "./lib/commands/verify";

void runCommand(verifyCommand);
