import type * as pulumi from "@pulumi/pulumi";
import { AdminConsent } from "./adminConsent";
import { AppRegistration, type Owners } from "./appRegistration";
import { ClientSecret } from "./clientSecret";
import type { AppRole, GraphPermissions } from "./core/permissions";
import { secretEndDate, type CredentialDecision } from "./core/rotation";
import type { AppSettings, Reader, Settings } from "./core/settings";
import type { PowerPlatformAccess } from "./powerPlatform";
import { grantSecretReaders } from "./secretReaders";
import type { SecretVault } from "./secretVault";
import type { TakeOver } from "./takeOver";
import { graphClientId, type Target } from "./tenant";

export type Outputs = Record<string, pulumi.Input<unknown>>;

/** What an app shares with its stack, and what was decided for it. */
export interface AppContext {
  readonly settings: Settings;
  readonly target: Target;
  readonly graph: GraphPermissions;
  readonly vault: SecretVault;
  readonly roles: readonly AppRole[];
  readonly takeOver: TakeOver;
  readonly powerPlatform: PowerPlatformAccess;
  readonly decision: CredentialDecision;
  readonly now: Date;
}

/** Registers everything that one app consists of. */
export function deployApp(name: string, app: AppSettings, context: AppContext): Outputs {
  const { settings, target, vault, roles, takeOver } = context;
  const displayName = app.displayName ?? name;
  const registration = new AppRegistration(name, {
    displayName,
    graphClientId,
    roles,
    owners: ownersOf(settings, target),
    protect: settings.protect,
    ...(takeOver.adoption === undefined ? {} : { adoption: takeOver.adoption }),
  });
  new AdminConsent(name, {
    principalObjectId: registration.servicePrincipalObjectId,
    graphObjectId: context.graph.graphObjectId,
    roles,
    existingGrantIds: takeOver.existingGrantIds,
  });
  const secret = new ClientSecret(name, {
    ...context.decision,
    endDate: secretEndDate(context.now, settings.rotation),
    rotation: settings.rotation,
    proof: settings.rotation.proof,
    consumerTags: context.powerPlatform.tags,
    tenantId: target.tenantId,
    clientId: registration.clientId,
    servicePrincipal: registration.servicePrincipal,
    applicationId: registration.applicationId,
    vaultName: vault.vaultName,
    resourceGroupName: vault.resourceGroupName,
  });
  grantSecretReaders(
    name,
    {
      scope: secret.secretResourceId,
      subscriptionId: target.subscriptionId,
      readers: eachOnce([...app.readers, ...context.powerPlatform.readers]),
    },
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

function ownersOf(settings: Settings, target: Target): Owners {
  return settings.owners.length > 0
    ? { objectIds: settings.owners, managed: true }
    : { objectIds: [target.callerObjectId], managed: false };
}

/** Azure refuses a second assignment of the same role to the same identity. */
function eachOnce(readers: readonly Reader[]): Reader[] {
  return [...new Map(readers.map((reader) => [reader.id.toLowerCase(), reader])).values()];
}
