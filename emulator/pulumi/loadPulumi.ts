import { createRequire } from "node:module";
import { join } from "node:path";
import { withDeferredModules } from "./deferredModules";

type PulumiModule = typeof import("@pulumi/pulumi");

/** The Pulumi SDK that the program will get, so that engine and program share its state. */
export function loadPulumi(projectDir: string): PulumiModule {
  const require = createRequire(join(projectDir, "package.json"));
  const pulumi = withDeferredModules(() => require("@pulumi/pulumi") as PulumiModule);
  leaveOutTraces(require("@pulumi/pulumi/runtime/debuggable") as PromiseDebugging);
  return pulumi;
}

/** The SDK's own account of the promises that it makes. */
interface PromiseDebugging {
  readonly debugPromiseLeaks: boolean;
  debuggablePromise: (promise: Promise<unknown>, context?: unknown) => Promise<unknown>;
}

const untraced = new WeakSet<PromiseDebugging>();

/**
 * The SDK notes a stack trace for each promise, which takes an eighth of a run, and shows it only where
 * PULUMI_DEBUG_PROMISE_LEAKS asks for the promises that never end.
 *
 * @see https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/runtime/debuggable.ts (read 2026-11)
 */
function leaveOutTraces(debugging: PromiseDebugging): void {
  if (debugging.debugPromiseLeaks || untraced.has(debugging)) return;
  untraced.add(debugging);
  const own = debugging.debuggablePromise;
  debugging.debuggablePromise = (promise, context) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return own(promise, context);
    } finally {
      Error.stackTraceLimit = limit;
    }
  };
}
