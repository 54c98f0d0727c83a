import * as pulumi from "@pulumi/pulumi";
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
  /** End of its validity, ISO 8601; counts only when this sequence's credential is made. */
  readonly endDate: string;
  /** Since when the app signs in without it, ISO 8601. Default: the app signs in by it. */
  readonly retiredSince?: string;
  /** From which the next rotation follows. */
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

export interface GraphAppArgs {
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

export interface GraphAppOptions extends pulumi.ComponentResourceOptions {
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

/** What a stack publishes of an app's access to an API beside Microsoft Graph. */
export interface PublishedApi {
  /** Client ID of the API. */
  readonly clientId: string;
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

/**
 * One app that calls Microsoft Graph, as itself or as its signed-in user: app registration, service principal, admin
 * consent, and its credential, which is federated, or a client secret or certificate in the vault.
 */
export class GraphApp extends pulumi.ComponentResource {
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

  constructor(
    name: string,
    args: GraphAppArgs,
    {
      granter,
      recorded,
      existingGrants,
      existingConsents,
      existingAssignments,
      ...opts
    }: GraphAppOptions = {},
  ) {
    super("copilot-token:infra:GraphApp", name, {}, opts);
    const options = childOf(this);
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
    this.delegated =
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
            { parent: this, ...granter, recorded },
          ).delegated;
    this.permissions = grantPermissions(
      name,
      registration.servicePrincipalObjectId,
      args.graph,
      { ...options, ...granter, recorded },
      existingGrants,
    );
    this.apis = grantApis(
      name,
      registration.servicePrincipalObjectId,
      args.apis,
      { parent: this, ...granter, recorded },
      existingGrants,
    );
    this.sites = grantSites(
      name,
      args.sites ?? [],
      { tenantId: args.tenantId, clientId: registration.clientId, displayName: args.displayName },
      { parent: this, dependsOn: registration },
    );
    if (args.federated.length > 0) {
      new AppFederation(
        name,
        { applicationId: registration.applicationId, credentials: args.federated },
        options,
      );
    }
    this.clientId = registration.clientId;
    this.applicationObjectId = registration.applicationObjectId;
    this.servicePrincipalObjectId = registration.servicePrincipalObjectId;
    this.owners = registration.owners;
    this.secret =
      args.secret === undefined ? undefined : publishSecret(name, args.secret, args, registration, options);
    this.certificate =
      args.certificate === undefined
        ? undefined
        : publishCertificate(name, args.certificate, args, registration, options);
    this.registerOutputs({ clientId: this.clientId, permissions: this.permissions });
  }
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
  existingGrants: GraphAppOptions["existingGrants"],
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
  existingGrants: GraphAppOptions["existingGrants"],
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
  app: GraphAppArgs,
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
  app: GraphAppArgs,
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
  { stackId, tenantId }: GraphAppArgs,
  { clientId, applicationId }: AppRegistration,
) {
  return { ...wanted, stackId, tenantId, clientId, applicationId };
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
