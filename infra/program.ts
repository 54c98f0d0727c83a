import { logText } from "../core/sinks";
import * as pulumi from "@pulumi/pulumi";
import { ownershipFault } from "../core/access/ownership";
import { granterOptions } from "./components/adminConsent";
import type { CredentialKind } from "../core/settings/credentialKind";
import { grantsRemovedOutside, removedGrantsNotice } from "../core/permissions/existingApps";
import { faultsError, OperatorError, type Fault } from "../core/errors";
import { resolvePermissions, type AppRole, type GraphPermissions } from "../core/permissions/permissions";
import type { PreviousApp } from "../core/outputs/previousApps";
import type { PreviousRun } from "../core/outputs/previousRun";
import {
  decideSecret,
  isNewSecret,
  retirementNotice,
  type RememberedSecret,
  type SecretDecision,
} from "../core/secrets/retirement";
import { readRotationRequest, type RotationRequest } from "../core/secrets/rotation";
import type { AppSettings, AskedPermissions, JudgedSettings, Settings } from "../core/settings/settings";
import { secretPolicyFault } from "../core/secrets/secretPolicy";
import { inRunnableOrder } from "../core/settings/settingsFaults";
import { stackNamedAfter, vaultNameSource } from "../core/vault/vaultKept";
import { ExpiryAlerts } from "./components/expiryAlerts";
import { deployApp, ownersOf, type Outputs } from "./components/deployApp";
import { adoptUnrecorded } from "./plan/adoptUnrecorded";
import type { Directory } from "./plan/directory";
import { valueIfKnown } from "./known";
import { makeIdentities } from "./components/managedIdentity";
import { findPowerPlatformAccess } from "./plan/powerPlatform";
import { SecretVault } from "./components/secretVault";
import { makeStackMark } from "./stackId";
import { findTakeOver, nothingToTakeOver, type TakeOver, type TakeOverQuestion } from "./plan/takeOver";
import { findVaultTakeOver, hasResourceGroup, recordedVault } from "./plan/vaultTakeOver";
import {
  type Target,
  readCurrentSecret,
  readRecorded,
  readGraphPermissions,
  readPreviousRun,
  readTarget,
} from "./plan/tenant";

/** What a run is given from outside. */
export interface Run {
  readonly judged: JudgedSettings;
  readonly now: Date;
  /** `COPILOT_TOKEN_ROTATE`: apps to rotate in this run, whether due or not; set and empty in a plain rotation. */
  readonly rotate: string | undefined;
  /** Variables of the deployer's own secret or certificate: a provider takes them before a federated token. */
  readonly ownSignIn: readonly string[];
  /** Asked only where the tenant may have what this run is to make. */
  readonly directory: Directory;
}

/**
 * The whole stack: settings in, resources registered, identifiers out. Everything that can be refused is refused before
 * the first registration; only the stack's ID comes before it is asked whose the apps are.
 *
 * @throws {OperatorError} naming every fault of the settings.
 */
