import * as pulumi from "@pulumi/pulumi";
import { AdminConsent } from "./adminConsent";
import { AppFederation, type AppCredential } from "./appFederation";
import { AppRegistration, type Owners } from "./appRegistration";
import { ClientSecret } from "./clientSecret";
import type { ExistingGrant } from "../../core/permissions/existingApps";
import { exchangeAudience } from "../../core/access/assertionSource";
import {
  logicAppDisplayName,
  logicAppRequests,
  type LogicAppSettings,
} from "../../core/settings/logicAppSettings";
import type { AppRole, GraphPermissions } from "../../core/permissions/permissions";
import type { SecretDecision } from "../../core/secrets/retirement";
import { secretEndDate } from "../../core/secrets/rotation";
import type { AppSettings, Reader, Settings } from "../../core/settings/settings";
import { federatedCredentialOf, identityIssuer, trustName, type Trust } from "../../core/access/trust";
import { LogicApp } from "./logicApp";
import { LogicAppAudience, logicAppAudienceResource } from "./logicAppAudience";
import type { ManagedIdentity } from "./managedIdentity";
import type { PowerPlatformAccess } from "../plan/powerPlatform";
import { grantSecretReaders } from "./secretReaders";
import type { SecretVault } from "./secretVault";
import type { StackMark } from "../stackId";
import type { TakeOver } from "../plan/takeOver";
import { graphClientId, type Recorded, type Target } from "../plan/tenant";

export type Outputs = Record<string, pulumi.Input<unknown>>;

/** What an app shares with its stack, and what was decided for it. */
export interface AppContext {
  readonly settings: Settings;
  readonly target: Target;
  readonly graph: GraphPermissions;
  readonly mark: StackMark;
  /** What a service principal holds of Microsoft Graph. */
  readonly grantsOf: (principalObjectId: string) => Promise<readonly ExistingGrant[]>;
  readonly recorded: Recorded;
  readonly vault: SecretVault;
  readonly identities: Readonly<Record<string, ManagedIdentity>>;
  /** Options of the component that gives admin consent: who gives it. */
  readonly consent: pulumi.ComponentResourceOptions;
  readonly roles: readonly AppRole[];
  readonly takeOver: TakeOver;
  readonly powerPlatform: PowerPlatformAccess;
  readonly decision: SecretDecision;
  readonly now: Date;
}

/** Registers everything that one app consists of. */
export function deployApp(name: string, app: AppSettings, context: AppContext): Outputs {
  return app.credential === "managedIdentity"
    ? deployIdentity(name, app, context)
    : deployRegistration(name, app, context);
}

/** A managed identity in place of an app registration: it holds the permissions itself. */
function deployIdentity(name: string, app: AppSettings, context: AppContext): Outputs {
  const key = app.identity ?? "";
  const identity = identityNamed(key, context);
  const { granted } = consentTo(name, identity.principalId, context);
  const { logicApp } = app;
  return {
    displayName: key,
    clientId: identity.clientId,
    servicePrincipalObjectId: identity.principalId,
    permissions: granted,
    signIn: app.credential,
    identityResourceId: identity.resourceId,
    federated: [...identity.federated],
    ...(logicApp === undefined ? {} : { logicApp: deployLogicApp(name, logicApp, identity, app, context) }),
  };
}

/** For an agent, which has no identity of its own: a Logic App that asks Microsoft Graph as the app's. */
function deployLogicApp(
  name: string,
  logicApp: LogicAppSettings,
  identity: ManagedIdentity,
  { permissions }: AppSettings,
  { settings, target: { tenantId }, vault, target, mark }: AppContext,
): Outputs {
  const { callers, users, allowedIpRanges } = logicApp;
  const requests = logicAppRequests(logicApp, permissions);
  const audience = new LogicAppAudience(name, {
    displayName: logicAppDisplayName(name),
    tenantId,
    callers,
    owners: ownersOf(settings, target),
    tags: mark.tagsOf(logicAppAudienceResource(name)),
    protect: settings.protect,
  });
  const workflow = new LogicApp(name, {
    callers,
    users,
    allowedIpRanges,
    requests,
    resourceGroupName: vault.resourceGroupName,
    location: vault.location,
    tenantId,
    identityResourceId: identity.resourceId,
    audienceClientId: audience.clientId,
  });
  return {
    resourceId: workflow.resourceId,
    endpoint: workflow.endpoint,
    audience: audience.resourceUri,
    requests,
    access: { audienceClientId: audience.clientId, callers, users, allowedIpRanges },
  };
}

