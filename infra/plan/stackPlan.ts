import * as pulumi from "@pulumi/pulumi";
import { openAccess, openAccessLine } from "../../core/access/openAccess";
import { byName } from "../../core/byName";
import type { Cloud } from "../../core/cloud/clouds";
import { faultsError, OperatorError } from "../../core/errors";
import {
  publishedOf,
  publishedVault,
  type AppOutputs,
  type StackOutputs,
} from "../../core/outputs/stackOutputs";
import { apisToLookUp, resolveApis, type ApiAccess } from "../../core/permissions/apiRoles";
import type { PermissionScope } from "../../core/permissions/delegatedPermissions";
import { resolvePermissions, type AppRole, type GraphPermissions } from "../../core/permissions/permissions";
import {
  decideSecret,
  isNewSecret,
  retirementNotice,
  type RememberedSecret,
  type SecretDecision,
} from "../../core/secrets/retirement";
import { readRotationRequest, type RotationRequest } from "../../core/secrets/rotation";
import { publishedKinds, type PublishedKind } from "../../core/settings/credentialKind";
import type { AppSettings, JudgedSettings, Settings } from "../../core/settings/settings";
import { saidInOtherProgram } from "../../core/otherProgram";
import { logText } from "../../core/sinks";
import { vaultInUse, vaultInUseFault } from "../../core/vault/vaultInUse";
import { stackNamedAfter, type PreviousVault } from "../../core/vault/vaultKept";
import { signingKeySecretName, vaultSecretName } from "../../core/vault/vaultName";
import type { Owners } from "../components/appRegistration";
import type { Directory } from "./directory";
import { findPowerPlatformAccess, type PowerPlatformAccess } from "./powerPlatform";
import {
  refuseForbiddenCredentials,
  refuseForeignOwners,
  refuseGranterBesideSecret,
  refuseOtherClientIds,
  refuseOtherCloudThan,
  refuseRemoved,
  withPermissionFaults,
} from "./refusals";
import { findAppAdoption, type AppAdoption } from "./appAdoption";
import {
  readCurrentSecret,
  readInVault,
  readGraphPermissions,
  readPreviousRun,
  readRecorded,
  readTarget,
  type Recorded,
  type Target,
} from "./tenant";
import { findVaultAdoption, hasResourceGroup, recordedVault, type VaultAdoption } from "./vaultAdoption";

/** What a run is given from outside. */
export interface Run {
  readonly judged: JudgedSettings;
  readonly cloud: Cloud;
  readonly now: Date;
  /** `COPILOT_TOKEN_ROTATE`: apps to rotate in this run, whether due or not; set and empty in a plain rotation. */
  readonly rotate: string | undefined;
  /** Variables of the deployer's own secret or certificate: a provider takes them before a federated token. */
  readonly ownSignIn: readonly string[];
  /** Asked only where the tenant may have what this run is to make. */
  readonly directory: Directory;
  /** For an app in another program. Default: the whole stack is the program's. */
  readonly inOtherProgram?: OtherProgram;
}

/** An app that decides by itself in another program, which has outputs of its own. */
export interface OtherProgram {
  /** What the app's last successful run published; undefined before the first. */
  readonly previous: StackOutputs | undefined;
  /** What the state holds as the run begins. */
  readonly recorded: Recorded;
  /** ARM ID of the vault; undefined in a preview of a vault that is yet to be made. */
  readonly vaultId: string | undefined;
  /** Whether an owner is a placeholder, since it does not exist yet. */
  readonly hasLaterOwners: boolean;
  /** Which providers to ask. */
  readonly invoke: pulumi.InvokeOptions;
}

/** Everything that is decided before the first registration. */
export interface StackPlan {
  readonly cloud: Cloud;
  /** Says a text for a reader of this program. */
  readonly words: (text: string) => string;
  readonly settings: Settings;
  readonly target: Target;
  readonly graph: GraphPermissions;
  /** What the state holds as the run begins. */
  readonly recorded: Recorded;
  /** Of every application and service principal. */
  readonly owners: Owners & { readonly objectIds: string[] };
  readonly powerPlatform: PowerPlatformAccess;
  /** The stack's name that names in Azure have in them. */
  readonly namedAfter: string;
  /** An existing vault that the stack adopts. Default: it makes one. */
  readonly vaultAdoption?: VaultAdoption;
  /** ARM ID of the existing vault, where settings or outputs name it. */
  readonly vaultId?: string;
  readonly apps: readonly AppPlan[];
}

/** What is decided for one app. */
export interface AppPlan {
  readonly name: string;
  readonly settings: AppSettings;
  /** App roles of Microsoft Graph that it asks for. */
  readonly roles: AppRole[];
  /** Delegated permissions of Microsoft Graph that it asks for. */
  readonly scopes: PermissionScope[];
  /** What it asks of other APIs. */
  readonly apis: ApiAccess[];
  /** What the last successful run published of it. */
  readonly previous: AppOutputs | undefined;
  readonly secret: SecretDecision;
  readonly certificate: SecretDecision;
}

