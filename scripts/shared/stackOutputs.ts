import { resolve } from "node:path";
import { messageOf, OperatorError } from "../../core/errors";
import { commandFix, fixLine, onStack } from "../../core/fix";
import { shellWord } from "../../core/sinks";
import { chooseCloud, exportCommand } from "../../core/cloud/chosenCloud";
import type { Cloud } from "../../core/cloud/clouds";
import { cloudOf, readStackOutputs, type StackOutputs } from "../../core/outputs/stackOutputs";
import { parseJson, readJson } from "../../azure/json";
import { inputLimit, readNamedFile } from "./boundedInput";
import { UsageError } from "./command";
import { pulumiRefusal } from "./engines/pulumiFailure";
import type { World } from "./world";
import * as z from "zod/mini";

/** Where the inline engine leaves the outputs, from the project's folder. */
export const inlineOutputsFile = ".copilot-token/outputs.json";

export interface LoadedOutputs {
  readonly outputs: StackOutputs;
  /** For people: which source they came from. */
  readonly from: string;
  /** The stack that was asked for by name; undefined for the selected one, and for outputs from a file. */
  readonly stack?: string;
  /** URNs of what a run was creating when it was interrupted, as Pulumi keeps them; absent where it was not asked. */
  readonly pendingCreations?: readonly string[];
}

export interface OutputsRequest {
  /** Where the stack has to be. Default: the cloud that the environment chooses. */
  readonly cloud?: Cloud;
  /** `--outputs`: a path, or `-` for standard input. */
  readonly file?: string;
  /** `--stack`: which stack the Pulumi CLI is asked for. Default: the selected one. */
  readonly stack?: string;
  /** Whether the Pulumi CLI is asked for the operations of an interrupted run too, in a run of its own. Default false. */
  readonly pendingCreations?: boolean;
}

/** A pipe that stays silent this long is none: some CI systems leave standard input open. */
const silentPipeSeconds = 30;

/**
 * Finds the stack's outputs: `--outputs`, else what is piped in, else the Pulumi CLI, else the file that the
 * inline engine wrote.
 *
 * @throws {OperatorError} `OUTPUTS_MISSING` saying what was tried; `OUTPUTS_INVALID`; `CLOUD_DIFFERS`.
 * @throws {UsageError} `OUTPUTS_MISSING`, `OUTPUTS_INVALID` for what the caller gave and cannot be read;
 *   `STACK_MISSING` for a stack asked for by name.
 */
export async function loadOutputs(world: World, request: OutputsRequest): Promise<LoadedOutputs> {
  const loaded = await findOutputs(world, request);
  ofCloud(loaded.outputs, request.cloud ?? chooseCloud(world.env).cloud);
  return loaded;
}

/**
 * Outputs may come from anywhere, so they do not choose where tokens go.
 *
 * @throws {OperatorError} `CLOUD_DIFFERS` for a stack of another cloud than the process is in.
 */
export function ofCloud(outputs: StackOutputs, cloud: Cloud): StackOutputs {
  refuseOtherStackCloud(outputs, cloud);
  return outputs;
}

/** @throws {OperatorError} `CLOUD_DIFFERS`. */
export function refuseOtherStackCloud(outputs: Pick<StackOutputs, "cloud">, cloud: Cloud): void {
  const own = cloudOf(outputs);
  if (own === cloud) return;
  throw new OperatorError(
    "CLOUD_DIFFERS",
    `The stack is in ${own.title}, and the environment chooses ${cloud.title}; nothing was sent. ${exportCommand(own)}`,
  );
}

async function findOutputs(world: World, request: OutputsRequest): Promise<LoadedOutputs> {
  const { file, stack } = request;
  if (file !== undefined && file !== "-") {
    const text = await readText(resolve(world.directory, file));
    if (text === undefined) {
      throw new UsageError(
        `--outputs ${file}: the file does not exist. ` +
          fixLine(
            commandFix(
              "outputs.write",
              "Write it with",
              `${onStack("pulumi stack output --json", stack)} > ${shellWord(file)}`,
            ),
          ),
        { code: "OUTPUTS_MISSING" },
      );
    }
    return judgeGiven(text, file);
  }
  if (file === "-" || (stack === undefined && world.stdin.kind === "pipe")) {
    const text = await readPipe(world, file === "-");
    if (text.trim() !== "") return judgeGiven(text, "standard input");
    if (file === "-") {
      throw new UsageError(
        "--outputs -: standard input was empty. Pipe them in: pulumi stack output --json | …",
        { code: "OUTPUTS_MISSING" },
      );
    }
  }
  return await fromPulumi(world, request);
}