function deployRegistration(name: string, app: AppSettings, context: AppContext): Outputs {
  const { settings, target, roles, takeOver, mark } = context;
  const displayName = app.displayName ?? name;
  const registration = new AppRegistration(name, {
    displayName,
    graphClientId,
    roles,
    owners: ownersOf(settings, target),
    protect: settings.protect,
    tags: {
      application: mark.tagsOf(name, takeOver.tags.application),
      servicePrincipal: mark.tagsOf(name, takeOver.tags.servicePrincipal),
    },
    ...(takeOver.adoption === undefined ? {} : { adoption: takeOver.adoption }),
  });
  const { granted } = consentTo(name, registration.servicePrincipalObjectId, context);
  const federated = app.federated.map((trust) => credentialFor(trust, context));
  if (federated.length > 0) {
    new AppFederation(name, { applicationId: registration.applicationId, credentials: federated });
  }
  return {
    displayName,
    clientId: registration.clientId,
    applicationObjectId: registration.applicationObjectId,
    servicePrincipalObjectId: registration.servicePrincipalObjectId,
    permissions: granted,
    owners: registration.owners,
    signIn: app.credential,
    federated,
    ...deploySecret(name, app, registration, context),
  };
}

/** The client secret as it was decided; what it tells, for the outputs. */
function deploySecret(
  name: string,
  app: AppSettings,
  registration: AppRegistration,
  { settings, target, mark, vault, powerPlatform, decision, now }: AppContext,
): Outputs {
  if (decision.kind === "none") {
    return decision.lastSequence === undefined ? {} : { lastSequence: decision.lastSequence };
  }
  const { sequence, cause } = decision;
  const secret = new ClientSecret(name, {
    sequence,
    cause,
    endDate: secretEndDate(now, settings.rotation),
    rotation: settings.rotation,
    proof: settings.rotation.proof,
    consumerTags: powerPlatform.tags,
    stackId: mark.stackId,
    tenantId: target.tenantId,
    clientId: registration.clientId,
    servicePrincipal: registration.servicePrincipal,
    applicationId: registration.applicationId,
    vaultName: vault.vaultName,
    resourceGroupName: vault.vaultGroupName,
  });
  grantSecretReaders(
    name,
    {
      scope: secret.secretResourceId,
      subscriptionId: target.subscriptionId,
      readers: eachOnce([...app.readers, ...powerPlatform.readers]),
    },
    secret,
  );
  return {
    secretName: secret.secretName,
    secretResourceId: secret.secretResourceId,
    credential: {
      sequence,
      cause,
      keyId: secret.keyId,
      startsAt: secret.startsAt,
      endsAt: secret.endsAt,
      nextRotationAt: secret.nextRotationAt,
      ...(decision.kind === "retiring" ? { retiredSince: decision.retiredSince.toISOString() } : {}),
    },
  };
}

function consentTo(
  name: string,
  principalObjectId: pulumi.Input<string>,
  { graph, roles, grantsOf, recorded, consent }: AppContext,
): AdminConsent {
  return new AdminConsent(
    name,
    {
      principalObjectId,
      graphObjectId: graph.graphObjectId,
      roles,
      grantsOf,
      recorded,
    },
    consent,
  );
}

type TrustedIdentity = AppCredential & { readonly identityClientId?: pulumi.Input<string> };

function credentialFor(trust: Trust, context: AppContext): TrustedIdentity {
  const name = trustName(trust);
  if (trust.kind !== "identity") return { name, ...federatedCredentialOf(trust) };
  const { principalId, clientId } = identityNamed(trust.identity, context);
  return {
    name,
    issuer: identityIssuer(context.target.tenantId),
    subject: principalId,
    audience: exchangeAudience,
    identityClientId: clientId,
  };
}

function identityNamed(key: string, { identities }: AppContext): ManagedIdentity {
  const identity = identities[key];
  // The settings were judged: whoever is named there is among them.
  if (identity === undefined) throw new Error(`There is no identity "${key}".`);
  return identity;
}

/** Who owns the stack's applications and service principals. */
export function ownersOf(settings: Settings, target: Target): Owners {
  return settings.owners.length > 0
    ? { objectIds: settings.owners, managed: true }
    : { objectIds: [target.callerObjectId], managed: false };
}

/** Azure refuses a second assignment of the same role to the same identity. */
function eachOnce(readers: readonly Reader[]): Reader[] {
  return [...new Map(readers.map((reader) => [reader.id.toLowerCase(), reader])).values()];
}
