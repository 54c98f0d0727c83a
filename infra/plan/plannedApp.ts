import type * as pulumi from "@pulumi/pulumi";
import { federatedCredentialOf, identityIssuer, trustName, type Trust } from "../../core/access/trust";
import type { Cloud, CloudName } from "../../core/cloud/clouds";
import type { AppOutputs, StackOutputs } from "../../core/outputs/stackOutputs";
import type { PermissionScope } from "../../core/permissions/delegatedPermissions";
import type { SecretDecision } from "../../core/secrets/retirement";
import type { Reader, RegisteredAppSettings } from "../../core/settings/settings";
import { tokenServiceRedirects } from "../../core/access/redirectUris";
import { vaultNameSource } from "../../core/vault/vaultKept";
import type { AppCredential } from "../components/appFederation";
import { connectorApplicationUri, teamsApplicationUri, userScopeName } from "../components/appRegistration";
import type { AppParts, GraphAppUsers, PlannedAppArgs } from "../components/graphApp";
import type { ManagedIdentity } from "../components/managedIdentity";
import type { StackMark } from "../stackId";
import type { AppAdoption } from "./appAdoption";
import type { AppPlan, StackPlan } from "./stackPlan";
import { graphClientId } from "./tenant";

/** Outputs as the program returns them: any part may be an output of a resource. */
type Published<T> = pulumi.Input<T extends object ? { [K in keyof T]: Published<T[K]> } : T>;

/** What the program returns, checked against the schema that every reader uses. */
export type PublishedOutputs = { [K in keyof StackOutputs]: Published<StackOutputs[K]> };
export type PublishedApp = { [K in keyof AppOutputs]: Published<AppOutputs[K]> };

/** What the apps of a stack share. */
export interface StackParts {
  readonly plan: StackPlan;
  readonly mark: StackMark;
  readonly vault: Readonly<Record<"vaultName" | "vaultUri" | "vaultResourceId", pulumi.Input<string>>>;
  readonly identities: Readonly<Record<string, ManagedIdentity>>;
}

/** What is worked out for one app registration before it is registered. */
export interface PlannedRegistration {
  readonly args: PlannedAppArgs;
  /** What the stack publishes of it. */
  readonly publish: (parts: AppParts) => PublishedApp;
}

