import type * as pulumi from "@pulumi/pulumi";
import { exchangeAudience } from "../core/access/assertionSource";
import { federatedCredentialOf, identityIssuer, trustName, type Trust } from "../core/access/trust";
import type { AppOutputs, StackOutputs } from "../core/outputs/stackOutputs";
import type { IdentityAppSettings, Reader, RegisteredAppSettings, Settings } from "../core/settings/settings";
import type { SecretDecision } from "../core/secrets/retirement";
import { secretEndDate } from "../core/secrets/rotation";
import { logicAppRequests } from "../core/settings/logicAppSettings";
import type { PermissionScope } from "../core/permissions/delegatedPermissions";
import { tokenServiceRedirects } from "../core/settings/userSignIn";
import { vaultNameSource } from "../core/vault/vaultKept";
import { granterOptions } from "./components/adminConsent";
import type { AppCredential } from "./components/appFederation";
import { ExpiryAlerts } from "./components/expiryAlerts";
import { connectorApplicationUri, teamsApplicationUri, userScopeName } from "./components/appRegistration";
import {
  GraphApp,
  type GraphAccess,
  type GraphAppArgs,
  type GraphAppOptions,
  type GraphAppUsers,
} from "./components/graphApp";
import { IdentityApp, type IdentityAppArgs } from "./components/identityApp";
import { logicAppAudienceResource } from "./components/logicAppAudience";
import { makeIdentities, type ManagedIdentity } from "./components/managedIdentity";
import { grantKeySigners } from "./components/secretReaders";
import { SecretVault } from "./components/secretVault";
import { valueIfKnown } from "./known";
import { adoptUnrecorded } from "./plan/adoptUnrecorded";
import { existingGrants } from "./plan/existingGrants";
import {
  findExistingApps,
  planStack,
  refuseUsedVault,
  type AppPlan,
  type Run,
  type StackPlan,
} from "./plan/stackPlan";
import { nothingToAdopt, type AppAdoption } from "./plan/appAdoption";
import { graphClientId } from "./plan/tenant";
import { makeStackMark, type StackMark } from "./stackId";

/** Outputs as the program returns them: any part may be an output of a resource. */
type Published<T> = pulumi.Input<T extends object ? { [K in keyof T]: Published<T[K]> } : T>;

/** What the program returns, checked against the schema that every reader uses. */
type PublishedOutputs = { [K in keyof StackOutputs]: Published<StackOutputs[K]> };
type PublishedApp = { [K in keyof AppOutputs]: Published<AppOutputs[K]> };

/**
 * The whole stack: settings in, resources registered, identifiers out. Everything that can be refused is refused before
 * the first registration; only the stack's ID comes before it is asked whose the apps are.
 *
 * @throws {OperatorError} naming every fault of the settings.
 */
