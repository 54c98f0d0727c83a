import { runCommand } from "./shared/command";
import { docsCommand } from "./docs/command";

void runCommand(docsCommand);
