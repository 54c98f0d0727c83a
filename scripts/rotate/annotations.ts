import { fixLine } from "../../core/fix";
import type { Annotation } from "../../core/sinks";
import type { RotateReport } from "./report";

/** Puts each failure of a rotation on the run's page. */
export function failureAnnotations({ failures }: RotateReport): Annotation[] {
  return failures.map(({ subject, message, fixes = [] }) => ({
    level: "error",
    title: `rotate: ${subject ?? "stack"}`,
    text: [message, ...fixes.map(fixLine)].join(" "),
  }));
}
