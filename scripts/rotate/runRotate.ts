import { jsonText } from "../../core/sinks";
import { resolve } from "node:path";
import { messageOf, OperatorError } from "../../core/errors";
import { UsageError, type ExitCode, type Flags } from "../shared/command";
import { chooseEngine, readEngineChoice } from "../shared/engines/chooseEngine";
import type { StackEngine } from "../shared/engines/stackEngine";
import { fetchHistory, historyTable } from "./history";
import type { RotateReport } from "./report";
import { failureAnnotations, rotateText } from "./reportText";
import { rotate } from "./rotate";
import type { Wish } from "./rotationPlan";
import { loadOutputs } from "../shared/stackOutputs";
import { writeOutputFile } from "../shared/outputFile";
import { steps } from "../shared/steps";
import { annotations, writeStepSummary } from "../verify/githubActions";
import type { World } from "../shared/world";

/** Carries out `npm run rotate`. */
export async function runRotate(flags: Flags, world: World): Promise<ExitCode> {
  const wish = readWish(flags);
  if (flags.on("history")) return printHistory(flags, world);
  const engine = await chooseEngine(readEngineChoice(flags.text("engine")), world, {
    projectDir: world.directory,
    environment: world.env,
    stack: flags.text("stack"),
  });
  if (flags.on("unlock")) {
    world.print(await engine.unlock());
    return 0;
  }
  return rotateBy(engine, wish, flags, world);
}

/** The command once it knows which engine runs the program. */
export async function rotateBy(
  engine: StackEngine,
  wish: Wish,
  flags: Flags,
  world: World,
): Promise<ExitCode> {
  const quiet = flags.on("json");
  if (!quiet) world.print(`Stack ${engine.stack} (engine: ${engine.name}; ${engine.why})\n`);
  const report = world.words(
    await rotate(world, steps(world, quiet), {
      engine,
      wish,
      apps: flags.texts("app"),
      dryRun: flags.on("dry-run"),
    }),
  );
  world.print(quiet ? jsonText(report) : rotateText(report, world.now()));
  await writeOutputs(flags.text("outputs"), engine, report, world);
  await tellGitHub(report, world);
  return report.ok ? 0 : 1;
}

function readWish(flags: Flags): Wish {
  const only = ["history", "unlock"].filter((flag) => flags.on(flag));
  const others = ["now", "leaked", "dry-run"].filter((flag) => flags.on(flag));
  if (only.length > 0 && only.length + others.length > 1) {
    throw new UsageError(
      `--${[...only, ...others].join(" and --")} do not go together: --history and --unlock do nothing else.`,
    );
  }
  const leaked = flags.on("leaked");
  return flags.on("now") ? (leaked ? "leakedNow" : "now") : leaked ? "leaked" : "due";
}

async function printHistory(flags: Flags, world: World): Promise<ExitCode> {
  const file = flags.text("outputs");
  const stack = flags.text("stack");
  const { outputs } = await loadOutputs(world, {
    ...(file === undefined ? {} : { file }),
    ...(stack === undefined ? {} : { stack }),
  });
  const strange = flags.texts("app").filter((name) => !Object.hasOwn(outputs.apps, name));
  if (strange.length > 0) {
    throw new UsageError(
      `--app ${strange.join(", --app ")}: the stack has no such app. It has: ${Object.keys(outputs.apps).join(", ")}.`,
    );
  }
  const history = await fetchHistory(world, outputs, flags.texts("app"));
  world.print(flags.on("json") ? jsonText(history) : historyTable(history));
  return 0;
}

/** For the verifier, which has no access to the stack's state. */
async function writeOutputs(
  file: string | undefined,
  engine: StackEngine,
  { dryRun }: RotateReport,
  { directory }: World,
): Promise<void> {
  if (file === undefined || dryRun) return;
  const path = resolve(directory, file);
  try {
    await writeOutputFile(path, `${JSON.stringify(await engine.outputs(), undefined, 2)}\n`);
  } catch (cause) {
    throw new OperatorError(
      "OUTPUTS_UNWRITABLE",
      `--outputs ${file} cannot be written: ${messageOf(cause)}.`,
      {
        cause,
      },
    );
  }
}

async function tellGitHub(report: RotateReport, world: World): Promise<void> {
  if (world.env["GITHUB_ACTIONS"] !== "true") return;
  const verified = report.verifiedAfter ?? report.verifiedBefore;
  for (const annotation of [...failureAnnotations(report), ...annotations(verified)])
    world.annotate(annotation);
  await writeStepSummary(verified, world.env["GITHUB_STEP_SUMMARY"]);
}
