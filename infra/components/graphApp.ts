import { clouds, type Cloud, type CloudName } from "../../core/cloud/clouds";
import * as pulumi from "@pulumi/pulumi";
import { readSecretResourceId } from "../../core/secrets/publishedSecret";
import { adoptingTransform, type InterruptedRun } from "../plan/adoptUnrecorded";
import { planOwnApp } from "../plan/ownApp";
import { AdminConsent, type AdminConsentOptions } from "./adminConsent";
import { AppFederation, type AppCredential } from "./appFederation";
import {
  AppRegistration,
  type Adoption,
  type AppTags,
  type Owners,
  type RegisteredUsers,
} from "./appRegistration";
import { AppCertificate, type CertificateKey } from "./appCertificate";
import { ClientSecret } from "./clientSecret";
import type { Publication, SecretVerification } from "./publishedCredential";
import { grantSites, type PublishedSite } from "./siteGrant";
import { UserAccess, type MicrosoftClient } from "./userAccess";
import type { ApiAccess } from "../../core/permissions/apiRoles";
import type { ExistingGrant } from "../../core/permissions/existingApps";
import type { SiteAccess } from "../../core/permissions/siteAccess";
import type { ExistingAssignment, ExistingConsent } from "../../core/permissions/existingConsents";
import type { AppRole } from "../../core/permissions/permissions";
import type { AppCredentialKind } from "../../core/settings/credentialKind";
import type { RotationCause, RotationDays } from "../../core/secrets/rotation";
import type { Recorded } from "../plan/tenant";
import { grantKeySigners, grantSecretReaders, type SecretReader } from "./secretReaders";

/** What an app asks of Microsoft Graph. */
export interface GraphAccess {
  /** Client ID of Microsoft Graph, the same in every tenant. */
  readonly clientId: string;
  /** Object ID of Microsoft Graph's service principal; it differs from tenant to tenant. */
  readonly objectId: string;
  /** Application permissions to declare and to grant. */
  readonly roles: AppRole[];
}

/** A client secret or certificate that is to be the current one, and where it is published. */
export interface PublishedSecretArgs {
  /** Number of the credential that is to be current, from 1. A higher number than before makes a new one. */
  readonly sequence: number;
  /** Why it was or is to be added. */
  readonly cause: RotationCause;
  /** Since when the app signs in without it, ISO 8601. Default: the app signs in by it. */
  readonly retiredSince?: string;
  /** From which its lifetime and the next rotation follow. */
  readonly rotation: RotationDays;
  /** How it is verified before it is published. */
  readonly verification: SecretVerification;
  /** ARM ID of the key vault. */
  readonly vaultResourceId: pulumi.Input<string>;
  /** Subscription of the vault, a GUID. */
  readonly subscriptionId: string;
  /** Tags that consumers need on the vault secret. */
  readonly consumerTags: Record<string, string>;
  /** Identities that may read the vault secret. */
  readonly readers: SecretReader[];
}

/** A certificate that is to be the current one. */
export interface PublishedCertificateArgs extends PublishedSecretArgs {
  /** How its key pair is made. */
  readonly key: CertificateKey;
}

/** How users sign in to an app that acts in their name. */
export interface GraphAppUsers extends RegisteredUsers {
  /** Object IDs of the users to consent for; empty for all users. */
  readonly consentFor: string[];
  /** Object IDs of users and groups that are assigned to the app. */
  readonly assignedTo: string[];
  /** Clients of Microsoft's that may use the app's own scope. */
  readonly clients: MicrosoftClient[];
}

