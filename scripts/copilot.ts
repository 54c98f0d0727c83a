import { runCommand } from "./shared/command";
import { copilotCommand } from "./copilot/command";

void runCommand(copilotCommand);
