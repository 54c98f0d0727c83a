import { chooseProgramCloud } from "../../core/cloud/chosenCloud";
import { judgeBootstrapConfig } from "../../core/settings/bootstrapSettings";
import { stackConfig } from "../plan/settings";
import { runProgram } from "../runProgram";
import { bootstrap } from "./program";

export = () => {
  const config = stackConfig();
  const { cloud } = chooseProgramCloud(config.values, process.env);
  return runProgram(cloud, (directory) =>
    bootstrap(judgeBootstrapConfig(config, process.env), cloud, directory),
  );
};