/** What a stack publishes, with the apps given. */
export function publishedStack(
  { plan, mark, vault, identities }: StackParts,
  apps: Readonly<Record<string, PublishedApp>>,
): PublishedOutputs {
  const { settings, target, namedAfter } = plan;
  const { everyDays, keepDays, graceDays } = settings.rotation;
  const { environmentId, agents, publisherPrefix, virtualAgentsServiceObjectId } = settings.powerPlatform;
  return {
    stackId: mark.stackId,
    tenantId: target.tenantId,
    ...elsewhere(plan.cloud),
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

/** Left out in the public cloud, so that stacks of earlier releases do not change. */
export function elsewhere({ name }: Cloud): { cloud?: CloudName } {
  return name === "public" ? {} : { cloud: name };
}

/** Works out the arguments of an app registration's component, and what the stack publishes of it. */
export function plannedApp(
  { name, roles, secret, certificate, scopes, apis, previous }: AppPlan,
  settings: RegisteredAppSettings,
  { adoption, tags }: AppAdoption,
  { plan, mark, vault, identities }: StackParts,
): PlannedRegistration {
  const { target, owners, powerPlatform } = plan;
  const graph = { clientId: graphClientId, objectId: plan.graph.graphObjectId, roles };
  const { protect, rotation } = plan.settings;
  const displayName = settings.displayName ?? name;
  const federated = [
    ...settings.federated.map((trust) => credentialFor(plan.cloud, trust, target.tenantId, identities)),
    ...signInCredentials(plan.cloud, settings),
  ];
  const users = usersOf(plan.cloud, name, settings, scopes, target.tenantId);
  const publication = (decision: Exclude<SecretDecision, { kind: "none" }>) => ({
    sequence: decision.sequence,
    cause: decision.cause,
    ...(decision.kind === "retiring" ? { retiredSince: decision.retiredSince.toISOString() } : {}),
    rotation,
    verification: rotation.verification,
    vaultResourceId: vault.vaultResourceId,
    subscriptionId: target.subscriptionId,
  });
  const args: PlannedAppArgs = {
    ...elsewhere(plan.cloud),
    displayName,
    tenantId: target.tenantId,
    graph,
    apis,
    ...(settings.sites === undefined ? {} : { sites: settings.sites }),
    owners,
    protect,
    stackId: mark.stackId,
    tags: {
      application: mark.tagsOf(name, tags.application),
      servicePrincipal: mark.tagsOf(name, tags.servicePrincipal),
    },
    federated,
    ...(adoption === undefined ? {} : { adoption }),
    ...(users === undefined ? {} : { users }),
    ...(secret.kind === "none"
      ? {}
      : {
          secret: {
            ...publication(secret),
            consumerTags: powerPlatform.tags,
            readers: eachOnce([...settings.readers, ...powerPlatform.readers]),
          },
        }),
    ...(certificate.kind === "none"
      ? {}
      : {
          certificate: {
            ...publication(certificate),
            // Power Platform reads no certificate from a vault.
            consumerTags: {},
            readers: eachOnce(settings.readers),
            // A certificate on its way out stays as it is.
            key: settings.certificate ?? {
              keySize: 2048,
              exportable: previous?.certificate?.exportable === true,
              format: "pfx",
            },
          },
        }),
  };
  const publish = (app: AppParts): PublishedApp => ({
    displayName,
    clientId: app.clientId,
    applicationObjectId: app.applicationObjectId,
    servicePrincipalObjectId: app.servicePrincipalObjectId,
    permissions: app.permissions,
    ...publishedApis(app),
    ...(app.delegated === undefined || users === undefined
      ? {}
      : { delegated: app.delegated, userSignIn: publishedUsers(users, settings.userSignIn?.teamsAppId) }),
    owners: app.owners,
    signIn: settings.credential,
    federated,
    ...app.secret,
    ...lastSequence(secret),
    ...(app.certificate === undefined ? {} : { certificate: app.certificate }),
    ...(certificate.kind === "none" && certificate.lastSequence !== undefined
      ? { lastCertificate: certificate.lastSequence }
      : {}),
  });
  return { args, publish };
}

/** The number of the last credential of its kind that the app had, so that no number comes twice. */
function lastSequence(decision: SecretDecision): { lastSequence?: number } {
  return decision.kind === "none" && decision.lastSequence !== undefined
    ? { lastSequence: decision.lastSequence }
    : {};
}

export function publishedApis({
  apis,
  sites,
}: Pick<AppParts, "apis" | "sites">): Pick<PublishedApp, "apis" | "sites"> {
  return {
    ...(apis.length === 0 ? {} : { apis }),
    ...(sites.length === 0 ? {} : { sites }),
  };
}

/** Federated credentials of what signs in as the app for its users. */
function signInCredentials(
  { exchangeAudience }: Cloud,
  { agentSignIn, connectorSignIn }: RegisteredAppSettings,
) {
  return Object.entries({ "agent-sign-in": agentSignIn, "connector-sign-in": connectorSignIn }).flatMap(
    ([name, given]) =>
      given === undefined
        ? []
        : [{ name, issuer: given.issuer, subject: given.subject, audience: exchangeAudience }],
  );
}

/** How users sign in to an app; undefined for one that acts as itself. */
function usersOf(
  cloud: Cloud,
  name: string,
  { delegated, userSignIn, connectorSignIn }: RegisteredAppSettings,
  scopes: PermissionScope[],
  tenantId: string,
): GraphAppUsers | undefined {
  if (delegated === undefined || userSignIn === undefined) return undefined;
  const { regions, redirectUris, users, assignedTo, teamsAppId } = userSignIn;
  const ofTokenService = tokenServiceRedirects(cloud, regions);
  const ofConnector = connectorSignIn === undefined ? [] : [connectorSignIn.redirectUri];
  return {
    scopes,
    redirectUris: [...new Set([...ofTokenService, ...redirectUris, ...ofConnector])],
    consentFor: users,
    assignedTo,
    assignmentRequired: assignedTo.length > 0,
    identifierUris: [
      ...(teamsAppId === undefined ? [] : [teamsApplicationUri(teamsAppId)]),
      ...(connectorSignIn === undefined ? [] : [connectorApplicationUri(tenantId, name)]),
    ],
    clients: [
      ...(teamsAppId === undefined ? [] : (["teams-desktop", "teams-web"] as const)),
      ...(connectorSignIn === undefined ? [] : (["connector"] as const)),
    ],
  };
}

function publishedUsers(
  { redirectUris, consentFor, assignedTo }: GraphAppUsers,
  teamsAppId: string | undefined,
) {
  return {
    redirectUris,
    users: consentFor,
    assignedTo,
    ...(teamsAppId === undefined
      ? {}
      : { tokenExchangeUrl: `${teamsApplicationUri(teamsAppId)}/${userScopeName}` }),
  };
}

type TrustedIdentity = AppCredential & { readonly identityClientId?: pulumi.Input<string> };

function credentialFor(
  cloud: Cloud,
  trust: Trust,
  tenantId: string,
  identities: Readonly<Record<string, ManagedIdentity>>,
): TrustedIdentity {
  const name = trustName(trust);
  if (trust.kind !== "identity") return { name, ...federatedCredentialOf(trust, cloud) };
  const { principalId, clientId } = identityNamed(trust.identity, identities);
  return {
    name,
    issuer: identityIssuer(cloud, tenantId),
    subject: principalId,
    audience: cloud.exchangeAudience,
    identityClientId: clientId,
  };
}

export function identityNamed(
  key: string,
  identities: Readonly<Record<string, ManagedIdentity>>,
): ManagedIdentity {
  const identity = identities[key];
  // Settings that name an identity which is not there were refused.
  if (identity === undefined) throw new Error(`There is no identity "${key}".`);
  return identity;
}

/** Azure refuses a second assignment of the same role to the same identity. */
function eachOnce(readers: readonly Reader[]): Reader[] {
  return [...new Map(readers.map((reader) => [reader.id.toLowerCase(), reader])).values()];
}
