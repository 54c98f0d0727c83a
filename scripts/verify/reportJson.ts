import { jsonText } from "../../core/sinks";
import type { VerifyReport } from "./report";

/** The report as `--json` prints it; its shape is report.schema.json, its version is `schemaVersion`. */
export function reportJson(report: VerifyReport): string {
  return jsonText(report);
}
