import { commandFix, listedFix, onStack, ownCommand, upCommand } from "../../core/fix";
import { setCommand } from "../../core/settings/settingsFaults";
import { OperatorError } from "../../core/errors";
import type { HeldResource } from "../shared/engines/stackEngine";
import { oneLine } from "../../core/sinks";

/**
 * Refuses to destroy what is protected, before anything goes: an engine without its own preview deletes the
 * unprotected part first.
 *
 * @throws {OperatorError} `STACK_PROTECTED`, with the commands that lift the protection.
 */
export function refuseProtected(stack: string, resources: readonly HeldResource[]): void {
  if (!resources.some(({ isProtected }) => isProtected)) return;
  throw new OperatorError(
    "STACK_PROTECTED",
    `Stack ${stack} is protected; nothing was changed. Without the protection, a destruction:\n` +
      `${plannedLines(resources).join("\n")}\n` +
      listedFix(
        commandFix(
          "destroy.unprotect",
          "To lift the protection, then destroy:",
          onStack(setCommand(["protect"], "false"), stack),
          upCommand(stack),
          ownCommand("destroy", stack),
        ),
      ).join("\n"),
  );
}

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
