import { runCommand } from "./shared/command";
import { apiVersionsCommand } from "./apiVersions/command";

void runCommand(apiVersionsCommand);
