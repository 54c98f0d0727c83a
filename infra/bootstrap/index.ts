import { bootstrapNamespace, judgeBootstrapSettings } from "../core/bootstrapSettings";
import { runProgram } from "../runProgram";
import { givenSettings } from "../settings";
import { bootstrap } from "./program";

export = () => runProgram(() => bootstrap(judgeBootstrapSettings(givenSettings(bootstrapNamespace))));
