import { judgeBootstrapConfig } from "../../core/settings/bootstrapSettings";
import { stackConfig } from "../plan/settings";
import { runProgram } from "../runProgram";
import { bootstrap } from "./program";

export = () =>
  runProgram((directory) => bootstrap(judgeBootstrapConfig(stackConfig(), process.env), directory));