/** An app with all that is decided about it: see `infra/plan/`. */
export interface PlannedAppArgs {
  /** Default: the public cloud. */
  cloud?: CloudName;
  /** Name in Entra, at most 256 characters; no other application of the tenant may have it. */
  displayName: string;
  /** Tenant ID, a GUID. */
  tenantId: string;
  /** What it asks of Microsoft Graph. */
  graph: GraphAccess;
  /** What it asks of other APIs. Default: nothing. */
  apis?: ApiAccess[];
  /** SharePoint sites that it may reach, each granted by itself. Default: none. */
  sites?: SiteAccess[];
  /** Owners of application and service principal. */
  owners: Owners;
  /** Guard application and service principal against deletion. */
  protect: boolean;
  /** The stack's ID; part of a client secret's name. */
  stackId: pulumi.Input<string>;
  /** Tags of application and service principal in Entra. */
  tags: AppTags;
  /** Federated credentials: which tokens of other issuers sign in as the app. */
  federated: AppCredential[];
  /** An app that is imported instead of made. Default: none. */
  adoption?: Adoption;
  /** Default: the app acts as itself. */
  users?: GraphAppUsers;
  /** Default: the app has no client secret of this stack. */
  secret?: PublishedSecretArgs;
  /** Default: the app has no certificate of this stack. */
  certificate?: PublishedCertificateArgs;
}

/** What an app is built with besides. */
export interface PlannedAppOptions {
  /** Options that choose the identity which gives admin consent. Default: the one that deploys. */
  granter?: pulumi.ComponentResourceOptions;
  /** What the state holds as the run begins. Default: nothing. */
  recorded?: Recorded;
  /**
   * Asks the tenant which app roles of an API a service principal holds, by the object IDs of both. Default: the tenant is
   * not asked.
   */
  existingGrants?: (principalObjectId: string, resourceObjectId: string) => Promise<ExistingGrant[]>;
  /**
   * Asks the tenant which delegated permissions of Microsoft Graph a service principal has consent for, by its object ID.
   * Default: the tenant is not asked.
   */
  existingConsents?: (principalObjectId: string) => Promise<ExistingConsent[]>;
  /**
   * Asks the tenant which users and groups may use an app, by its service principal's object ID. Default: the tenant is not
   * asked.
   */
  existingAssignments?: (principalObjectId: string) => Promise<ExistingAssignment[]>;
}

/** What was decided about an app before it is registered. */
export interface PlannedApp {
  readonly args: PlannedAppArgs;
  readonly options: PlannedAppOptions;
  /** What the commands read: the outputs of a stack with this one app. */
  readonly details: (parts: AppParts) => pulumi.Input<unknown>;
  /** The run before, where it may have been killed: what it made of this app is adopted. Default: the program sees to that. */
  readonly interrupted?: InterruptedRun;
}

export interface GraphAppOptions extends pulumi.ComponentResourceOptions {
  /** Of a program that decides about all of its apps together; then only this counts. Default: the component decides by itself. */
  planned?: PlannedApp;
}

/** What a stack publishes of an app's access to an API beside Microsoft Graph. */
export interface PublishedApi {
  /** Client ID of the API. */
  readonly clientId: string;
  /** As the tenant shows it. */
  readonly name: string;
  /** What tokens are asked for, without `/.default`. */
  readonly audience: string;
  /** Permissions that are granted when the run ends. */
  readonly permissions: pulumi.Output<string[]>;
}

/** What a stack publishes of a client secret. */
export interface PublishedSecret {
  readonly secretName: string;
  /** ARM ID of the vault secret, without a version. */
  readonly secretResourceId: pulumi.Output<string>;
  readonly credential: PublishedCredential;
}

/** What a stack publishes of a certificate. */
export interface PublishedCertificate extends PublishedSecret {
  /** Name of the certificate in the vault, and of its key. */
  readonly certificateName: string;
  /** Whether the private key may be exported, for a certificate that is made from now on. */
  readonly exportable: boolean;
}

/** Identifier and times of a credential; instants are ISO 8601. */
export interface PublishedCredential {
  readonly sequence: number;
  readonly cause: RotationCause;
  readonly keyId: pulumi.Output<string>;
  readonly startsAt: pulumi.Output<string>;
  readonly endsAt: pulumi.Output<string>;
  readonly nextRotationAt: pulumi.Output<string>;
  readonly retiredSince?: string;
}