export async function deploy(run: Run): Promise<PublishedOutputs> {
  const plan = await planStack(run);
  const { settings, target, graph, namedAfter } = plan;
  adoptUnrecorded(plan.recorded, target, run.directory);
  const mark = makeStackMark();
  const stackId = await valueIfKnown(mark.stackId);
  const existing = await findExistingApps(plan, stackId, run.directory);
  await refuseUsedVault(plan, { stackId, existing }, run.directory);

  const vault = new SecretVault("vault", {
    tenantId: target.tenantId,
    subscriptionId: target.subscriptionId,
    ...vaultArgs(settings.vault),
    nameSuffix: mark.nameSuffix,
    protect: settings.protect,
    namedAfter,
    ...(plan.vaultAdoption === undefined ? {} : { adoption: plan.vaultAdoption }),
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
  if (plan.apps.some(({ certificate }) => certificate.kind !== "none")) {
    const { subscriptionId } = target;
    const { readers } = settings.vault;
    grantKeySigners("vault", { scope: vault.vaultResourceId, subscriptionId, readers }, vault);
  }
  const identities = makeIdentities(settings, place);
  const granter = granterOptions(settings.granter, target.tenantId);
  const stack = { plan, now: run.now, mark, vault, identities };
  const apps = plan.apps.map((app): [string, PublishedApp] => {
    const access = { clientId: graphClientId, objectId: graph.graphObjectId, roles: app.roles };
    const options: GraphAppOptions = {
      granter,
      recorded: plan.recorded,
      existingGrants: (principal, resource) => existingGrants(app, principal, resource, run.directory),
      existingConsents: async (principal) => [
        ...(await run.directory.consentsOf(principal, graph.graphObjectId)),
      ],
      existingAssignments: async (principal) => [...(await run.directory.assignmentsTo(principal))],
    };
    return [
      app.name,
      app.settings.credential === "managedIdentity"
        ? identityApp(app, app.settings, access, stack, options)
        : registeredApp(app, app.settings, access, existing.get(app.name) ?? nothingToAdopt, stack, options),
    ];
  });

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
    apps: Object.fromEntries(apps),
  };
}

function vaultArgs({ name, sku, retentionDays, allowedIpRanges, readers }: Settings["vault"]) {
  return {
    ...(name === undefined ? {} : { vaultName: name }),
    sku,
    softDeleteRetentionInDays: retentionDays,
    allowedIpRanges,
    readers,
  };
}

/** What the apps of a stack share. */
interface StackParts {
  readonly plan: StackPlan;
  readonly now: Date;
  readonly mark: StackMark;
  readonly vault: SecretVault;
  readonly identities: Readonly<Record<string, ManagedIdentity>>;
}

/** @returns what the stack publishes of the app. */
function registeredApp(
  { name, secret, certificate, scopes, apis, previous }: AppPlan,
  settings: RegisteredAppSettings,
  graph: GraphAccess,
  { adoption, tags }: AppAdoption,
  { plan, now, mark, vault, identities }: StackParts,
  options: GraphAppOptions,
): PublishedApp {
  const { target, owners, powerPlatform } = plan;
  const { protect, rotation } = plan.settings;
  const displayName = settings.displayName ?? name;
  const federated = [
    ...settings.federated.map((trust) => credentialFor(trust, target.tenantId, identities)),
    ...signInCredentials(settings),
  ];
  const users = usersOf(name, settings, scopes, target.tenantId);
  const publication = (decision: Exclude<SecretDecision, { kind: "none" }>) => ({
    sequence: decision.sequence,
    cause: decision.cause,
    endDate: secretEndDate(now, rotation),
    ...(decision.kind === "retiring" ? { retiredSince: decision.retiredSince.toISOString() } : {}),
    rotation,
    verification: rotation.verification,
    vaultResourceId: vault.vaultResourceId,
    subscriptionId: target.subscriptionId,
  });
  const args: GraphAppArgs = {
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
  const app = new GraphApp(name, args, options);
  return {
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
  };
}

/** The number of the last credential of its kind that the app had, so that no number comes twice. */
function lastSequence(decision: SecretDecision): { lastSequence?: number } {
  return decision.kind === "none" && decision.lastSequence !== undefined
    ? { lastSequence: decision.lastSequence }
    : {};
}

/** @returns what the stack publishes of the app. */
function identityApp(
  { name, apis }: AppPlan,
  { identity: key, permissions, sites, logicApp, credential }: IdentityAppSettings,
  graph: GraphAccess,
  { plan, mark, vault, identities }: StackParts,
  options: GraphAppOptions,
): PublishedApp {
  const identity = identityNamed(key, identities);
  const args: IdentityAppArgs = {
    principalId: identity.principalId,
    identityResourceId: identity.resourceId,
    graph,
    apis,
    ...(sites === undefined
      ? {}
      : {
          sites,
          siteGrantee: { tenantId: plan.target.tenantId, clientId: identity.clientId, displayName: key },
        }),
    ...(logicApp === undefined
      ? {}
      : {
          logicApp: {
            callers: logicApp.callers,
            users: logicApp.users,
            allowedIpRanges: logicApp.allowedIpRanges,
            requests: logicAppRequests(logicApp, permissions),
            tenantId: plan.target.tenantId,
            owners: plan.owners,
            protect: plan.settings.protect,
            tags: mark.tagsOf(logicAppAudienceResource(name)),
            resourceGroupName: vault.resourceGroupName,
            location: vault.location,
          },
        }),
  };
  const app = new IdentityApp(name, args, options);
  return {
    displayName: key,
    clientId: identity.clientId,
    servicePrincipalObjectId: identity.principalId,
    permissions: app.permissions,
    ...publishedApis(app),
    signIn: credential,
    identityResourceId: identity.resourceId,
    federated: [...identity.federated],
    ...(app.logicApp === undefined ? {} : { logicApp: app.logicApp }),
  };
}

function publishedApis({
  apis,
  sites,
}: Pick<GraphApp, "apis" | "sites">): Pick<PublishedApp, "apis" | "sites"> {
  return {
    ...(apis.length === 0 ? {} : { apis }),
    ...(sites.length === 0 ? {} : { sites }),
  };
}

/** Federated credentials of what signs in as the app for its users. */
function signInCredentials({ agentSignIn, connectorSignIn }: RegisteredAppSettings) {
  return Object.entries({ "agent-sign-in": agentSignIn, "connector-sign-in": connectorSignIn }).flatMap(
    ([name, given]) =>
      given === undefined
        ? []
        : [{ name, issuer: given.issuer, subject: given.subject, audience: exchangeAudience }],
  );
}

/** How users sign in to an app; undefined for one that acts as itself. */
function usersOf(
  name: string,
  { delegated, userSignIn, connectorSignIn }: RegisteredAppSettings,
  scopes: PermissionScope[],
  tenantId: string,
): GraphAppUsers | undefined {
  if (delegated === undefined || userSignIn === undefined) return undefined;
  const { regions, redirectUris, users, assignedTo, teamsAppId } = userSignIn;
  const ofTokenService = regions.map((region) => tokenServiceRedirects[region]);
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
  trust: Trust,
  tenantId: string,
  identities: Readonly<Record<string, ManagedIdentity>>,
): TrustedIdentity {
  const name = trustName(trust);
  if (trust.kind !== "identity") return { name, ...federatedCredentialOf(trust) };
  const { principalId, clientId } = identityNamed(trust.identity, identities);
  return {
    name,
    issuer: identityIssuer(tenantId),
    subject: principalId,
    audience: exchangeAudience,
    identityClientId: clientId,
  };
}

function identityNamed(key: string, identities: Readonly<Record<string, ManagedIdentity>>): ManagedIdentity {
  const identity = identities[key];
  // Settings that name an identity which is not there were refused.
  if (identity === undefined) throw new Error(`There is no identity "${key}".`);
  return identity;
}

/** Azure refuses a second assignment of the same role to the same identity. */
function eachOnce(readers: readonly Reader[]): Reader[] {
  return [...new Map(readers.map((reader) => [reader.id.toLowerCase(), reader])).values()];
}
