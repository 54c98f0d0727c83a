import { fixLine } from "../../core/fix";
import { oneLine, xmlText } from "../../core/sinks";
import { isFatal, type CheckResult, type VerifyReport } from "./report";

/**
 * The report as JUnit XML: a suite an app, a case a check.
 *
 * @see https://github.com/testmoapp/junitxml (read 2026-11)
 */
export function reportJunit(report: VerifyReport): string {
  const suites = [null, ...report.apps.map(({ name }) => name)].map((app) => {
    const checks = report.checks.filter((check) => check.app === app);
    return suite(app ?? "stack", checks, report);
  });
  const { failures, skipped } = tally(report.checks, report.strict);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="copilot-token verify" tests="${report.checks.length}" failures="${failures}" skipped="${skipped}" time="${report.durationSeconds.toFixed(3)}">`,
    ...suites,
    "</testsuites>",
    "",
  ].join("\n");
}

function suite(name: string, checks: readonly CheckResult[], { strict, startedAt }: VerifyReport): string {
  const { failures, skipped } = tally(checks, strict);
  return [
    `  <testsuite name="${shown(name)}" tests="${checks.length}" failures="${failures}" skipped="${skipped}" timestamp="${startedAt}">`,
    ...checks.map((check) => testCase(name, check, strict)),
    "  </testsuite>",
  ].join("\n");
}

function testCase(suiteName: string, check: CheckResult, strict: boolean): string {
  const open = `    <testcase classname="${shown(suiteName)}" name="${check.id}"`;
  const summary = shown(check.summary);
  const details = [
    ...Object.entries(check.evidence).map(([fact, value]) => `${fact}: ${JSON.stringify(value)}`),
    ...(check.fixes ?? []).map((fix) => `fix: ${fixLine(fix)}`),
  ]
    .map(shown)
    .join("\n");
  if (isFatal(check.status, strict)) {
    return `${open}><failure type="${check.status}" message="${summary}">${details}</failure></testcase>`;
  }
  if (check.status === "skip") return `${open}><skipped message="${summary}"/></testcase>`;
  return `${open}><system-out>${check.status}: ${summary}\n${details}</system-out></testcase>`;
}

function tally(checks: readonly CheckResult[], strict: boolean): { failures: number; skipped: number } {
  return {
    failures: checks.filter(({ status }) => isFatal(status, strict)).length,
    skipped: checks.filter(({ status }) => status === "skip").length,
  };
}

/** One line of text for a reader, within an element or an attribute. */
function shown(text: string): string {
  return xmlText(oneLine(text));
}
