import { commandFix, personFix, upCommand, type StackName } from "../../core/fix";
import { cloudOf } from "../../core/outputs/stackOutputs";
import { OperatorError } from "../../core/errors";
import { UsageError } from "../shared/command";
import { loadOutputs, type LoadedOutputs, type OutputsRequest } from "../shared/stackOutputs";
import type { World } from "../shared/world";
import { readsAskedFor } from "./apiReads";
import { gather } from "./gatherStack";
import { judge, reportApp } from "./judge";
import { countStatuses, isFatal, type CheckResult, type VerifyReport } from "./report";

export interface VerifyOptions extends OutputsRequest {
  /** Outputs that are used instead of any source. */
  readonly loaded?: LoadedOutputs;
  /** Names of apps; default: all. */
  readonly apps?: readonly string[];
  /** Reads of other APIs to try, each as `API URL`. Default: those that are known to be harmless. */
  readonly apiReads?: readonly string[];
  /** Limit for all waiting, in seconds. Default 120, and 900 for a role on its way to the vault. */
  readonly waitSeconds?: number;
  /** Skips the sign-in of apps that trust no issuer of this environment, instead of failing. Default false. */
  readonly ifTrusted?: boolean;
  /** Lets a person sign in as a user of each app with delegated permissions. Default false. */
  readonly signIn?: boolean;
  /** Warnings and notes fail too. Default false. */
  readonly strict?: boolean;
}

const defaultWaitSeconds = 120;
const defaultSignInSeconds = 300;
/** What Azure names as the longest that a role assignment takes to reach a vault, and half as much again. */
const defaultRoleWaitSeconds = 900;

/**
 * The whole verification: outputs, vault, token, claims, Graph.
 *
 * @throws {UsageError} for an app or an API that the stack does not have, outputs that cannot be read, a stack that is not there.
 * @throws {OperatorError} when there is no sign-in to look with.
 */
export async function verify(world: World, options: VerifyOptions): Promise<VerifyReport> {
  const startedAt = world.now();
  const strict = options.strict ?? false;
  const finish = (checks: readonly CheckResult[], rest: Partial<VerifyReport>): VerifyReport => ({
    schemaVersion: 1,
    verified: !checks.some(({ status }) => isFatal(status, strict)),
    strict,
    startedAt: startedAt.toISOString(),
    durationSeconds: (world.now().getTime() - startedAt.getTime()) / 1000,
    outputsFrom: null,
    tenantId: null,
    vaultName: null,
    signedInAs: null,
    apps: [],
    ...rest,
    checks,
    counts: countStatuses(checks),
  });

  const loaded = await tryLoad(world, options);
  if (loaded instanceof OperatorError) return finish([outputsFailed(loaded, options.stack)], {});
  const { outputs, from } = loaded;
  const { stack, apps } = await gather(world, loaded, {
    apps: chooseApps(loaded, options.apps),
    ifTrusted: options.ifTrusted ?? false,
    apiReads: readsAskedFor(cloudOf(outputs), options.apiReads ?? [], outputs),
    signInSeconds: options.signIn === true ? (options.waitSeconds ?? defaultSignInSeconds) : undefined,
    waitSeconds: options.waitSeconds ?? defaultWaitSeconds,
    roleWaitSeconds: options.waitSeconds ?? defaultRoleWaitSeconds,
  });
  return finish(judge(stack, apps), {
    outputsFrom: from,
    tenantId: outputs.tenantId,
    vaultName: outputs.vaultName,
    signedInAs: stack.callerDescription,
    apps: apps.map((app) => reportApp(app, stack)),
  });
}

async function tryLoad(world: World, options: VerifyOptions): Promise<LoadedOutputs | OperatorError> {
  try {
    return options.loaded ?? (await loadOutputs(world, { ...options, pendingCreations: true }));
  } catch (error) {
    // A usage error says nothing about the stack, so it is not a check result.
    if (error instanceof OperatorError && !(error instanceof UsageError)) return error;
    throw error;
  }
}

function outputsFailed(error: OperatorError, stack: StackName): CheckResult {
  const [first = "", ...rest] = error.message.split("\n").map((line) => line.trim());
  const details = rest.filter((line) => !line.startsWith("Write them with"));
  return {
    id: "outputs",
    app: null,
    status: "fail",
    summary: [first, details.join("; ")].join(" ").trim(),
    evidence: { code: error.code, details },
    fixes: [
      error.code === "OUTPUTS_MISSING" && /has no outputs yet/.test(error.message)
        ? commandFix("outputs.deploy", "Deploy it", upCommand(stack))
        : personFix(
            "outputs.give",
            "Write them where the stack is (pulumi stack output --json > outputs.json), and name the file: --outputs outputs.json",
          ),
    ],
  };
}

function chooseApps({ outputs }: LoadedOutputs, asked: readonly string[] = []): string[] {
  const names = Object.keys(outputs.apps);
  const strange = asked.filter((name) => !names.includes(name));
  if (strange.length > 0) {
    throw new UsageError(
      `--app ${strange.join(", --app ")}: the stack has no such app. It has: ${names.join(", ") || "none"}.`,
    );
  }
  return asked.length > 0 ? [...asked] : names;
}
