import { fixLine, type Fix } from "../../core/fix";

/** What a finding suggests, a line for each fix. */
export function fixLines(finding: { readonly fixes?: readonly Fix[] } | undefined): string {
  return (finding?.fixes ?? []).map(fixLine).join("\n");
}
