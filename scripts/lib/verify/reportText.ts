import { printable } from "../printable";
import type { CheckResult, CheckStatus, VerifyReport } from "./report";

const marks: Readonly<Record<CheckStatus, string>> = {
  pass: "✓",
  note: "i",
  warn: "!",
  fail: "✗",
  skip: "-",
};
const colours: Readonly<Record<CheckStatus, string>> = {
  pass: "\u001b[32m",
  note: "\u001b[36m",
  warn: "\u001b[33m",
  fail: "\u001b[31m",
  skip: "\u001b[2m",
};
const plain = "\u001b[0m";

/** A report for a terminal, verdict last, where the eye is. */
export function reportText(report: VerifyReport, withColours: boolean): string {
  const paint = (status: CheckStatus, text: string): string =>
    withColours ? `${colours[status]}${text}${plain}` : text;
  const lines: string[] = [];
  if (report.tenantId !== null) {
    lines.push(
      `Tenant ${report.tenantId}, vault ${report.vaultName ?? ""}`,
      `Signed in as ${report.signedInAs ?? ""}`,
      "",
    );
  }
  lines.push(
    ...section(
      undefined,
      report.checks.filter(({ app }) => app === null),
      paint,
    ),
  );
  for (const { name, displayName, clientId } of report.apps) {
    const title = `${name}${displayName === name ? "" : ` (${displayName})`}, client ${clientId}`;
    lines.push(
      "",
      ...section(
        title,
        report.checks.filter(({ app }) => app === name),
        paint,
      ),
    );
  }
  lines.push("", verdict(report, paint));
  return lines.join("\n");
}

type Paint = (status: CheckStatus, text: string) => string;

function section(title: string | undefined, checks: readonly CheckResult[], paint: Paint): string[] {
  const width = Math.max(0, ...checks.map(({ id }) => id.length));
  return [
    ...(title === undefined ? [] : [title]),
    ...checks.flatMap((check) => {
      const line = `${paint(check.status, marks[check.status])} ${check.id.padEnd(width)}  ${printable(check.summary)}`;
      const repair =
        check.status === "pass" || check.repair === undefined ? [] : [`    -> ${printable(check.repair)}`];
      return [line, ...repair].map((text) => `  ${text}`);
    }),
  ];
}

function verdict({ proved, counts, strict, durationSeconds }: VerifyReport, paint: Paint): string {
  const parts = (["pass", "note", "warn", "fail", "skip"] as const)
    .filter((status) => counts[status] > 0)
    .map((status) => `${counts[status]} ${status}`);
  const words = proved ? "PROVED" : "NOT PROVED";
  return `${paint(proved ? "pass" : "fail", words)}${strict ? " (strict)" : ""}: ${parts.join(", ")}; ${durationSeconds.toFixed(1)} s`;
}