/** What an app consists of. */
export interface AppParts {
  readonly clientId: pulumi.Output<string>;
  readonly applicationObjectId: pulumi.Output<string>;
  readonly servicePrincipalObjectId: pulumi.Output<string>;
  /** Permissions that are granted when the run ends. */
  readonly permissions: pulumi.Output<string[]>;
  /** Access to other APIs. */
  readonly apis: PublishedApi[];
  readonly sites: PublishedSite[];
  /** Delegated permissions that have consent when the run ends; undefined for an app that acts as itself. */
  readonly delegated: pulumi.Output<string[]> | undefined;
  /** Object IDs of the application's owners. */
  readonly owners: pulumi.Output<string[]>;
  readonly secret: PublishedSecret | undefined;
  readonly certificate: PublishedCertificate | undefined;
}

/** An existing key vault. */
export interface VaultReference {
  /** ARM ID of the vault, such as the `id` of an `azure-native.keyvault.Vault`. It has to use roles (RBAC), not access policies. */
  readonly id: pulumi.Input<string>;
}

/** When a client secret or certificate is replaced, and how the next one is verified. */
export interface RotationArgs {
  /** Age in days at which the first `pulumi up` makes the next one. Default: 60. */
  readonly everyDays?: number;
  /** Days for which a superseded one stays valid. Default: 60. */
  readonly keepDays?: number;
  /** Days by which a rotation may be late without shortening `keepDays`. Default: 14. */
  readonly graceDays?: number;
  /** Tokens that a new one must get before it is published. Default: 10 tokens over 10 seconds. */
  readonly verification?: SecretVerification;
}

/** A token of another issuer that signs in as the app, without a client secret. */
export interface FederatedTrust {
  /** Issuer of the tokens, an `https:` address. It may come from another resource, such as the `oidcIssuerUrl` of a cluster. */
  readonly issuer: pulumi.Input<string>;
  /** `sub` of the tokens. It may come from another resource, such as the `principalId` of a managed identity. */
  readonly subject: pulumi.Input<string>;
  /** Name in Entra, which stays the same: 3 to 120 letters, digits, `_` and `-`. Default: made from issuer and subject; a preview then leaves out what it does not know. */
  readonly name?: string;
  /** `aud` of the tokens. Default: the one of the cloud, `api://AzureADTokenExchange` in the public one. */
  readonly audience?: string;
}

/** The Power Platform environment whose flows and topics may use the client secret. */
export interface PowerPlatformArgs {
  /** ID of the environment: a GUID, or `Default-` and the tenant's GUID. */
  readonly environmentId: string;
  /** Schema names of the agents whose topics may read the secret. Default: none. */
  readonly agents?: string[];
}

export interface GraphAppArgs {
  /** The key vault that publishes the client secret or certificate. */
  vault: VaultReference;
  /** Application permissions of Microsoft Graph, by name, such as `User.Read.All`. Names are looked up in the tenant, and name resources: plain values. Default: none. */
  permissions?: string[];
  /** Application permissions of other APIs, by client ID, application ID URI or well-known name of the API. Default: none. */
  apis?: Record<string, string[]>;
  /** SharePoint sites that the app may reach, each granted by itself, with the permission `Sites.Selected`. Default: none. */
  sites?: SiteAccess[];
  /** Permissions that can take over the tenant and are wanted all the same, by name. Default: such a permission is refused. */
  acceptTierZero?: string[];
  /** Name in Entra, 1 to 120 characters; no other application of the tenant may have it. Default: the component's name. */
  displayName?: string;
  /** How consumers sign in as the app: `secret`, `certificate` or `federated`. Default: `secret`. */
  credential?: AppCredentialKind;
  /** Which tokens of other issuers sign in as the app. Required with `credential: federated`. Default: none. */
  federated?: FederatedTrust[];
  /** When the client secret or certificate is replaced. Default: every 60 days. */
  rotation?: RotationArgs;
  /** Identities that may read the client secret, or sign with the certificate. Default: none. */
  readers?: SecretReader[];
  /** Object IDs that own application and service principal, exactly these. They may come from other resources. Default: the identity that deploys first. */
  owners?: pulumi.Input<string>[];
  /** Lets flows and topics of Power Platform use the client secret. Default: they may not. */
  powerPlatform?: PowerPlatformArgs;
  /** Object ID of an existing application that the component adopts. Default: it makes one. */
  adopt?: string;
  /** A GUID that marks the app as this program's. Give the `stackId` of a stack from which the app moves here. Default: a random one, kept in the state. */
  stackId?: string;
}

