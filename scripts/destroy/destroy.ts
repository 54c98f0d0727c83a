import { shellFlag } from "../../core/sinks";
import { adoptVaultCommand } from "../../core/vault/vaultAdoption";
import { setCommand } from "../../core/settings/settingsFaults";
import { signInHint } from "../shared/engines/pulumiFailure";
import type { EngineRun } from "../shared/engines/stackEngine";
import type { Steps } from "../shared/steps";
import type { World } from "../shared/world";
import { azureView } from "./azureView";
import { continued, recordedResources, writeRecord, type DestroyRecord } from "./destroyRecord";
import { fetchLeftovers, type Done, type Leftover } from "./leftovers";
import { purgeApps, restoreAll } from "./restore";
import type { DestroyReport, Outcome } from "./report";
import type { Situation } from "./situation";
import { withPlace } from "./vaultPlaces";

const nothingRun: EngineRun = { ok: true, outputs: undefined, steps: [], failures: [] };

/**
 * Destroys, purges or restores, as the situation's mode says. What is done already is not done again, so that a run that
 * was killed is continued by the same command.
 */
export async function destroy(
  world: World,
  steps: Steps,
  situation: Situation,
  dryRun: boolean,
): Promise<DestroyReport> {
  const { engine, mode, tenantId, resources, file } = situation;
  const planned = await plannedRecord(world, situation);
  const run = dryRun ? await preview(steps, situation) : await deleteStack(world, steps, situation, planned);
  const hasDeleted = !dryRun && resources.length > 0 && run.ok;
  let leftovers = await look(world, steps, planned, hasDeleted ? "deleted" : undefined);
  let outcomes: Outcome[] = [];
  if (!dryRun && run.ok && mode !== "destroy") {
    outcomes = await change(world, steps, mode, planned, leftovers);
    const isDone = outcomes.every(({ refusal }) => refusal === null);
    leftovers = await look(
      world,
      steps,
      planned,
      !isDone ? undefined : mode === "purge" ? "purged" : "restored",
    );
  }
  const failed = outcomes.filter(({ refusal }) => refusal !== null);
  return {
    schemaVersion: 1,
    ok:
      run.ok && failed.length === 0 && !leftovers.some((one) => isUndone(one, { mode, dryRun, hasDeleted })),
    mode,
    dryRun,
    stack: engine.stack,
    engine: { name: engine.name, why: engine.why },
    tenantId,
    steps: run.steps,
    failures: run.failures,
    outcomes,
    leftovers,
    managedIdentities: planned.managedIdentities,
    earlierDestructions: planned.earlier.map(({ startedAt }) => startedAt),
    wayIn: mode === "restore" ? wayIn(engine.stack, leftovers) : [],
    recordFile: file,
  };
}

/** Whether something is not, by what Azure shows, as this run was to leave it. */
function isUndone(
  { kind, purpose, state, isForbidden }: Leftover,
  { mode, dryRun, hasDeleted }: { mode: Situation["mode"]; dryRun: boolean; hasDeleted: boolean },
): boolean {
  // Nothing at all is known then: what Azure keeps from this caller is another matter.
  if (state === "unseen" && isForbidden !== true) return true;
  if (mode === "destroy") return hasDeleted && state === "live";
  if (kind === "workspace") return false;
  if (mode === "purge") return kind !== "vault" && (state === "unseen" || (!dryRun && state === "deleted"));
  return purpose !== "logicApp" && !(state === "live" || (dryRun && state === "deleted"));
}

/** What this destruction takes away, with that of an earlier one that did not come to its end. */
async function plannedRecord(world: World, situation: Situation): Promise<DestroyRecord> {
  const { engine, tenantId, resources, record } = situation;
  if (resources.length === 0 && record !== undefined) return record;
  const held = recordedResources(resources);
  const view = azureView(world);
  const vaults = await Promise.all(held.vaults.map((vault) => withPlace(view, vault)));
  return continued(record, {
    version: 1,
    stack: engine.stack,
    tenantId,
    startedAt: world.now().toISOString(),
    ...held,
    vaults,
    earlier: [],
  });
}

