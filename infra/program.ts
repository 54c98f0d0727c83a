import type * as pulumi from "@pulumi/pulumi";
import { AdminConsent } from "./adminConsent";
import { AppRegistration, type Owners } from "./appRegistration";
import { ClientSecret } from "./clientSecret";
import { faultsError, OperatorError, type Fault } from "./core/errors";
import { resolvePermissions, type AppRole, type GraphPermissions } from "./core/permissions";
import type { PreviousApp } from "./core/previousApps";
import {
  decideCredential,
  readRotationRequest,
  secretEndDate,
  type CredentialDecision,
  type CurrentCredential,
  type RotationRequest,
} from "./core/rotation";
import type { AppSettings, AskedPermissions, JudgedSettings, Settings } from "./core/settings";
import { ExpiryAlerts } from "./expiryAlerts";
import { grantSecretReaders } from "./secretReaders";
import { SecretVault } from "./secretVault";
import {
  graphClientId,
  readCurrentCredential,
  readGraphPermissions,
  readPreviousRun,
  readTarget,
  type Target,
} from "./tenant";

/** What a run is given from outside. */
export interface Run {
  readonly judged: JudgedSettings;
  readonly now: Date;
  /** `COPILOT_TOKEN_ROTATE`: apps to rotate in this run, whether due or not. */
  readonly rotate: string | undefined;
}

type Outputs = Record<string, pulumi.Input<unknown>>;

/**
 * The whole stack: settings in, resources registered, identifiers out. Everything that can be refused is
 * refused before the first registration.
 *
 * @throws {OperatorError} naming every fault of the settings.
 */
export async function deploy({ judged, now, rotate }: Run): Promise<Outputs> {
  if (judged.settings === undefined) throw faultsError(await withPermissionFaults(judged));
  const { settings } = judged;
  const [target, graph, previous] = await Promise.all([
    readTarget(),
    readGraphPermissions(),
    readPreviousRun(),
  ]);
  const { roles, faults } = resolvePermissions(settings, graph);
  if (faults.length > 0) throw faultsError(faults);
  const asked = askedFor(rotate, settings);
  const current = await currentCredentials(settings, previous);

  const vault = new SecretVault("vault", {
    tenantId: target.tenantId,
    subscriptionId: target.subscriptionId,
    settings: settings.vault,
    protect: settings.protect,
  });
  if (settings.alerts.email !== undefined) {
    const { resourceGroupName, location, vaultResourceId } = vault;
    new ExpiryAlerts("expiry", {
      email: settings.alerts.email,
      resourceGroupName,
      location,
      vaultResourceId,
    });
  }
  const apps: Record<string, Outputs> = {};
  for (const [name, app] of Object.entries(settings.apps)) {
    apps[name] = deployApp(name, app, {
      settings,
      target,
      graph,
      vault,
      roles: roles[name] ?? [],
      decision: decideCredential(current[name], settings.rotation, now, asked.get(name)),
      now,
    });
  }
  const { everyDays, keepDays, graceDays } = settings.rotation;
  return {
    tenantId: target.tenantId,
    vaultName: vault.vaultName,
    vaultUri: vault.vaultUri,
    rotation: { everyDays, keepDays, graceDays },
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
  return [...judged.faults, ...faults.filter(({ key }) => !known.has(key))];
}

interface AppContext {
  readonly settings: Settings;
  readonly target: Target;
  readonly graph: GraphPermissions;
  readonly vault: SecretVault;
  readonly roles: readonly AppRole[];
  readonly decision: CredentialDecision;
  readonly now: Date;
}

function deployApp(name: string, app: AppSettings, context: AppContext): Outputs {
  const { settings, target, vault, roles } = context;
  const displayName = app.displayName ?? name;
  const registration = new AppRegistration(name, {
    displayName,
    graphClientId,
    roles,
    owners: ownersOf(settings, target),
    protect: settings.protect,
  });
  new AdminConsent(name, {
    principalObjectId: registration.servicePrincipalObjectId,
    graphObjectId: context.graph.graphObjectId,
    roles,
  });
  // The password waits for the service principal: without one, Entra refuses to prove it.
  const secret = new ClientSecret(
    name,
    {
      ...context.decision,
      endDate: secretEndDate(context.now, settings.rotation),
      rotation: settings.rotation,
      proof: settings.rotation.proof,
      tenantId: target.tenantId,
      clientId: registration.clientId,
      applicationId: registration.applicationId,
      vaultName: vault.vaultName,
      resourceGroupName: vault.resourceGroupName,
    },
    { dependsOn: [registration] },
  );
  grantSecretReaders(
    name,
    { scope: secret.secretResourceId, subscriptionId: target.subscriptionId, readers: app.readers },
    secret,
  );
  return {
    displayName,
    clientId: registration.clientId,
    applicationObjectId: registration.applicationObjectId,
    servicePrincipalObjectId: registration.servicePrincipalObjectId,
    permissions: app.permissions,
    owners: registration.owners,
    secretName: secret.secretName,
    secretResourceId: secret.secretResourceId,
    credential: {
      ...context.decision,
      keyId: secret.keyId,
      startsAt: secret.startsAt,
      endsAt: secret.endsAt,
      nextRotationAt: secret.nextRotationAt,
    },
  };
}

async function currentCredentials(
  settings: Settings,
  previous: Readonly<Record<string, PreviousApp>>,
): Promise<Readonly<Record<string, CurrentCredential>>> {
  const known = Object.keys(settings.apps).flatMap((name) => {
    const app = previous[name];
    return app === undefined
      ? []
      : [readCurrentCredential(app).then((credential) => [name, credential] as const)];
  });
  return Object.fromEntries(await Promise.all(known));
}

function ownersOf(settings: Settings, target: Target): Owners {
  return settings.owners.length > 0
    ? { objectIds: settings.owners, managed: true }
    : { objectIds: [target.callerObjectId], managed: false };
}

function askedFor(rotate: string | undefined, settings: Settings): RotationRequest["asked"] {
  const { asked, unknown } = readRotationRequest(rotate, Object.keys(settings.apps));
  if (unknown.length > 0) {
    throw new OperatorError(
      "ROTATE_UNKNOWN_APP",
      `COPILOT_TOKEN_ROTATE names ${unknown.map((name) => JSON.stringify(name)).join(", ")}, and the stack's apps are ` +
        `${Object.keys(settings.apps).join(", ")}. Nothing was changed; name one of these, several with commas, or "all"; ":leaked" after a name is for a leaked secret.`,
    );
  }
  return asked;
}
