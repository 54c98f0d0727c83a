import * as pulumi from "@pulumi/pulumi";
import type { JudgedSettings } from "../../core/settings/settings";
import { judgeStackConfig, type StackConfig } from "../../core/settings/stackConfig";

/** What the engine hands to the program. */
export function stackConfig(): StackConfig {
  return { project: pulumi.getProject(), values: pulumi.runtime.allConfig() };
}

/** Reads and judges the stack's settings; throws nothing, so that more faults can join. */
export function readSettings(): JudgedSettings {
  return judgeStackConfig(stackConfig(), process.env);
}