async function preview(steps: Steps, { engine, resources }: Situation): Promise<EngineRun> {
  if (resources.length === 0) return nothingRun;
  const { value } = await steps.run("preview", async (doing) => {
    const run = await engine.previewDestroy({ onProgress: doing });
    return { value: run, ok: run.ok, detail: runDetail(run, "would be ") };
  });
  return value;
}

async function deleteStack(
  world: World,
  steps: Steps,
  { engine, resources, file }: Situation,
  planned: DestroyRecord,
): Promise<EngineRun> {
  if (resources.length === 0) return nothingRun;
  await writeRecord(file, planned);
  const { value } = await steps.run("destroy", async (doing) => {
    const run = await engine.destroy({ onProgress: doing });
    return { value: run, ok: run.ok, detail: runDetail(run, "") };
  });
  if (value.ok) await writeRecord(file, { ...planned, finishedAt: world.now().toISOString() });
  return value;
}

function runDetail({ steps, failures }: EngineRun, would: string): string {
  const count = (operation: string): number => steps.filter((step) => step.operation === operation).length;
  const left = count("forget");
  const done =
    `${count("delete")} ${would}deleted` + (left === 0 ? "" : `, ${left} ${would}left to end with their app`);
  const lines = failures.map(({ resource, message }) => `${resource ?? "the run"}: ${message}`);
  const hints = new Set(failures.flatMap(({ message }) => signInHint(message) ?? []));
  return [done, ...lines, ...[...hints].map((hint) => `-> ${hint}`)].join("\n");
}

async function look(
  world: World,
  steps: Steps,
  record: DestroyRecord,
  done: Done | undefined,
): Promise<Leftover[]> {
  const { value } = await steps.run("look at Azure", async () => {
    const leftovers = await fetchLeftovers(azureView(world), record, done);
    const count = (state: Leftover["state"]): number => leftovers.filter((one) => one.state === state).length;
    const unseen = count("unseen");
    const detail =
      `${count("deleted")} restorable, ${count("live")} there, ${count("gone")} gone` +
      (unseen === 0 ? "" : `, ${unseen} not to be seen`);
    return { value: leftovers, ok: unseen === 0, detail };
  });
  return value;
}

async function change(
  world: World,
  steps: Steps,
  mode: "purge" | "restore",
  record: DestroyRecord,
  leftovers: readonly Leftover[],
): Promise<Outcome[]> {
  const { value } = await steps.run(mode, async () => {
    const view = azureView(world);
    const outcomes =
      mode === "purge" ? await purgeApps(view, leftovers) : await restoreAll(view, record, leftovers);
    const refused = outcomes.filter(({ refusal }) => refusal !== null);
    const lines = refused.map(({ kind, name, refusal }) => `${kind} ${name}: ${refusal ?? ""}`);
    const detail = [`${outcomes.length - refused.length} of ${outcomes.length} ${mode}d`, ...lines].join(
      "\n",
    );
    return { value: outcomes, ok: refused.length === 0, detail };
  });
  return value;
}

/** How the stack takes in what is live again. */
function wayIn(stack: string, leftovers: readonly Leftover[]): string[] {
  const live = leftovers.filter(({ state }) => state === "live");
  const settings = live.flatMap(({ kind, purpose, name, id }) => {
    if (kind === "application" && purpose === "app") return [setCommand(["apps", name, "adopt"], id)];
    return kind === "vault" ? [adoptVaultCommand(id)] : [];
  });
  return settings.length === 0
    ? []
    : [
        ...settings.map((command) => `${command} ${shellFlag("stack", stack)}`),
        `pulumi up ${shellFlag("stack", stack)}`,
      ];
}
