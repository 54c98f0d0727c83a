import type { Annotation } from "../../core/sinks";
import type { RotateReport } from "./report";

/** Puts each failure of a rotation on the run's page. */
export function failureAnnotations({ failures }: RotateReport): Annotation[] {
  return failures.map(({ subject, message, repair }) => ({
    level: "error",
    title: `rotate: ${subject ?? "stack"}`,
    text: repair === undefined ? message : `${message} ${repair}`,
  }));
}
