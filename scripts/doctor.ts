import { runCommand } from "./lib/command";
import { doctorCommand } from "./lib/commands/doctor";

void runCommand(doctorCommand);
