import { bootstrapNamespace, judgeBootstrapSettings } from "../../core/settings/bootstrapSettings";
import { runProgram } from "../runProgram";
import { givenSettings } from "../plan/settings";
import { bootstrap } from "./program";

export = () => runProgram(() => bootstrap(judgeBootstrapSettings(givenSettings(bootstrapNamespace))));
