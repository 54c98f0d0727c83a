import { runCommand } from "./shared/command";
import { rotateCommand } from "./rotate/command";

void runCommand(rotateCommand);
