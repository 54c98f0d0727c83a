import * as pulumi from "@pulumi/pulumi";
import * as z from "zod/mini";
import { chooseProgramCloud } from "../../core/cloud/chosenCloud";
import type { Cloud } from "../../core/cloud/clouds";
import { argumentsError, saidInOtherProgram } from "../../core/otherProgram";
import { faultsError, type Fault } from "../../core/errors";
import { readPreviousOutputs } from "../../core/outputs/stackOutputs";
import { cloudFaults } from "../../core/settings/cloudFaults";
import { readRotationRequest } from "../../core/secrets/rotation";
import { stackIdResource } from "../../core/ownershipMark";
import { judgeSettings, type JudgedSettings, type RegisteredAppSettings } from "../../core/settings/settings";
import { logText } from "../../core/sinks";
import { readVaultId } from "../../core/vault/vaultAdoption";
import { readClock } from "../clock";
import type { GraphAppArgs, PlannedApp } from "../components/graphApp";
import { valueIfKnown } from "../known";
import { fixableMessage } from "../runProgram";
import { makeAppMark } from "../stackId";
import { nothingToAdopt } from "./appAdoption";
import { programDirectory } from "./directory";
import { existingGrants } from "./existingGrants";
import { LaterValues, argumentFaults } from "./laterValues";
import { plannedApp, publishedStack } from "./plannedApp";
import { stackConfig } from "./settings";
import { findExistingApps, planStack, refuseUsedVault, type OtherProgram } from "./stackPlan";
import { readRecorded, type Recorded } from "./tenant";

/**
 * Decides about one app in a program that has outputs of its own, as `planStack` does for the apps of a whole stack. What the last
 * run published is in the component's own outputs, by its URN.
 *
 * @throws {pulumi.ResourceError} naming every argument that cannot work.
 */
export async function planOwnApp(
  app: pulumi.ComponentResource,
  name: string,
  args: GraphAppArgs,
): Promise<PlannedApp> {
  const { cloud, faults } = chooseProgramCloud(stackConfig().values, process.env);
  try {
    if (faults.length > 0) throw faultsError(faults);
    const directory = programDirectory(process.env, cloud);
    const invoke = { parent: app };
    const [urn, vaultId, recorded] = await Promise.all([
      valueIfKnown(app.urn),
      valueIfKnown(pulumi.output(args.vault.id)),
      readRecorded(),
    ]);
    const before = recordedDetails.safeParse(recorded.get(urn ?? "")).data;
    const previous = readPreviousOutputs(before?.outputs.details);
    const later = new LaterValues();
    const known = await knownArgs(args, later);
    const hasLaterOwners = known.owners?.some((owner) => later.isLater(owner)) === true;
    const other: OtherProgram = { previous, recorded, vaultId, hasLaterOwners, invoke };
    const vaultName = readVaultId(vaultId ?? previous?.vaultResourceId ?? "")?.vaultName;
    const now = readClock(process.env);
    const given = settingsOf(name, known, vaultName);
    const judged = withFaults(judgeSettings(given), argumentFaults(name, args));
    const ofOtherClouds = judged.settings === undefined ? [] : cloudFaults(cloud, given);
    if (ofOtherClouds.length > 0) throw faultsError(ofOtherClouds);
    const plan = await planStack({
      judged,
      cloud,
      now,
      rotate: requestFor(name, process.env["COPILOT_TOKEN_ROTATE"]),
      ownSignIn: [],
      directory,
      inOtherProgram: other,
    });
    const mark = makeAppMark(name, app, args.stackId);
    const stackId = await valueIfKnown(mark.stackId);
    const existing = await findExistingApps(plan, stackId, directory);
    await refuseUsedVault(plan, { stackId, existing }, directory);
    const [own] = plan.apps;
    if (own === undefined) throw new Error("The app was left out of its own plan.");
    const stack = { plan, mark, vault: vaultOf(cloud, args.vault.id), identities: {} };
    const { args: registered, publish } = plannedApp(
      own,
      own.settings as RegisteredAppSettings,
      existing.get(name) ?? nothingToAdopt,
      stack,
    );
    const planned = later.restored(registered, known.federated ?? [], known.readers ?? []);
    const { federated } = planned;
    return {
      args: planned,
      options: {
        recorded,
        existingGrants: (principal, resource) => existingGrants(own, principal, resource, directory),
      },
      ...(mayHaveMade(recorded, args)
        ? { interrupted: { recorded, target: plan.target, tenant: directory } }
        : {}),
      details: (parts) => publishedStack(stack, { [name]: { ...publish(parts), federated } }),
    };
  } catch (error) {
    const message = fixableMessage(faults.length > 0 ? error : argumentsError(error, name));
    if (message === undefined) throw error;
    throw new pulumi.ResourceError(logText(saidInOtherProgram(message)), app, true);
  }
}

