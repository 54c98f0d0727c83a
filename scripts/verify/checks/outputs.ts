import { clearPendingCommand, commandFix, upCommand } from "../../../core/fix";
import type { StackEvidence } from "../evidence";
import type { Finding } from "../report";
import { counted } from "./explain";

/**
 * `outputs`: there and well-formed; what is not never gets this far. `pulumi up` finishes what an
 * interrupted run left, and Pulumi goes on to warn of it until it is told to forget it.
 */
export function checkOutputs({ outputs, outputsFrom, pendingCreations, stackName }: StackEvidence): Finding {
  const names = Object.keys(outputs.apps);
  const evidence = { from: outputsFrom, tenantId: outputs.tenantId, apps: names };
  const summary = `${counted(names.length, "app")}, from ${outputsFrom}`;
  if (pendingCreations.length === 0) return { status: "pass", summary, evidence };
  return {
    status: "warn",
    summary: `${summary}; Pulumi warns of ${counted(pendingCreations.length, "operation")} of an interrupted run`,
    evidence: { ...evidence, pendingCreations },
    fixes: [
      commandFix(
        "outputs.clear-pending",
        "Finish that run, and let Pulumi forget it",
        upCommand(stackName),
        clearPendingCommand(stackName),
      ),
    ],
  };
}