/**
 * One app that calls Microsoft Graph, as itself or as its signed-in user: app registration, service principal, admin
 * consent, and its credential, which is federated, or a client secret or certificate in the vault. The first `pulumi up` after
 * `rotation.everyDays` makes the next one. What rotation has to remember is in the component's own outputs and in the tags of the
 * vault's secret; whichever is ahead counts.
 */
export class GraphApp extends pulumi.ComponentResource {
  /** Client ID of the application. */
  readonly clientId: pulumi.Output<string>;
  /** Object ID of the application. */
  readonly applicationObjectId: pulumi.Output<string>;
  /** Object ID of the service principal. */
  readonly servicePrincipalObjectId: pulumi.Output<string>;
  /** Permissions of Microsoft Graph that are granted when the run ends. */
  readonly permissions: pulumi.Output<string[]>;
  /** ARM ID of the vault secret without a version; empty for an app without a client secret or certificate. */
  readonly secretResourceId: pulumi.Output<string>;
  /** Address of the vault secret without a version; empty for an app without a client secret or certificate. */
  readonly secretUri: pulumi.Output<string>;
  /** End of the current client secret or certificate, ISO 8601; empty for an app without one. */
  readonly endsAt: pulumi.Output<string>;
  /** When the next one is due, ISO 8601; empty for an app without one. */
  readonly nextRotationAt: pulumi.Output<string>;
  /** What the commands read: identifiers and times, never a secret. Export it under any name. */
  // Pulumi's analyzer takes no `unknown`.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly details: pulumi.Output<any>;

  constructor(name: string, args: GraphAppArgs, { planned, ...opts }: GraphAppOptions = {}) {
    let tellInterrupted: ((run: InterruptedRun | undefined) => void) | undefined;
    const interrupted = new Promise<InterruptedRun | undefined>((tell) => (tellInterrupted = tell));
    const adopting = { ...opts, transforms: [...(opts.transforms ?? []), adoptingTransform(interrupted)] };
    super(graphAppType, name, {}, planned === undefined ? adopting : opts);
    const plan = planned ?? planOwnApp(this, name, args);
    const built =
      plan instanceof Promise
        ? plan.then((own) => {
            tellInterrupted?.(own.interrupted);
            return { plan: own, parts: buildApp(this, name, own) };
          })
        : { plan, parts: buildApp(this, name, plan) };
    if (!(built instanceof Promise)) builtParts.set(this, built.parts);
    type Built = { readonly plan: PlannedApp; readonly parts: AppParts };
    const output = <T>(of: (built: Built) => pulumi.Input<T>): pulumi.Output<T> =>
      pulumi.output(built instanceof Promise ? built.then(of) : of(built)) as pulumi.Output<T>;
    const published = <T>(
      of: (secret: PublishedSecret, args: PlannedAppArgs) => pulumi.Input<T>,
    ): pulumi.Output<T | ""> =>
      output<T | "">(({ plan: { args: planned }, parts }) => {
        const secret = parts.secret ?? parts.certificate;
        return secret === undefined ? "" : of(secret, planned);
      });
    this.clientId = output(({ parts }) => parts.clientId);
    this.applicationObjectId = output(({ parts }) => parts.applicationObjectId);
    this.servicePrincipalObjectId = output(({ parts }) => parts.servicePrincipalObjectId);
    this.permissions = output(({ parts }) => parts.permissions);
    this.secretResourceId = published(({ secretResourceId }) => secretResourceId);
    this.secretUri = published(({ secretResourceId }, { cloud = "public" }) =>
      secretResourceId.apply((known) => secretAddress(clouds[cloud], known)),
    );
    this.endsAt = published(({ credential }) => credential.endsAt);
    this.nextRotationAt = published(({ credential }) => credential.nextRotationAt);
    this.details = output<unknown>(({ plan: { details }, parts }) => details(parts));
    this.registerOutputs({
      clientId: this.clientId,
      applicationObjectId: this.applicationObjectId,
      servicePrincipalObjectId: this.servicePrincipalObjectId,
      permissions: this.permissions,
      secretResourceId: this.secretResourceId,
      secretUri: this.secretUri,
      endsAt: this.endsAt,
      nextRotationAt: this.nextRotationAt,
      details: this.details,
    });
  }