/**
 * Reads what a run needs to know, and refuses what cannot work, before anything is registered.
 *
 * @throws {OperatorError} naming every fault of the settings.
 */
export async function planStack(run: Run): Promise<StackPlan> {
  const { judged, cloud, now, rotate, ownSignIn, directory, inOtherProgram: other } = run;
  if (judged.settings === undefined) throw faultsError(await withPermissionFaults(judged, cloud, directory));
  const { settings } = judged;
  const words = other === undefined ? (text: string) => text : saidInOtherProgram;
  refuseGranterBesideSecret(settings, ownSignIn, pulumi.getStack());
  const [target, graph, previousRun, recorded] = await Promise.all([
    readTarget(other?.invoke),
    readGraphPermissions(other?.invoke),
    other === undefined ? readPreviousRun() : other.previous,
    other?.recorded ?? readRecorded(),
  ]);
  if (previousRun !== undefined) refuseOtherCloudThan(previousRun, cloud);
  const previous = previousRun?.apps ?? byName({});
  const ownVault = previousRun === undefined ? vaultIn(recorded, other) : publishedVault(previousRun);
  const { roles, scopes, faults } = resolvePermissions(settings, graph);
  const otherApis = resolveApis(cloud, settings, await directory.apis(apisToLookUp(settings)));
  if (faults.length + otherApis.faults.length > 0) throw faultsError([...faults, ...otherApis.faults]);
  for (const note of otherApis.notes) void pulumi.log.warn(logText(words(note)));
  if (previousRun !== undefined) refuseRemoved(settings, previousRun);
  refuseOtherClientIds(settings, previous);
  const rotating = askedFor(rotate, settings);
  const { subscriptionId } = target;
  const [vaultAdoption, powerPlatform] = await Promise.all([
    findVaultAdoption(
      { settings: settings.vault, subscriptionId, ownVault, hasGroup: hasResourceGroup(recorded) },
      directory,
    ),
    findPowerPlatformAccess(cloud, settings.powerPlatform, directory),
  ]);
  if (vaultAdoption !== undefined && "reason" in vaultAdoption) throw faultsError([vaultAdoption]);

  const vaultId = vaultAdoption?.vaultId ?? other?.vaultId ?? ownVault?.resourceId;

  const remembered = {
    secret: await rememberedSecrets(settings, previous, "secret", other?.vaultId),
    certificate: await rememberedSecrets(settings, previous, "certificate", other?.vaultId),
  };
  const apps = Object.entries(settings.apps).map(([name, app]): AppPlan => {
    const request = { asked: rotating.get(name), mayLeave: rotate === undefined };
    const decide = (kind: PublishedKind): SecretDecision =>
      decideSecret(app.credential === kind, remembered[kind][name], settings.rotation, now, request);
    const asked = {
      roles: [...(roles[name] ?? [])],
      scopes: [...(scopes[name] ?? [])],
      apis: [...(otherApis.apis[name] ?? [])],
    };
    return {
      name,
      settings: app,
      ...asked,
      previous: previous[name],
      secret: decide("secret"),
      certificate: decide("certificate"),
    };
  });
  const making = publishedKinds.flatMap((kind) =>
    apps
      .filter(({ name, [kind]: decision }) => isNewSecret(decision, remembered[kind][name]))
      .map((app) => ({ kind, ...app })),
  );
  await refuseForbiddenCredentials(
    making.map(({ kind, name, settings: app, previous: before }) => ({
      kind,
      name,
      applicationObjectId: before?.applicationObjectId ?? ("adopt" in app ? app.adopt : undefined),
    })),
    { settings, now, directory },
  );
  if (other?.hasLaterOwners !== true)
    await refuseForeignOwners(settings, target, making.length > 0, directory);
  for (const open of openAccess(settings)) void pulumi.log.warn(logText(words(openAccessLine(open))));
  for (const app of apps) {
    for (const kind of publishedKinds) {
      const notice = retirementNotice(
        app.name,
        kind,
        app[kind],
        remembered[kind][app.name],
        settings.rotation,
      );
      if (notice !== undefined) void pulumi.log.info(logText(words(notice)));
    }
  }
  return {
    cloud,
    words,
    settings,
    target,
    graph,
    recorded,
    owners: ownersOf(settings, target),
    powerPlatform,
    // A renamed stack keeps what it has made under its former name.
    namedAfter: stackNamedAfter(ownVault, pulumi.getStack()),
    ...(vaultAdoption === undefined ? {} : { vaultAdoption }),
    ...(vaultId === undefined ? {} : { vaultId }),
    apps,
  };
}

