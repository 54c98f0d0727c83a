import { chooseCloud } from "../../core/cloud/chosenCloud";
import { ofCloud } from "../shared/stackOutputs";
import { commandFix, fixLine, personFix, upCommand } from "../../core/fix";
import { OperatorError } from "../../core/errors";
import { ownershipOf } from "../../core/ownershipMark";
import { notOursReason } from "../../core/permissions/existingApps";
import { readStackOutputs, type StackOutputs } from "../../core/outputs/stackOutputs";
import { UsageError } from "../shared/command";
import { isForbidden } from "../../azure/serviceRefusal";
import type { EngineRun, StackEngine } from "../shared/engines/stackEngine";
import type { Steps } from "../shared/steps";
import type { CheckStatus, VerifyReport } from "../verify/report";
import { verify } from "../verify/verify";
import type { World } from "../shared/world";
import { gatherRecords, type AppRecord } from "./appRecord";
import { appRotation } from "./appRotation";
import { explainFailure, failureText, type RunPlace } from "./failures";
import { planRemoving, type RemovedOfApp } from "./removing";
import type { AppRotation, RotateFailure, RotateReport } from "./report";
import { makesSecret, planApp, rotateVariable, type AppPlan, type Wish } from "./rotationPlan";

export interface RotateOptions {
  readonly engine: StackEngine;
  readonly wish: Wish;
  /** Names of apps; default: all. */
  readonly apps?: readonly string[];
  /** Changes nothing. */
  readonly dryRun: boolean;
}

/** What the phases of one rotation share. */
interface Rotation {
  readonly world: World;
  readonly options: RotateOptions;
  readonly names: readonly string[];
  readonly show: Steps;
}

/**
 * The whole rotation: look, verify, run the program where it has something to do, remove expired and superseded secrets, verify.
 * What is removed is decided on what vault and directory show afterwards, never on what the run was meant to do.
 *
 * @throws {UsageError} for an app that the stack does not have.
 * @throws {OperatorError} `STACK_NOT_DEPLOYED`, `APP_NOT_OURS`, and what keeps a run from beginning.
 */
export async function rotate(world: World, show: Steps, options: RotateOptions): Promise<RotateReport> {
  const startedAt = world.now();
  const { engine, dryRun } = options;
  const outputs = await readOutputs(world, engine);
  const names = chooseApps(outputs, options.apps);
  const rotation: Rotation = { world, options, show, names };
  const before = await gatherRecords(world, outputs, rotation.names);
  refuseOthersApps(outputs, before);
  const plans = planAll(rotation, outputs, before);
  const verifiedBefore = await verifyStep(rotation, "Verify before", outputs);

  const run = plans.some(({ occasion }) => occasion !== undefined)
    ? await engineStep(rotation, outputs, plans)
    : undefined;
  const newOutputs = dryRun ? outputs : ((await outputsAfter(world, engine, run)) ?? outputs);
  const after = dryRun || run === undefined ? before : await gatherRecords(world, newOutputs, rotation.names);
  const removed = await removeStep(rotation, newOutputs, after, plans);
  const verifiedAfter = dryRun ? undefined : await verifyStep(rotation, "Verify after", newOutputs);

  const apps = before.flatMap((record, index) => {
    const [plan, later, gone] = [plans[index], after[index], removed[index]];
    if (plan === undefined || later === undefined || gone === undefined) return [];
    return [appRotation({ plan, record, later, gone, outputs: newOutputs, dryRun, now: world.now() })];
  });
  const failures = [
    ...(run?.failures ?? []).map((failure) => explainFailure(failure, placeOf(options, newOutputs))),
    ...(run?.ok === true && !dryRun ? apps.flatMap(notRotated) : []),
    ...removed.flatMap(({ refusals }) => refusals),
    ...unseen(run === undefined ? before : after, options.wish),
  ];
  return {
    schemaVersion: 1,
    ok: run?.ok !== false && failures.length === 0 && verifiedAfter?.verified !== false,
    dryRun,
    startedAt: startedAt.toISOString(),
    durationSeconds: (world.now().getTime() - startedAt.getTime()) / 1000,
    stack: engine.stack,
    engine: { name: engine.name, why: engine.why },
    apps,
    steps: run?.steps ?? [],
    failures,
    verifiedBefore,
    verifiedAfter,
  };
}

