import { chooseProgramCloud } from "../core/cloud/chosenCloud";
import { readClock } from "./clock";
import { deploy } from "./program";
import { runProgram } from "./runProgram";
import { readSettings, stackConfig } from "./plan/settings";

/**
 * Variables that the provider of Entra takes before a federated token, for every client ID.
 *
 * @see https://github.com/hashicorp/go-azure-sdk/blob/main/sdk/auth/auth.go (read 2026-11)
 */
const takenBeforeFederation = [
  "ARM_CLIENT_CERTIFICATE",
  "ARM_CLIENT_CERTIFICATE_PATH",
  "ARM_CLIENT_SECRET",
  "ARM_CLIENT_SECRET_FILE_PATH",
];

async function program() {
  const { cloud } = chooseProgramCloud(stackConfig().values, process.env);
  return runProgram(cloud, (directory) =>
    deploy({
      judged: readSettings(),
      cloud,
      now: readClock(process.env),
      rotate: process.env["COPILOT_TOKEN_ROTATE"],
      ownSignIn: takenBeforeFederation.filter((name) => (process.env[name] ?? "") !== ""),
      directory,
    }),
  );
}

export = program;
