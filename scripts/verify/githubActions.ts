import { appendFile } from "node:fs/promises";
import type { CheckResult, CheckStatus, VerifyReport } from "./report";

const commands: Readonly<Partial<Record<CheckStatus, string>>> = {
  fail: "error",
  warn: "warning",
  note: "notice",
};
const icons: Readonly<Record<CheckStatus, string>> = {
  pass: "✅",
  note: "ℹ️",
  warn: "⚠️",
  fail: "❌",
  skip: "⏭️",
};

/**
 * Workflow commands that put each finding on the run's page; with `--strict` what fails is an error.
 *
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands (read 2026-11)
 */
export function annotations(report: VerifyReport): string[] {
  return report.checks.flatMap((check) => {
    const command = commands[check.status];
    if (command === undefined) return [];
    const level = report.strict ? "error" : command;
    return [annotation(level, `${check.app ?? "stack"}: ${check.id}`, sentence(check))];
  });
}

/** One workflow command for the run's page. */
export function annotation(level: string, title: string, text: string): string {
  return `::${level} title=${escapeProperty(title)}::${escapeData(text)}`;
}

/** Appends the report to the run's summary page; nothing where GitHub gave no file for it. */
export async function writeStepSummary(report: VerifyReport, path: string | undefined): Promise<void> {
  if (path !== undefined && path !== "") await appendFile(path, stepSummary(report));
}

/** The report as GitHub's Markdown. */
export function stepSummary(report: VerifyReport): string {
  const rows = report.checks.map(
    (check) =>
      `| ${icons[check.status]} ${check.status} | ${cell(check.app ?? "stack")} | \`${check.id}\` | ${cell(sentence(check))} |`,
  );
  return [
    `## ${report.proved ? "✅ Proved" : "❌ Not proved"}${report.strict ? " (strict)" : ""}`,
    "",
    "| | app | check | |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
    "",
  ].join("\n");
}

function sentence({ status, summary, repair }: CheckResult): string {
  return status === "pass" || repair === undefined ? summary : `${summary}. ${repair}`;
}

function cell(text: string): string {
  return text.replace(/[\\|`<>]/g, "\\$&").replace(/\s+/g, " ");
}

function escapeData(text: string): string {
  return text.replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replace(/:/g, "%3A").replace(/,/g, "%2C");
}