/**
 * An app that carries another stack's mark has that stack's published client secret, which nothing here may remove.
 *
 * @throws {OperatorError} `APP_NOT_OURS`, before anything changes.
 */
function refuseOthersApps({ stackId }: StackOutputs, records: readonly AppRecord[]): void {
  const reasons = records.flatMap(({ name, outputs: { applicationObjectId = "" }, directory }) => {
    const ownership = directory.known
      ? ownershipOf(directory.value.application?.tags ?? [], stackId)
      : undefined;
    return ownership?.kind === "otherStack"
      ? [`${name}: ${notOursReason({ applicationObjectId }, ownership)}`]
      : [];
  });
  if (reasons.length > 0)
    throw new OperatorError("APP_NOT_OURS", `${reasons.join("\n")}\nNothing was changed.`);
}

async function readOutputs(world: World, engine: StackEngine): Promise<StackOutputs> {
  const outputs = await engine.outputs();
  if (outputs !== undefined) return ofCloud(readStackOutputs(outputs), chooseCloud(world.env).cloud);
  throw new OperatorError(
    "STACK_NOT_DEPLOYED",
    `Stack ${engine.stack} has no outputs: no run of it has succeeded yet, so there is nothing to rotate. ${fixLine(commandFix("stack.deploy", "Deploy it first", upCommand(engine.stack)))}`,
  );
}

function chooseApps(outputs: StackOutputs, asked: readonly string[] = []): string[] {
  const names = Object.keys(outputs.apps);
  const strange = asked.filter((name) => !names.includes(name));
  if (strange.length > 0) {
    throw new UsageError(
      `--app ${strange.join(", --app ")}: the stack has no such app. It has: ${names.join(", ") || "none"}.`,
    );
  }
  const isIdentity = (name: string): boolean => outputs.apps[name]?.signIn === "managedIdentity";
  const identities = asked.filter(isIdentity);
  if (identities.length > 0) {
    throw new UsageError(
      `--app ${identities.join(", --app ")}: a managed identity has no credential that could be rotated; Azure renews its own.`,
    );
  }
  return names.filter((name) => (asked.length === 0 ? !isIdentity(name) : asked.includes(name)));
}

function planAll(
  { options, world }: Rotation,
  { rotation }: StackOutputs,
  records: readonly AppRecord[],
): AppPlan[] {
  return records.map((record) => planApp({ record, rotation, wish: options.wish, now: world.now() }));
}

async function verifyStep(
  { world, names, show, options }: Rotation,
  title: string,
  outputs: StackOutputs,
): Promise<VerifyReport> {
  const apps = (options.apps ?? []).length > 0 ? names : Object.keys(outputs.apps);
  const loaded = {
    outputs,
    from: `stack ${options.engine.stack} (engine: ${options.engine.name})`,
    stack: options.engine.stack,
  };
  const { value } = await show.run(title, async () => {
    const report = await verify(world, { loaded, apps, ifTrusted: true });
    const linesOf = (wanted: CheckStatus): string[] =>
      report.checks
        .filter(({ status }) => status === wanted)
        .map(({ app, id, summary }) => `${app ?? "stack"}: ${id}: ${summary}`);
    const failed = linesOf("fail");
    const passed = `${report.counts.pass} checks passed, including a Microsoft Graph call`;
    const warnings = linesOf("warn").map((line) => `warning: ${line}`);
    const lines = [...(failed.length === 0 ? [passed] : failed), ...warnings];
    return { ok: report.verified, value: report, detail: lines.join("\n") };
  });
  return value;
}

async function engineStep(
  { options, show }: Rotation,
  outputs: StackOutputs,
  plans: readonly AppPlan[],
): Promise<EngineRun> {
  const { engine, dryRun } = options;
  const { value } = await show.run(dryRun ? "Would rotate" : "Rotate", async (doing) => {
    const exclude = leftAlone(outputs);
    const request = {
      rotate: rotateVariable(plans),
      onProgress: doing,
      ...(exclude.length === 0 ? {} : { exclude }),
    };
    const run = dryRun ? await engine.preview(request) : await engine.up(request);
    return { ok: run.ok, value: run, detail: runText(run, placeOf(options, outputs)) };
  });
  return value;
}

