import * as pulumi from "@pulumi/pulumi";
import { readClock } from "./clock";
import { OperatorError } from "./core/errors";
import { withDirectory } from "./directory";
import { deploy } from "./program";
import { readSettings } from "./settings";

async function program() {
  try {
    const run = {
      judged: readSettings(),
      now: readClock(process.env),
      rotate: process.env["COPILOT_TOKEN_ROTATE"],
      signsInBySecret: (process.env["ARM_CLIENT_SECRET"] ?? "") !== "",
    };
    return await withDirectory(process.env, (directory) => deploy({ ...run, directory }));
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    // A RunError ends the run with its message alone; anything else is a bug and keeps its stack.
    const failure = new pulumi.RunError(error.message);
    // Pulumi inspects errors with colours, which takes Node 20 and 22 15 s and 3 GB over a stack that runs through
    // node_modules/@pulumi.
    delete failure.stack;
    throw failure;
  }
}

export = program;
