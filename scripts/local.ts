import { runCommand } from "./shared/command";
import { localCommand } from "./local/command";

void runCommand(localCommand);
