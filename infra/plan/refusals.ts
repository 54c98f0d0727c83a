import { cloudOf } from "../../core/outputs/stackOutputs";
import type { Cloud } from "../../core/cloud/clouds";
import { ownershipFault } from "../../core/access/ownership";
import { faultsError, OperatorError, type Fault } from "../../core/errors";
import { commandFix, fixLine, onStack } from "../../core/fix";
import type { AppOutputs, StackOutputs } from "../../core/outputs/stackOutputs";
import { apisToLookUp, resolveApis, type TenantApis } from "../../core/permissions/apiRoles";
import { resolvePermissions, type GraphPermissions } from "../../core/permissions/permissions";
import { secretPolicyFault } from "../../core/secrets/secretPolicy";
import type { CredentialKind, PublishedKind } from "../../core/settings/credentialKind";
import type { AskedPermissions, Settings } from "../../core/settings/settings";
import { inRunnableOrder, removeCommand } from "../../core/settings/settingsFaults";
import type { Directory } from "./directory";
import { readGraphPermissions, type Target } from "./tenant";

// What a run refuses before it registers anything, beyond errors in the settings.

/** Faults of permission names join those of the settings where the tenant can be asked. */
export async function withPermissionFaults(
  judged: { faults: readonly Fault[]; asked: AskedPermissions },
  cloud: Cloud,
  directory: Directory,
): Promise<Fault[]> {
  // The tenant is not asked in a cloud that may be the wrong one.
  if (judged.faults.some(({ code }) => code === "CLOUD_UNSUPPORTED" || code === "CLOUD_DIFFERS")) {
    return [...judged.faults];
  }
  let graph: GraphPermissions;
  let apis: TenantApis;
  try {
    graph = await readGraphPermissions();
    apis = await directory.apis(apisToLookUp(judged.asked));
  } catch {
    // Without sign-in the settings' own faults must do; the next run tells the rest.
    return [...judged.faults];
  }
  const known = new Set(judged.faults.map(({ key }) => key));
  const faults = [
    ...resolvePermissions(judged.asked, graph).faults,
    ...resolveApis(cloud, judged.asked, apis).faults,
  ];
  return inRunnableOrder([...judged.faults, ...faults.filter(({ key }) => !known.has(key))]);
}

/**
 * Asks about the caller only where the owners leave it out and an app is to be changed.
 *
 * @throws {OperatorError} `OWNERS_WITHOUT_DEPLOYER`.
 */
export async function refuseForeignOwners(
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
 * Asks, where the deployer may, whether the tenant lets the apps that get a new client secret or certificate have it.
 *
 * @throws {OperatorError} with the policy's limit, the lifetime asked for and the setting to change.
 */
export async function refuseForbiddenCredentials(
  making: readonly { kind: PublishedKind; name: string; applicationObjectId: string | undefined }[],
  { settings, now, directory }: { settings: Settings; now: Date; directory: Directory },
): Promise<void> {
  const faults = await Promise.all(
    making.map(async ({ kind, name, applicationObjectId }) => {
      const policies = await directory.secretPolicies(applicationObjectId);
      if (policies === undefined) return [];
      const { tenantPolicy, ownPolicy, createdAt = now } = policies;
      const { rotation } = settings;
      return secretPolicyFault({ kind, app: name, tenantPolicy, ownPolicy, createdAt, rotation }) ?? [];
    }),
  );
  // Apps under the tenant's policy share the one fault of the settings that they share.
  const distinct = new Map(faults.flat().map((fault) => [`${fault.key} ${fault.reason}`, fault]));
  if (distinct.size > 0) throw faultsError([...distinct.values()]);
}

/**
 * An app that left the settings would lose its vault secret and its consent before its protection stopped the run; an
 * identity, who is trusted to be it.
 *
 * @throws {OperatorError} `APP_PROTECTED`.
 */
export function refuseRemoved(settings: Settings, previous: StackOutputs): void {
  const removed = [
    ...Object.keys(previous.apps).filter((name) => !Object.hasOwn(settings.apps, name)),
    ...Object.keys(previous.identities).filter((name) => !Object.hasOwn(settings.identities, name)),
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
export function refuseGranterBesideSecret(
  { granter: { clientId } }: Settings,
  ownSignIn: readonly string[],
  stack: string,
): void {
  const [variable] = ownSignIn;
  if (clientId === undefined || variable === undefined) return;
  throw new OperatorError(
    "GRANTER_BESIDE_SECRET",
    `copilot-token:granter.clientId is ${clientId}, and ${variable} is set: the granter would be signed in by the ` +
      "deployer's, which Entra refuses; nothing was changed. Let both sign in by federation (ARM_USE_OIDC, without " +
      `${ownSignIn.join(", ")}). ${fixLine(commandFix("granter.remove", "Or take the granter out", onStack(removeCommand(["granter"]), stack)))}`,
  );
}

/**
 * An app registration and a managed identity have different client IDs. A change from one to the other would cut off every
 * consumer at once.
 *
 * @throws {OperatorError} `CREDENTIAL_FIXED`.
 */
export function refuseOtherClientIds(
  settings: Settings,
  previous: Readonly<Record<string, AppOutputs>>,
): void {
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

/**
 * A stack does not move to another cloud: nothing of it is there.
 *
 * @throws {OperatorError} `CLOUD_DIFFERS`.
 */
export function refuseOtherCloudThan(previous: StackOutputs, cloud: Cloud): void {
  const before = cloudOf(previous);
  if (before === cloud) return;
  throw new OperatorError(
    "CLOUD_DIFFERS",
    `This stack is in ${before.title}, and settings or variables choose ${cloud.title}; nothing was changed. Correct them, ` +
      "or make a stack of its own for the other cloud.",
  );
}
