import * as pulumi from "@pulumi/pulumi";
import type { Fault } from "../../core/errors";
import { judgeSettings, type JudgedSettings } from "../../core/settings/settings";
import { settingsNamespace } from "../../core/settings/settingsFaults";

/**
 * Settings as the stack file gives them, each decoded from JSON where it is JSON.
 *
 * @param namespace The project's name, without the colon.
 */
export function givenSettings(namespace: string): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const [key, text] of Object.entries(pulumi.runtime.allConfig())) {
    if (!key.startsWith(`${namespace}:`)) continue;
    given[key.slice(namespace.length + 1)] = decode(text);
  }
  return given;
}

function decode(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Reads and judges the stack's settings; throws nothing, so that more faults can join. */
export function readSettings(): JudgedSettings {
  const judged = judgeSettings(givenSettings(settingsNamespace));
  const location = new pulumi.Config("azure-native").get("location");
  if (location !== undefined && location.trim() !== "") return judged;
  const missing: Fault = {
    code: "LOCATION_MISSING",
    key: "azure-native:location",
    value: "(absent)",
    reason: "Azure needs to know where the vault shall be.",
    repair: "pulumi config set azure-native:location westeurope",
  };
  const asked = judged.settings ?? judged.asked;
  return { faults: [...judged.faults, missing], asked };
}
