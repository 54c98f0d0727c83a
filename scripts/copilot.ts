import { runCommand } from "./lib/command";
import { copilotCommand } from "./lib/commands/copilot";

void runCommand(copilotCommand);
