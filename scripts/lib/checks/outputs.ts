import type { StackEvidence } from "../verify/evidence";
import type { Finding } from "../verify/report";
import { counted } from "./explain";

/** `outputs`: there and well-formed; what is not never gets this far. */
export function checkOutputs({ outputs, outputsFrom }: StackEvidence): Finding {
  const names = Object.keys(outputs.apps);
  const evidence = { from: outputsFrom, tenantId: outputs.tenantId, apps: names };
  if (names.length === 0) {
    return {
      status: "fail",
      summary: "the outputs name no app",
      evidence,
      repair: "Add one under copilot-token:apps, then pulumi up.",
    };
  }
  return { status: "pass", summary: `${counted(names.length, "app")}, from ${outputsFrom}`, evidence };
}