/**
 * What decides on removals, and could not be read. Without a leak, Azure may keep it from the caller: then nothing is removed
 * that should stay. After a leak, what could not be seen may be the leaked secret.
 */
function unseen(records: readonly AppRecord[], wish: Wish): RotateFailure[] {
  const isLeak = wish === "leaked" || wish === "leakedNow";
  return records.flatMap(({ name, published: { secret, certificate }, directory }) =>
    Object.entries({
      "the vault's current version": secret.current,
      "the vault's record": secret.versions,
      "the vault's current version of the signing key": certificate.current,
      "the vault's record of signing keys": certificate.versions,
      "the app in the directory": directory,
    }).flatMap(([what, fact]): RotateFailure[] =>
      fact.known || (!isLeak && isForbidden(fact.error))
        ? []
        : [{ subject: name, message: `${what} could not be read: ${fact.error.message}` }],
    ),
  );
}

function placeOf({ engine, wish, apps = [] }: RotateOptions, outputs: StackOutputs): RunPlace {
  return { stack: engine.stack, outputs, wish, apps };
}

function runText({ ok, steps, failures }: EngineRun, place: RunPlace): string {
  if (!ok) return failures.map((failure) => failureText(explainFailure(failure, place))).join("\n");
  if (steps.length === 0) return "nothing to change";
  return steps
    .map(({ operation, type, name }) => `${operation} ${type.split(":").at(-1) ?? type} ${name}`)
    .join("\n");
}

/** The program decides by its own clock: where that disagrees with this one, it may have had nothing to do. */
function notRotated({ name, occasion, before, after }: AppRotation): RotateFailure[] {
  if (!makesSecret(occasion) || after === null || before === null || after.sequence > before.sequence)
    return [];
  return [
    {
      subject: name,
      message: `The program made no new ${before.kind}, although one was ${occasion ?? ""}: number ${after.sequence} is still the current one.`,
      fixes: [
        personFix(
          "rotate.clock",
          "Compare COPILOT_TOKEN_CLOCK and the clocks of this machine and the engine's, then run this again.",
        ),
      ],
    },
  ];
}

async function outputsAfter(
  world: World,
  engine: StackEngine,
  run: EngineRun | undefined,
): Promise<StackOutputs | undefined> {
  if (run === undefined) return undefined;
  return run.ok ? readStackOutputs(run.outputs) : readOutputs(world, engine);
}

async function removeStep(
  { world, show, options }: Rotation,
  outputs: StackOutputs,
  records: readonly AppRecord[],
  plans: readonly AppPlan[],
): Promise<RemovedOfApp[]> {
  const { dryRun, wish } = options;
  const leakedNow = wish === "leaked" || wish === "leakedNow";
  const leaving = plans.map(({ occasion }) => dryRun && occasion === "leaked");
  const removing = planRemoving({
    world,
    outputs,
    stack: options.engine.stack,
    records,
    leakedNow,
    leaving,
  });
  if (removing.isEmpty) return removing.nothing();
  const { value } = await show.run(dryRun ? "Would remove" : "Remove", async () => {
    const removed = await removing.carryOut(dryRun);
    const lines = removed.flatMap(({ plan, results, refusals }) => [
      ...results
        .filter(({ refusal }) => refusal === undefined)
        .map(
          ({ removal }) =>
            `${removal.kind} ${removal.displayName ?? ""} (${removal.keyId}): ${removal.reason}`,
        ),
      ...refusals.map(failureText),
      ...plan.left,
    ]);
    return {
      ok: removed.every(({ refusals }) => refusals.length === 0),
      value: removed,
      detail: lines.join("\n"),
    };
  });
  return value;
}

/** What `AdminConsent` of infra/components/adminConsent.ts makes, whatever the stack. */
const consents = "**copilot-token:infra:AdminConsent$azuread:index/appRoleAssignment:AppRoleAssignment::**";

/**
 * What a rotation does not touch, as patterns of URNs: the consents that a separate granter has given. The engine would
 * sign in as the granter just to read them, which the rotator may not. Permissions that the settings add meanwhile are
 * granted by the deployer's next run.
 */
export function leftAlone({ granter }: StackOutputs): readonly string[] {
  return granter === undefined ? [] : [consents];
}
