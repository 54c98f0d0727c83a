import { runCommand } from "./lib/command";
import { apiVersionsCommand } from "./lib/commands/apiVersions";

void runCommand(apiVersionsCommand);
