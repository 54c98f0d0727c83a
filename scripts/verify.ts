import { runCommand } from "./shared/command";
import { verifyCommand } from "./verify/command";

void runCommand(verifyCommand);