  /** What the app consists of, for the program that planned it. */
  get parts(): AppParts {
    const parts = builtParts.get(this);
    if (parts === undefined) throw new Error("An app that decides by itself is built later.");
    return parts;
  }
}

const graphAppType = "copilot-token:infra:GraphApp";

/** Not a property of the class: Pulumi's analyzer publishes private ones, too. */
const builtParts = new WeakMap<GraphApp, AppParts>();

/** Registers all that an app consists of. */
function buildApp(app: GraphApp, name: string, { args, options: planned }: PlannedApp): AppParts {
  const { granter, recorded, existingGrants, existingConsents, existingAssignments } = planned;
  const options = childOf(app);
  const registration = new AppRegistration(
    name,
    {
      displayName: args.displayName,
      graphClientId: args.graph.clientId,
      roles: args.graph.roles,
      ...(args.apis === undefined ? {} : { apis: args.apis }),
      owners: args.owners,
      protect: args.protect,
      tags: args.tags,
      ...(args.adoption === undefined ? {} : { adoption: args.adoption }),
      ...(args.users === undefined ? {} : { users: args.users }),
    },
    options,
  );
  const delegated =
    args.users === undefined
      ? undefined
      : new UserAccess(
          name,
          {
            principalObjectId: registration.servicePrincipalObjectId,
            graphObjectId: args.graph.objectId,
            applicationId: registration.applicationId,
            scopes: args.users.scopes,
            users: args.users.consentFor,
            assignedTo: args.users.assignedTo,
            clients: args.users.clients,
            ...(existingConsents === undefined
              ? {}
              : { existingConsents: registration.servicePrincipalObjectId.apply(existingConsents) }),
            ...(existingAssignments === undefined || args.users.assignedTo.length === 0
              ? {}
              : { existingAssignments: registration.servicePrincipalObjectId.apply(existingAssignments) }),
          },
          { parent: app, ...granter, recorded },
        ).delegated;
  const permissions = grantPermissions(
    name,
    registration.servicePrincipalObjectId,
    args.graph,
    { ...options, ...granter, recorded },
    existingGrants,
  );
  const apis = grantApis(
    name,
    registration.servicePrincipalObjectId,
    args.apis,
    { parent: app, ...granter, recorded },
    existingGrants,
  );
  const sites = grantSites(
    name,
    args.sites ?? [],
    {
      ...(args.cloud === undefined ? {} : { cloud: args.cloud }),
      tenantId: args.tenantId,
      clientId: registration.clientId,
      displayName: args.displayName,
    },
    { parent: app, dependsOn: registration },
  );
  if (args.federated.length > 0) {
    new AppFederation(
      name,
      { applicationId: registration.applicationId, credentials: args.federated },
      options,
    );
  }
  const secret = args.secret && publishSecret(name, args.secret, args, registration, options);
  const certificate =
    args.certificate && publishCertificate(name, args.certificate, args, registration, options);
  const { clientId, applicationObjectId, servicePrincipalObjectId, owners } = registration;
  return {
    clientId,
    applicationObjectId,
    servicePrincipalObjectId,
    permissions,
    apis,
    sites,
    delegated,
    owners,
    secret,
    certificate,
  };
}

/** @param secretResourceId ARM ID of a vault secret. */
function secretAddress({ vaultSuffix }: Cloud, secretResourceId: string): string {
  const { vaultName, secretName } = readSecretResourceId(secretResourceId) ?? {};
  return vaultName === undefined
    ? ""
    : `https://${vaultName.toLowerCase()}.${vaultSuffix}/secrets/${secretName ?? ""}`;
}

/** Options of what an app consists of. Earlier it lay directly under the stack. */
export function childOf(app: pulumi.ComponentResource): pulumi.ComponentResourceOptions {
  return { parent: app, aliases: [{ parent: pulumi.rootStackResource }] };
}

