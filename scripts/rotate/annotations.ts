import { annotation } from "../verify/githubActions";
import type { RotateReport } from "./report";

/** Workflow commands that put each failure of a rotation on the run's page. */
export function failureAnnotations({ failures }: RotateReport): string[] {
  return failures.map(({ subject, message, repair }) =>
    annotation(
      "error",
      `rotate: ${subject ?? "stack"}`,
      repair === undefined ? message : `${message} ${repair}`,
    ),
  );
}
