import { fixLine } from "../../core/fix";
import { appendFile } from "node:fs/promises";
import { messageOf, OperatorError } from "../../core/errors";
import { markdown, markdownCode, type Annotation } from "../../core/sinks";
import type { CheckResult, CheckStatus, VerifyReport } from "./report";

const levels: Readonly<Partial<Record<CheckStatus, Annotation["level"]>>> = {
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

/** Puts each finding on the run's page; with `--strict` what fails is an error. */
export function annotations(report: VerifyReport): Annotation[] {
  return report.checks.flatMap((check) => {
    const level = levels[check.status];
    if (level === undefined) return [];
    const title = `${check.app ?? "stack"}: ${check.id}`;
    return [{ level: report.strict ? "error" : level, title, text: sentence(check) }];
  });
}

/** Appends the report to the run's summary page; nothing where GitHub gave no file for it. */
export async function writeStepSummary(report: VerifyReport, path: string | undefined): Promise<void> {
  if (path === undefined || path === "") return;
  try {
    await appendFile(path, stepSummary(report));
  } catch (cause) {
    throw new OperatorError(
      "OUTPUT_UNWRITABLE",
      `The step summary (GITHUB_STEP_SUMMARY) cannot be written: ${messageOf(cause)}. Free space there, then run again.`,
      { cause },
    );
  }
}

/** The report as GitHub's Markdown. */
export function stepSummary(report: VerifyReport): string {
  const rows = report.checks.map(
    (check) =>
      `| ${icons[check.status]} ${check.status} | ${markdown(check.app ?? "stack")} | ${markdownCode(check.id)} | ${markdown(sentence(check))} |`,
  );
  return [
    `## ${report.verified ? "✅ Verified" : "❌ Not verified"}${report.strict ? " (strict)" : ""}`,
    "",
    "| | app | check | |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
    "",
  ].join("\n");
}

function sentence({ status, summary, fixes = [] }: CheckResult): string {
  return status === "pass" ? summary : [summary, ...fixes.map(fixLine)].join(". ");
}