/**
 * What the tenant has already of each app.
 *
 * @param stackId Undefined in a preview of a stack that has none yet.
 * @throws {OperatorError} naming every app that is another's.
 */
export async function findExistingApps(
  { cloud, words, apps, graph, target, owners }: StackPlan,
  stackId: string | undefined,
  directory: Directory,
): Promise<ReadonlyMap<string, AppAdoption>> {
  const stack = {
    cloud,
    words,
    graph,
    stackId,
    callerObjectId: target.callerObjectId,
    ownerObjectIds: owners.objectIds,
  };
  // A managed identity is found by its ARM ID, and no other kind of resource has its name.
  const registered = apps.flatMap(({ settings: app, ...rest }) =>
    app.credential === "managedIdentity" ? [] : [{ app, ...rest }],
  );
  const found = await Promise.all(
    registered.map(async ({ name, app, roles, previous }) => {
      return [name, await findAppAdoption({ ...stack, name, app, roles, previous }, directory)] as const;
    }),
  );
  const faults = found.flatMap(([, result]) => ("reason" in result ? [result] : []));
  if (faults.length > 0) throw faultsError(faults);
  return new Map(found.flatMap(([name, result]) => ("reason" in result ? [] : [[name, result] as const])));
}

/**
 * Asks what the vault holds only where the stack adopts it, or an app publishes there for the first time.
 *
 * @param existing As {@link findExistingApps} found it.
 * @throws {OperatorError} `VAULT_IN_USE`.
 */
export async function refuseUsedVault(
  { cloud, apps, vaultId, vaultAdoption }: StackPlan,
  { stackId, existing }: { stackId: string | undefined; existing: ReadonlyMap<string, AppAdoption> },
  directory: Directory,
): Promise<void> {
  if (vaultId === undefined) return;
  const isNewVault = vaultAdoption?.isNew === true;
  const newApps = apps
    .filter(({ previous, ...decisions }) =>
      publishedKinds.some(
        (kind) => decisions[kind].kind !== "none" && publishedOf(previous, kind) === undefined,
      ),
    )
    .map(({ name }) => name);
  if (!isNewVault && newApps.length === 0) return;
  const objectIds = apps.flatMap(({ name, settings, previous }) =>
    [
      ("adopt" in settings ? settings.adopt : undefined) ?? [],
      previous?.applicationObjectId ?? [],
      existing.get(name)?.adoption?.applicationObjectId ?? [],
    ].flat(),
  );
  const own = { cloud, isNewVault, newApps, stackId, objectIds };
  const reason = vaultInUse(await directory.vaultUse(vaultId), own);
  if (reason !== undefined) throw faultsError([vaultInUseFault(vaultId, reason, own)]);
}

/** A vault of the program's own is not the component's. */
function vaultIn(recorded: Recorded, other: OtherProgram | undefined): PreviousVault | undefined {
  return other === undefined ? recordedVault(recorded) : undefined;
}

/** Names of the vault secrets that publish each kind. */
const publishedName = { secret: vaultSecretName, certificate: signingKeySecretName } as const;

async function rememberedSecrets(
  settings: Settings,
  previous: Readonly<Record<string, AppOutputs>>,
  kind: PublishedKind,
  otherVaultId: string | undefined,
): Promise<Readonly<Record<string, RememberedSecret | undefined>>> {
  const remembered = async (name: string): Promise<RememberedSecret | undefined> => {
    const app = previous[name];
    if (app !== undefined) return readCurrentSecret(app, kind);
    if (otherVaultId === undefined) return undefined;
    const current = await readInVault(`${otherVaultId}/secrets/${publishedName[kind](name)}`);
    return current && { current };
  };
  const names = Object.keys(settings.apps);
  return byName(
    Object.fromEntries(await Promise.all(names.map(async (name) => [name, await remembered(name)] as const))),
  );
}

function askedFor(rotate: string | undefined, settings: Settings): RotationRequest["asked"] {
  const { asked, unknown } = readRotationRequest(rotate, Object.keys(settings.apps));
  if (unknown.length > 0) {
    throw new OperatorError(
      "ROTATE_UNKNOWN_APP",
      `COPILOT_TOKEN_ROTATE names ${unknown.map((name) => JSON.stringify(name)).join(", ")}, but the stack's apps are ` +
        `${Object.keys(settings.apps).join(", ")}. Nothing was changed; name one of these, several with commas, or "all"; ":leaked" after a name is for a leaked secret.`,
    );
  }
  return asked;
}

function ownersOf(settings: Settings, target: Target): StackPlan["owners"] {
  return settings.owners.length > 0
    ? { objectIds: settings.owners, managed: true }
    : { objectIds: [target.callerObjectId], managed: false };
}
