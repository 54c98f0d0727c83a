import { oneLine, shellFlag } from "../../core/sinks";
import { OperatorError } from "../../core/errors";
import type { HeldResource } from "../shared/engines/stackEngine";
import { shortType } from "./resourceText";

/**
 * Refuses to destroy what is protected, before anything goes: an engine without its own preview deletes the
 * unprotected part first.
 *
 * @throws {OperatorError} `STACK_PROTECTED`, with the commands that lift the protection.
 */
export function refuseProtected(stack: string, resources: readonly HeldResource[]): void {
  const guarded = resources.filter(({ isProtected }) => isProtected);
  if (guarded.length === 0) return;
  throw new OperatorError(
    "STACK_PROTECTED",
    `Stack ${stack} is protected; nothing was changed. It guards ` +
      `${guarded.map(({ type, name }) => oneLine(`${shortType(type)} ${name}`)).join(", ")}.\n` +
      "To lift the protection, then destroy:\n" +
      `  pulumi config set copilot-token:protect false ${shellFlag("stack", stack)}\n` +
      `  pulumi up ${shellFlag("stack", stack)}\n` +
      `  npm run destroy -- ${shellFlag("stack", stack)}`,
  );
}
