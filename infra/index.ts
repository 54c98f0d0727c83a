import { readClock } from "./clock";
import { withDirectory } from "./directory";
import { deploy } from "./program";
import { runProgram } from "./runProgram";
import { readSettings } from "./settings";

function program() {
  return runProgram(() => {
    const run = {
      judged: readSettings(),
      now: readClock(process.env),
      rotate: process.env["COPILOT_TOKEN_ROTATE"],
      signsInBySecret: (process.env["ARM_CLIENT_SECRET"] ?? "") !== "",
    };
    return withDirectory(process.env, (directory) => deploy({ ...run, directory }));
  });
}

export = program;
