import { runCommand } from "./shared/command";
import { destroyCommand } from "./destroy/command";

void runCommand(destroyCommand);
