import type { RotateReport } from "./report";

/**
 * Workflow commands that put each failure of a rotation on the run's page.
 *
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands (read 2026-11)
 */
export function failureAnnotations({ failures }: RotateReport): string[] {
  return failures.map(({ subject, message, repair }) => {
    const text = repair === undefined ? message : `${message} ${repair}`;
    return `::error title=${escapeProperty(`rotate: ${subject ?? "stack"}`)}::${escapeData(text)}`;
  });
}

function escapeData(text: string): string {
  return text.replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replace(/:/g, "%3A").replace(/,/g, "%2C");
}
