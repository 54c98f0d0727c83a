import { runCommand } from "../shared/command";
import { verifyCommand } from "./command";

// The command by itself, for a file of its own: see scripts/build.mjs.
void runCommand(verifyCommand, process.argv.slice(3));
