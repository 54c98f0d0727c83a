import type { StackEvidence } from "../evidence";
import type { Finding } from "../report";
import { counted } from "./explain";

/** `outputs`: there and well-formed; what is not never gets this far. */
export function checkOutputs({ outputs, outputsFrom }: StackEvidence): Finding {
  const names = Object.keys(outputs.apps);
  const evidence = { from: outputsFrom, tenantId: outputs.tenantId, apps: names };
  return { status: "pass", summary: `${counted(names.length, "app")}, from ${outputsFrom}`, evidence };
}
