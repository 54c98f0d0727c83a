import { runCommand } from "../shared/command";
import { verifyCommand } from "./command";

// The entry of the file that has only this command: see scripts/build.mjs.
void runCommand(verifyCommand, process.argv.slice(3));
