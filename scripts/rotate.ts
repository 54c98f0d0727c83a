import { runCommand } from "./lib/command";
import { rotateCommand } from "./lib/commands/rotate";

void runCommand(rotateCommand);
