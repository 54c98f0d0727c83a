import type { ActionDefinition, ActionEnd } from "./flowActions";
import { isRecord, type Value } from "./value";

/** What the run history shows where the platform hides something. */
export const hidden = "(hidden)";

/** One action in the run history. */
export interface HistoryEntry {
  readonly action: string;
  readonly status: ActionEnd["status"];
  readonly inputs: Value;
  readonly outputs: Value;
}

/** What a workflow was started by. */
export interface Trigger {
  readonly name: string;
  readonly outputs: Value;
  readonly runtimeConfiguration: Value;
}

/** Actions of the platform that have no switch for their outputs: what hides their inputs hides both. */
const hidesBoth = ["ParseJson", "Compose", "Select", "Response"];

/**
 * What everyone sees who may open the run: secured data is hidden, and so is what takes it straight from a secured
 * action; but not what takes it from a Parse JSON in between.
 *
 * @see https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#obfuscate (read 2026-11)
 */
export function runHistory(
  actions: ReadonlyMap<string, ActionDefinition>,
  ends: ReadonlyMap<string, ActionEnd>,
  trigger?: Trigger,
): HistoryEntry[] {
  const triggerIsSecured = securedParts(trigger).includes("outputs");
  const entries = [...ends].map(([action, { status, inputs, outputs }]) => {
    const definition = actions.get(action);
    const secured = securedParts(definition);
    const takesSecured =
      (triggerIsSecured && JSON.stringify(definition?.inputs ?? null).includes("triggerOutputs()")) ||
      sourcesOf(definition).some((source) => securedParts(actions.get(source)).includes("outputs"));
    const hideInputs = secured.includes("inputs") || takesSecured;
    const hideOutputs =
      secured.includes("outputs") || (hideInputs && hidesBoth.includes(definition?.type ?? ""));
    return {
      action,
      status,
      inputs: hideInputs && inputs !== null ? hidden : inputs,
      outputs: hideOutputs && outputs !== null ? hidden : outputs,
    };
  });
  if (trigger === undefined) return entries;
  const shown = triggerIsSecured ? hidden : trigger.outputs;
  return [{ action: trigger.name, status: "Succeeded", inputs: null, outputs: shown }, ...entries];
}

function securedParts(definition: Pick<ActionDefinition, "runtimeConfiguration"> | undefined): string[] {
  const configuration = definition?.runtimeConfiguration ?? null;
  const secureData = isRecord(configuration) ? configuration["secureData"] : undefined;
  const properties = isRecord(secureData) ? secureData["properties"] : undefined;
  return Array.isArray(properties) ? properties.map(String) : [];
}

/** The actions whose outputs or body the inputs read. */
function sourcesOf(definition: ActionDefinition | undefined): string[] {
  const text = JSON.stringify(definition?.inputs ?? null);
  return [...text.matchAll(/\b(?:body|outputs)\('([^']+)'\)/g)].map(([, source = ""]) => source);
}