export async function deploy({ judged, now, rotate, ownSignIn, directory }: Run): Promise<Outputs> {
  if (judged.settings === undefined) throw faultsError(await withPermissionFaults(judged));
  const { settings } = judged;
  refuseGranterBesideSecret(settings, ownSignIn);
  const [target, graph, previousRun, recorded] = await Promise.all([
    readTarget(),
    readGraphPermissions(),
    readPreviousRun(),
    readRecorded(),
  ]);
  const { apps: previous } = previousRun;
  const ownVault = previousRun.vault ?? recordedVault(recorded);
  const { roles, faults } = resolvePermissions(settings, graph);
  if (faults.length > 0) throw faultsError(faults);
  refuseRemoved(settings, previousRun);
  refuseOtherClientIds(settings, previous);
  const asked = askedFor(rotate, settings);
  const { subscriptionId } = target;
  const [vaultTakeOver, powerPlatform] = await Promise.all([
    findVaultTakeOver(
      { settings: settings.vault, subscriptionId, ownVault, hasGroup: hasResourceGroup(recorded) },
      directory,
    ),
    findPowerPlatformAccess(settings.powerPlatform, directory),
  ]);
  if (vaultTakeOver !== undefined && "reason" in vaultTakeOver) throw faultsError([vaultTakeOver]);
  const remembered = await rememberedSecrets(settings, previous);
  const decide = (name: string, app: AppSettings): SecretDecision =>
    decideSecret(app.credential, remembered[name], settings.rotation, now, {
      asked: asked.get(name),
      mayLeave: rotate === undefined,
    });
  const making = Object.entries(settings.apps)
    .filter(([name, app]) => isNewSecret(decide(name, app), remembered[name]))
    .map(([name, { adopt }]) => ({
      name,
      applicationObjectId: previous[name]?.applicationObjectId ?? adopt,
    }));
  await refuseForbiddenSecrets(making, { settings, now, directory });
  await refuseForeignOwners(settings, target, making.length > 0, directory);

  adoptUnrecorded(recorded, target, directory);
  const mark = makeStackMark();
  const takeOvers = await findTakeOvers(
    { roles, previous, settings, directory },
    {
      graph,
      stackId: await valueIfKnown(mark.stackId),
      callerObjectId: target.callerObjectId,
      ownerObjectIds: ownersOf(settings, target).objectIds,
    },
  );

  // A renamed stack keeps what it has made under its former name.
  const namedAfter = stackNamedAfter(ownVault, pulumi.getStack());
  const vault = new SecretVault("vault", {
    tenantId: target.tenantId,
    subscriptionId,
    settings: settings.vault,
    nameSuffix: mark.nameSuffix,
    protect: settings.protect,
    namedAfter,
    ...(vaultTakeOver === undefined ? {} : { adoption: vaultTakeOver }),
  });
  const place = { resourceGroupName: vault.resourceGroupName, location: vault.location };
  if (settings.alerts.email !== undefined) {
    new ExpiryAlerts("expiry", {
      email: settings.alerts.email,
      ...place,
      vaultResourceId: vault.vaultResourceId,
      nameSuffix: mark.nameSuffix,
    });
  }
  const identities = makeIdentities(settings, place);
  const consent = granterOptions(settings.granter, target.tenantId);
  const apps: Record<string, Outputs> = {};
  for (const [name, app] of Object.entries(settings.apps)) {
    const decision = decide(name, app);
    const notice = retirementNotice(name, decision, remembered[name], settings.rotation);
    if (notice !== undefined) void pulumi.log.info(logText(notice));
    apps[name] = deployApp(name, app, {
      settings,
      target,
      graph,
      mark,
      grantsOf: async (principalObjectId) => {
        const grants = await directory.grantsOf(principalObjectId, graph.graphObjectId);
        const missing = grantsRemovedOutside(roles[name] ?? [], previous[name]?.permissions ?? [], grants);
        if (missing.length > 0) void pulumi.log.warn(removedGrantsNotice(name, missing, pulumi.getStack()));
        return grants;
      },
      recorded,
      vault,
      identities,
      consent,
      roles: roles[name] ?? [],
      takeOver: takeOvers[name] ?? nothingToTakeOver,
      powerPlatform,
      decision,
      now,
    });
  }
  const { everyDays, keepDays, graceDays } = settings.rotation;
  const { environmentId, agents, publisherPrefix, virtualAgentsServiceObjectId } = settings.powerPlatform;
  return {
    stackId: mark.stackId,
    tenantId: target.tenantId,
    vaultName: vault.vaultName,
    vaultUri: vault.vaultUri,
    vaultResourceId: vault.vaultResourceId,
    vaultNameFrom: vaultNameSource(settings.vault),
    namedAfter,
    rotation: { everyDays, keepDays, graceDays },
    powerPlatform: { environmentId, agents, publisherPrefix, virtualAgentsServiceObjectId },
    identities: Object.fromEntries(
      Object.entries(identities).map(([name, { clientId, principalId, resourceId }]) => [
        name,
        { clientId, principalId, resourceId },
      ]),
    ),
    ...(settings.granter.clientId === undefined ? {} : { granter: { clientId: settings.granter.clientId } }),
    apps,
  };
}

/** Faults of permission names join those of the settings where the tenant can be asked. */
async function withPermissionFaults(judged: {
  faults: readonly Fault[];
  asked: AskedPermissions;
}): Promise<Fault[]> {
  let graph: GraphPermissions;
  try {
    graph = await readGraphPermissions();
  } catch {
    // Without sign-in the settings' own faults must do; the next run tells the rest.
    return [...judged.faults];
  }
  const known = new Set(judged.faults.map(({ key }) => key));
  const { faults } = resolvePermissions(judged.asked, graph);
  return inRunnableOrder([...judged.faults, ...faults.filter(({ key }) => !known.has(key))]);
}

/**
 * Asks about the caller only where the owners leave it out and an app is to be changed.
 *
 * @throws {OperatorError} `OWNERS_WITHOUT_DEPLOYER`.
 */
async function refuseForeignOwners(
  { owners }: Settings,
  { callerObjectId }: Target,
  changesApps: boolean,
  directory: Directory,
): Promise<void> {
  const isLeftOut =
    owners.length > 0 && !owners.some((one) => one.toLowerCase() === callerObjectId.toLowerCase());
  if (!isLeftOut || !changesApps) return;
  const caller = await directory.caller();
  const fault = caller === undefined ? undefined : ownershipFault(owners, caller);
  if (fault !== undefined) throw faultsError([fault]);
}

/**
 * Asks, where the deployer may, whether the tenant lets the apps that get a new client secret have it.
 *
 * @throws {OperatorError} with the policy's limit, the lifetime asked for and the setting to change.
 */
