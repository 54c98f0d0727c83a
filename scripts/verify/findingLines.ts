import { fixLine } from "../../core/fix";
import { oneLine } from "../../core/sinks";
import type { CheckStatus, Finding } from "./report";

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

/** Colours a text as its status is coloured; leaves it plain where colours are off. */
export function paint(status: CheckStatus, text: string, withColours: boolean): string {
  return withColours ? `${colours[status]}${text}${plain}` : text;
}

/** A line for each finding, and one below it for what to do. */
export function findingLines(
  findings: readonly (Finding & { readonly id: string })[],
  withColours: boolean,
): string[] {
  const width = Math.max(0, ...findings.map(({ id }) => id.length));
  return findings.flatMap(({ id, status, summary, fixes = [] }) => [
    `  ${paint(status, marks[status], withColours)} ${id.padEnd(width)}  ${oneLine(summary)}`,
    ...(status === "pass" ? [] : fixes.map((fix) => `      -> ${oneLine(fixLine(fix))}`)),
  ]);
}
