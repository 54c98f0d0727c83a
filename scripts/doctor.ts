import { runCommand } from "./shared/command";
import { doctorCommand } from "./doctor/command";

void runCommand(doctorCommand);