async function refuseForbiddenSecrets(
  making: readonly { name: string; applicationObjectId: string | undefined }[],
  { settings, now, directory }: { settings: Settings; now: Date; directory: Directory },
): Promise<void> {
  const faults = await Promise.all(
    making.map(async ({ name, applicationObjectId }) => {
      const policies = await directory.secretPolicies(applicationObjectId);
      if (policies === undefined) return [];
      const { tenantPolicy, ownPolicy, createdAt = now } = policies;
      const { rotation } = settings;
      return secretPolicyFault({ app: name, tenantPolicy, ownPolicy, createdAt, rotation }) ?? [];
    }),
  );
  // Apps under the tenant's policy share the one fault of the settings that they share.
  const distinct = new Map(faults.flat().map((fault) => [`${fault.key} ${fault.reason}`, fault]));
  if (distinct.size > 0) throw faultsError([...distinct.values()]);
}

async function findTakeOvers(
  context: {
    settings: Settings;
    roles: Readonly<Record<string, readonly AppRole[]>>;
    previous: Readonly<Record<string, PreviousApp>>;
    directory: Directory;
  },
  stack: Omit<TakeOverQuestion, "name" | "app" | "roles" | "previous">,
): Promise<Readonly<Record<string, TakeOver>>> {
  const { settings, roles, previous, directory } = context;
  const found = await Promise.all(
    Object.entries(settings.apps).map(async ([name, app]) => {
      const question = { ...stack, name, app, roles: roles[name] ?? [], previous: previous[name] };
      return [name, await findTakeOver(question, directory)] as const;
    }),
  );
  const faults = found.flatMap(([, result]) => ("reason" in result ? [result] : []));
  if (faults.length > 0) throw faultsError(faults);
  return Object.fromEntries(found.flatMap(([name, result]) => ("reason" in result ? [] : [[name, result]])));
}

async function rememberedSecrets(
  settings: Settings,
  previous: Readonly<Record<string, PreviousApp>>,
): Promise<Readonly<Record<string, RememberedSecret>>> {
  const known = Object.keys(settings.apps).flatMap((name) => {
    const secret = previous[name]?.secret;
    return secret === undefined
      ? []
      : [readCurrentSecret(secret).then((remembered) => [name, remembered] as const)];
  });
  return Object.fromEntries(await Promise.all(known));
}

/**
 * An app that left the settings would lose its vault secret and its consent before its protection stopped the run; an
 * identity, who is trusted to be it.
 *
 * @throws {OperatorError} `APP_PROTECTED`.
 */
function refuseRemoved(settings: Settings, previous: PreviousRun): void {
  const removed = [
    ...Object.keys(previous.apps).filter((name) => !(name in settings.apps)),
    ...previous.identities.filter((name) => !(name in settings.identities)),
  ];
  if (removed.length === 0 || !settings.protect) return;
  throw new OperatorError(
    "APP_PROTECTED",
    `The settings no longer name ${removed.join(", ")}, which this stack has deployed and protects; nothing was changed. ` +
      `Put ${removed.length === 1 ? "it" : "them"} back (a renamed key is a new app or identity), or lift the protection to ` +
      "delete what belongs to it: pulumi config set copilot-token:protect false, pulumi up, then remove it.",
  );
}

/**
 * The granter would show the deployer's secret or certificate.
 *
 * @throws {OperatorError} `GRANTER_BESIDE_SECRET`.
 */
function refuseGranterBesideSecret({ granter: { clientId } }: Settings, ownSignIn: readonly string[]): void {
  const [variable] = ownSignIn;
  if (clientId === undefined || variable === undefined) return;
  throw new OperatorError(
    "GRANTER_BESIDE_SECRET",
    `copilot-token:granter.clientId is ${clientId}, and ${variable} is set: the granter would be signed in by the ` +
      "deployer's, which Entra refuses; nothing was changed. Let both sign in by federation (ARM_USE_OIDC, without " +
      `${ownSignIn.join(", ")}), or take the granter out: pulumi config rm --path 'copilot-token:granter'`,
  );
}

/**
 * An app registration and a managed identity have client IDs of their own: one in place of the other would cut off
 * every consumer at once.
 *
 * @throws {OperatorError} `CREDENTIAL_FIXED`.
 */
function refuseOtherClientIds(settings: Settings, previous: Readonly<Record<string, PreviousApp>>): void {
  const isIdentity = (kind: CredentialKind): boolean => kind === "managedIdentity";
  const moved = Object.entries(settings.apps).filter(([name, { credential }]) => {
    const before = previous[name]?.signIn;
    return before !== undefined && isIdentity(before) !== isIdentity(credential);
  });
  if (moved.length === 0) return;
  const names = moved.map(([name]) => name).join(", ");
  throw new OperatorError(
    "CREDENTIAL_FIXED",
    `copilot-token:apps: ${names} would become ${moved.some(([, app]) => isIdentity(app.credential)) ? "a managed identity" : "an app registration"}, ` +
      "with another client ID, and every consumer would be cut off at once; nothing was changed. Add it under a new key, " +
      "move the consumers over, then take the old key out.",
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
