import { runCommand } from "./lib/command";
import { tenantCommand } from "./lib/commands/tenant";

void runCommand(tenantCommand);
