import { oneLine } from "../../core/sinks";
import { findingLines, paint } from "./findingLines";
import type { VerifyReport } from "./report";

/** A report for a terminal, verdict last, where the eye is. */
export function reportText(report: VerifyReport, withColours: boolean): string {
  const checksOf = (name: string | null): string[] =>
    findingLines(
      report.checks.filter(({ app }) => app === name),
      withColours,
    );
  const lines: string[] = [];
  if (report.tenantId !== null) {
    lines.push(
      oneLine(`Tenant ${report.tenantId}, vault ${report.vaultName ?? ""}`),
      oneLine(`Signed in as ${report.signedInAs ?? ""}`),
      "",
    );
  }
  lines.push(...checksOf(null));
  for (const { name, displayName, clientId } of report.apps) {
    const title = `${name}${displayName === name ? "" : ` (${displayName})`}, client ${clientId}`;
    lines.push("", oneLine(title), ...checksOf(name));
  }
  lines.push("", verdict(report, withColours));
  return lines.join("\n");
}

function verdict({ verified, counts, strict, durationSeconds }: VerifyReport, withColours: boolean): string {
  const parts = (["pass", "note", "warn", "fail", "skip"] as const)
    .filter((status) => counts[status] > 0)
    .map((status) => `${counts[status]} ${status}`);
  const words = paint(verified ? "pass" : "fail", verified ? "VERIFIED" : "NOT VERIFIED", withColours);
  return `${words}${strict ? " (strict)" : ""}: ${parts.join(", ")}; ${durationSeconds.toFixed(1)} s`;
}
