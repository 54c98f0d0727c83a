import { runCommand } from "../scripts/shared/command";
import { benchCommand } from "./lib/benchCommand";

void runCommand(benchCommand);