async function fromPulumi(
  world: World,
  { stack, pendingCreations = false }: OutputsRequest,
): Promise<LoadedOutputs> {
  const chosen = stack === undefined ? [] : ["--stack", stack];
  const [result, pending] = await Promise.all([
    world.runTool("pulumi", ["stack", "output", "--json", ...chosen], 120),
    pendingCreations ? readPendingCreations(world, stack) : undefined,
  ]);
  const source = `pulumi stack output${stack === undefined ? "" : ` --stack ${stack}`}`;
  if (result.exitCode === 0 && !/^\s*\{\s*\}\s*$/.test(result.stdout)) {
    return {
      ...judgeFound(result.stdout, source),
      ...(pending === undefined ? {} : { pendingCreations: pending }),
      ...(stack === undefined ? {} : { stack }),
    };
  }

  if (stack !== undefined && result.exitCode !== undefined) {
    const refusal = pulumiRefusal(result.stderr, stack, world.now());
    if (refusal !== undefined) throw refusal;
  }
  const text = stack === undefined ? await readText(resolve(world.directory, inlineOutputsFile)) : undefined;
  if (text !== undefined) return judgeFound(text, inlineOutputsFile);

  const reason =
    result.exitCode === undefined
      ? "the Pulumi CLI is not installed"
      : result.exitCode === 0
        ? "the stack has no outputs yet; run pulumi up"
        : (result.stderr.trim().split("\n")[0] ?? "it failed");
  throw new OperatorError(
    "OUTPUTS_MISSING",
    `No stack outputs were found: nothing was piped in, \`${source}\`: ${reason}` +
      `${stack === undefined ? `, and there is no ${inlineOutputsFile}` : ""}. ` +
      "Pass them with --outputs FILE, or deploy first (pulumi up, or npm run local).",
  );
}

async function readPipe(world: World, asked: boolean): Promise<string> {
  const text = world.stdin.read();
  if (asked) return text;
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<string>((done) => {
    timer = setTimeout(() => {
      world.tell(
        `Nothing came in on standard input within ${silentPipeSeconds} s; looking for the outputs elsewhere.`,
      );
      done("");
    }, silentPipeSeconds * 1000);
  });
  const first = await Promise.race([text, silence]);
  clearTimeout(timer);
  return first;
}

async function readText(path: string): Promise<string | undefined> {
  let text: string | undefined;
  try {
    text = await readNamedFile(path);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new UsageError(
      `The outputs from ${path} cannot be read (${messageOf(cause)}). Name a file that you may read, with the stack's outputs as JSON.`,
      { code: "OUTPUTS_MISSING" },
    );
  }
  if (text !== undefined) return text;
  throw new UsageError(
    `The outputs from ${path} are longer than ${inputLimit}, which no stack's outputs are. ` +
      "Write them with: pulumi stack output --json",
    { code: "OUTPUTS_INVALID" },
  );
}

/** What the caller handed over: not even JSON is a slip of theirs, and tells nothing of the stack. */
function judgeGiven(text: string, from: string): LoadedOutputs {
  const value = parseJson(text);
  if (value !== undefined) return judge(value, from);
  throw new UsageError(notJson(text, from), { code: "OUTPUTS_INVALID" });
}

function notJson(text: string, from: string): string {
  return `The outputs from ${from} are not JSON (${text.length} characters). Write them with: pulumi stack output --json`;
}

/** What was found, by Pulumi or in the file of the inline engine. */
function judgeFound(text: string, from: string): LoadedOutputs {
  const value = parseJson(text);
  if (value !== undefined) return judge(value, from);
  throw new OperatorError("OUTPUTS_INVALID", notJson(text, from));
}

function judge(value: unknown, from: string): LoadedOutputs {
  try {
    const outputs = readStackOutputs(value);
    if (Object.keys(outputs.apps).length > 0) return { outputs, from };
    throw new OperatorError(
      "OUTPUTS_INVALID",
      "the stack has no app. Add one under copilot-token:apps, then pulumi up.",
    );
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    throw new OperatorError(error.code, `${from}: ${error.message}`, { cause: error });
  }
}

const exportShape = z.object({
  deployment: z.object({
    pending_operations: z._default(
      z.array(z.object({ type: z.string(), resource: z.object({ urn: z.string() }) })),
      [],
    ),
  }),
});

/**
 * Asks the Pulumi CLI what a run was creating when it was interrupted.
 *
 * @param stack Default: the selected one.
 * @returns URNs. None where the state could not be exported: the outputs tell what is wrong.
 */
export async function readPendingCreations(
  world: Pick<World, "runTool">,
  stack: string | undefined,
): Promise<string[]> {
  const chosen = stack === undefined ? [] : ["--stack", stack];
  const { stdout } = await world.runTool("pulumi", ["stack", "export", ...chosen], 120);
  const operations = readJson(exportShape, stdout)?.deployment.pending_operations ?? [];
  return operations.flatMap(({ type, resource }) => (type === "creating" ? [resource.urn] : []));
}
