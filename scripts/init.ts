import { runCommand } from "./shared/command";
import { initCommand } from "./init/command";

void runCommand(initCommand);
