import { jsonText } from "../../core/sinks";
import { UsageError, type ExitCode, type Flags } from "../shared/command";
import { destroy } from "./destroy";
import { destroyText } from "./reportText";
import type { DestroyMode } from "./report";
import { plannedLines } from "./protection";
import { findSituation, type Situation } from "./situation";
import { chooseEngine, readEngineChoice } from "../shared/engines/chooseEngine";
import type { StackEngine } from "../shared/engines/stackEngine";
import { steps } from "../shared/steps";
import type { World } from "../shared/world";

/** Carries out `npm run destroy`. */
export async function runDestroy(flags: Flags, world: World): Promise<ExitCode> {
  const mode = readMode(flags);
  if (!flags.on("dry-run") && !flags.on("yes") && world.stdin.kind !== "terminal") {
    throw new UsageError(
      "There is no terminal, and --yes is not given: nothing was changed. Check with --dry-run first, then add --yes.",
    );
  }
  const engine = await chooseEngine(readEngineChoice(flags.text("engine")), world, {
    projectDir: world.directory,
    environment: world.env,
    stack: flags.text("stack"),
  });
  return destroyBy(engine, mode, flags, world);
}

/** The command once it knows which engine carries it out; asks where it may, and prints. */
export async function destroyBy(
  engine: StackEngine,
  mode: DestroyMode,
  flags: Flags,
  world: World,
): Promise<ExitCode> {
  const quiet = flags.on("json");
  const dryRun = flags.on("dry-run");
  if (!quiet) world.print(`Stack ${engine.stack} (engine: ${engine.name}; ${engine.why})\n`);
  const situation = await findSituation(world, engine, mode, flags.text("of"));
  if (!dryRun && !flags.on("yes") && !(await confirmed(world, situation))) {
    world.tell("That is not the stack's name; nothing was changed.");
    return 1;
  }
  const report = world.words(await destroy(world, steps(world, quiet), situation, dryRun));
  world.print(quiet ? jsonText(report) : destroyText(report));
  return report.ok ? 0 : 1;
}

function readMode(flags: Flags): DestroyMode {
  if (flags.on("purge") && flags.on("restore")) {
    throw new UsageError(
      "--purge and --restore do not go together: what is purged cannot be restored, and what is restored is not purged.",
    );
  }
  if (flags.text("of") !== undefined && !flags.on("purge") && !flags.on("restore")) {
    throw new UsageError(
      "--of chooses an earlier destruction to restore or to purge: add --restore or --purge.",
    );
  }
  return flags.on("purge") ? "purge" : flags.on("restore") ? "restore" : "destroy";
}

async function confirmed(world: World, situation: Situation): Promise<boolean> {
  const { engine, tenantId, resources, mode } = situation;
  world.tell(`Stack ${engine.stack} in tenant ${tenantId}:`);
  for (const line of plannedLines(resources)) world.tell(line);
  for (const line of recordedLines(situation)) world.tell(line);
  const verb = { destroy: "destroy", purge: "purge permanently", restore: "restore" }[mode];
  const answer = await world.ask(`Type the stack's name to ${verb} this: `);
  return answer.trim() === engine.stack;
}

/** What was taken away earlier and is purged or restored now. */
function recordedLines({ mode, resources, record }: Situation): string[] {
  if (mode === "destroy") return [];
  const verb = mode === "purge" ? "purges  " : "restores";
  if (resources.length > 0) return [`  ${verb} the app registrations among these, afterwards`];
  const objects = (record?.directoryObjects ?? []).map(
    ({ kind, app, objectId }) => `  ${verb} ${kind} ${app} (${objectId})`,
  );
  const vaults = mode === "restore" ? (record?.vaults ?? []) : [];
  return [...objects, ...vaults.map(({ vaultId }) => `  ${verb} vault ${vaultId}`)];
}
