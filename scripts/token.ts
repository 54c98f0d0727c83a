import { runCommand } from "./shared/command";
import { tokenCommand } from "./token/command";

void runCommand(tokenCommand);
