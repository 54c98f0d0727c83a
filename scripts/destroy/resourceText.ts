import { oneLine } from "../../core/sinks";
import type { HeldResource } from "../shared/engines/stackEngine";

/** A type as people call it: `Vault` of `azure-native:keyvault:Vault`. */
export function shortType(type: string): string {
  return type.split(":").at(-1)?.replace(/^.*\//, "") ?? type;
}

/** What a destruction takes away and what it leaves, one a line, newest first. */
export function plannedLines(resources: readonly HeldResource[]): string[] {
  return [...resources]
    .reverse()
    .map(({ type, name, isRetained, isProtected }) =>
      oneLine(
        `  ${isRetained ? "leaves " : "deletes"} ${shortType(type)} ${name}${isProtected ? " (protected)" : ""}`,
      ),
    );
}