/** @returns the permissions of Microsoft Graph that the principal holds when the run ends. */
export function grantPermissions(
  name: string,
  principalObjectId: pulumi.Input<string>,
  { objectId, roles }: Pick<GraphAccess, "objectId" | "roles">,
  options: AdminConsentOptions,
  existingGrants: PlannedAppOptions["existingGrants"],
): pulumi.Output<string[]> {
  const args = { principalObjectId, resourceObjectId: objectId, roles };
  const existing =
    existingGrants === undefined
      ? {}
      : {
          existingGrants: pulumi
            .output(principalObjectId)
            .apply((principal) => existingGrants(principal, objectId)),
        };
  return new AdminConsent(name, { ...args, ...existing }, options).granted;
}

/** Grants the app roles of each API. Two APIs may have a permission of one name, so each has a consent of its own. */
export function grantApis(
  name: string,
  principalObjectId: pulumi.Input<string>,
  apis: readonly ApiAccess[] = [],
  options: AdminConsentOptions,
  existingGrants: PlannedAppOptions["existingGrants"],
): PublishedApi[] {
  return apis.map((api) => ({
    clientId: api.clientId,
    name: api.name,
    audience: api.audience,
    permissions: grantPermissions(`${name}-${api.clientId}`, principalObjectId, api, options, existingGrants),
  }));
}

function publishSecret(
  name: string,
  { subscriptionId, readers, retiredSince, ...wanted }: PublishedSecretArgs,
  app: PlannedAppArgs,
  registration: AppRegistration,
  options: pulumi.ComponentResourceOptions,
): PublishedSecret {
  const secret = new ClientSecret(name, ofApp(wanted, app, registration), {
    ...options,
    dependsOn: registration,
  });
  grantSecretReaders(name, { scope: secret.secretResourceId, subscriptionId, readers }, secret);
  return publishedAs(secret, wanted, retiredSince);
}

function publishCertificate(
  name: string,
  { subscriptionId, readers, retiredSince, key, ...wanted }: PublishedCertificateArgs,
  app: PlannedAppArgs,
  registration: AppRegistration,
  options: pulumi.ComponentResourceOptions,
): PublishedCertificate {
  const certificate = new AppCertificate(
    name,
    { ...ofApp(wanted, app, registration), key },
    { ...options, dependsOn: registration },
  );
  const { certificateName, secretResourceId } = certificate;
  const inVault = (kind: "keys" | "secrets"): pulumi.Output<string> =>
    // After the certificate: a role at a single key or secret needs it to be there.
    secretResourceId.apply((id) => id.replace(/\/secrets\/[^/]+$/, `/${kind}/${certificateName}`));
  const to = { subscriptionId, readers };
  grantSecretReaders(`${name}-key`, { scope: secretResourceId, ...to }, certificate);
  grantKeySigners(name, { scope: inVault("keys"), ...to }, certificate);
  if (key.exportable)
    grantSecretReaders(`${name}-certificate`, { scope: inVault("secrets"), ...to }, certificate);
  return { ...publishedAs(certificate, wanted, retiredSince), certificateName, exportable: key.exportable };
}

type Wanted = Omit<PublishedSecretArgs, "subscriptionId" | "readers" | "retiredSince">;

/** What a credential's component takes. */
function ofApp(
  wanted: Wanted,
  { cloud, stackId, tenantId }: PlannedAppArgs,
  { clientId, applicationId }: AppRegistration,
) {
  return { ...wanted, ...(cloud === undefined ? {} : { cloud }), stackId, tenantId, clientId, applicationId };
}

function publishedAs(
  { secretName, secretResourceId, keyId, startsAt, endsAt, nextRotationAt }: Publication,
  { sequence, cause }: Wanted,
  retiredSince: string | undefined,
): PublishedSecret {
  return {
    secretName,
    secretResourceId,
    credential: {
      sequence,
      cause,
      keyId,
      startsAt,
      endsAt,
      nextRotationAt,
      ...(retiredSince === undefined ? {} : { retiredSince }),
    },
  };
}