function withFaults(judged: JudgedSettings, faults: readonly Fault[]): JudgedSettings {
  if (faults.length === 0) return judged;
  const asked = judged.settings ?? judged.asked;
  return { asked, faults: [...judged.faults, ...faults] };
}

/** Whether an earlier run may have made something of the app: it has drawn the ID that marks the app. */
function mayHaveMade(recorded: Recorded, { stackId }: GraphAppArgs): boolean {
  return stackId !== undefined || [...recorded.keys()].some((urn) => urn.endsWith(stackIdResource));
}

const recordedDetails = z.object({ outputs: z.object({ details: z.unknown() }) });

/** Arguments with their values, or with placeholders for values that are not known yet. */
async function knownArgs(args: GraphAppArgs, later: LaterValues) {
  const { owners, readers, federated } = args;
  return {
    ...args,
    owners: owners && (await Promise.all(owners.map((owner) => later.known(owner)))),
    readers:
      readers &&
      (await Promise.all(readers.map(async (reader) => ({ ...reader, id: await later.known(reader.id) })))),
    federated:
      federated &&
      (await Promise.all(
        federated.map(async (trust) => ({
          ...trust,
          issuer: await later.known(trust.issuer, (id) => `https://${id}.invalid`),
          // As much as a subject of GitHub's has to say.
          subject: await later.known(trust.subject, (id) => `repo:${id}/${id}:environment:${id}`),
        })),
      )),
  };
}

/** The settings of a stack with this one app. */
function settingsOf(
  name: string,
  args: Awaited<ReturnType<typeof knownArgs>>,
  vaultName: string | undefined,
): Record<string, unknown> {
  const { permissions = [], apis, sites, displayName, credential, adopt } = args;
  // Settings have no names.
  const readers = args.readers?.map((reader) => ({ ...reader, name: undefined }));
  const federated = args.federated?.map((trust) => ({ ...trust, name: undefined }));
  const given = {
    apps: { [name]: { permissions, apis, sites, displayName, credential, federated, readers, adopt } },
    rotation: args.rotation,
    owners: args.owners,
    acceptTierZero: args.acceptTierZero,
    powerPlatform: args.powerPlatform,
    // The options of the component protect what it consists of.
    protect: false,
    vault: vaultName === undefined ? undefined : { name: vaultName },
  };
  return withoutUndefined(given) as Record<string, unknown>;
}

/** Settings that are not given are absent. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.map(([key, one]) => [key, withoutUndefined(one)]));
}

/** What `COPILOT_TOKEN_ROTATE` asks of this app: it may name others of the program. */
function requestFor(name: string, rotate: string | undefined): string | undefined {
  if (rotate === undefined) return undefined;
  const asked = readRotationRequest(rotate, [name]).asked.get(name);
  // Set and empty is a plain rotation.
  if (asked === undefined) return "";
  return asked === "leaked" ? `${name}:leaked` : name;
}

function vaultOf({ vaultSuffix }: Cloud, id: pulumi.Input<string>) {
  const vaultResourceId = pulumi.output(id);
  const vaultName = vaultResourceId.apply((known) => readVaultId(known)?.vaultName ?? "");
  return { vaultResourceId, vaultName, vaultUri: pulumi.interpolate`https://${vaultName}.${vaultSuffix}/` };
}
