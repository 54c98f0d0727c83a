import { runCommand } from "./shared/command";
import { tenantCommand } from "./tenant/command";

void runCommand(tenantCommand);
