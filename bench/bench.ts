import { runCommand } from "../scripts/lib/command";
import { benchCommand } from "./lib/benchCommand";

void runCommand(benchCommand);
