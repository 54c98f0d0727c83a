import * as pulumi from "@pulumi/pulumi";
import { AdminConsent } from "./adminConsent";
import { AppFederation, type AppCredential } from "./appFederation";
import { AppRegistration, type Adoption, type Owners, type RegisteredUsers } from "./appRegistration";
import { UserAccess } from "./userAccess";
import { ClientSecret } from "./clientSecret";
import type { ExistingGrant } from "../../core/permissions/existingApps";
import type { AppRole } from "../../core/permissions/permissions";
import type { SecretDecision } from "../../core/secrets/retirement";
import { secretEndDate } from "../../core/secrets/rotation";
import type { Reader, Settings } from "../../core/settings/settings";
import type { Recorded } from "../plan/tenant";
import type { SecretVault } from "./secretVault";
import { grantSecretReaders } from "./secretReaders";

/** What an app asks of Microsoft Graph, and how its grants are made. */
export interface GraphAccess {
  /** Client ID of Microsoft Graph, the same in every tenant. */
  readonly clientId: string;
  /** Object ID of Microsoft Graph's service principal; it differs from tenant to tenant. */
  readonly objectId: string;
  /** Application permissions to declare and to grant. */
  readonly roles: readonly AppRole[];
  /** Which app roles a service principal holds already, by its object ID. */
  readonly grantsOf: (principalObjectId: string) => Promise<readonly ExistingGrant[]>;
  /** What the state holds as the run begins. */
  readonly recorded: Recorded;
  /** Options of {@link AdminConsent}: which identity gives it. */
  readonly consent: pulumi.ComponentResourceOptions;
}

/** A client secret that is to be the current one, and where it is published. */
export interface SecretArgs {
  readonly decision: Exclude<SecretDecision, { readonly kind: "none" }>;
  readonly rotation: Settings["rotation"];
  /** The run's time. */
  readonly now: Date;
  readonly vault: SecretVault;
  readonly subscriptionId: string;
  /** Tags that consumers need on the vault secret. */
  readonly consumerTags: Readonly<Record<string, string>>;
  /** Identities that may read the vault secret. */
  readonly readers: readonly Reader[];
}

export interface GraphAppArgs {
  displayName: string;
  tenantId: string;
  graph: GraphAccess;
  owners: Owners;
  /** Guard application and service principal against deletion. */
  protect: boolean;
  /** The stack's ID; part of a client secret's name. */
  stackId: pulumi.Input<string>;
  /** The stack's mark, with the tags that others wrote. */
  tags: {
    readonly application: pulumi.Input<string[]>;
    readonly servicePrincipal: pulumi.Input<string[]>;
  };
  /** Federated credentials: which tokens of other issuers sign in as the app. */
  federated: readonly AppCredential[];
  adoption?: Adoption;
  /** Default: the app acts as itself. */
  users?: RegisteredUsers & {
    /** Object IDs of the users to consent for; empty for all users. */
    readonly consentFor: readonly string[];
    /** Object IDs of users and groups that are assigned to the app. */
    readonly assignedTo: readonly string[];
  };
  /** Default: the app has no client secret of this stack. */
  secret?: SecretArgs;
}

/** What a stack publishes of a client secret. */
export interface PublishedSecret {
  readonly secretName: string;
  /** ARM ID of the vault secret, without a version. */
  readonly secretResourceId: pulumi.Output<string>;
  readonly credential: Readonly<Record<string, pulumi.Input<unknown>>>;
}

/**
 * One app that calls Microsoft Graph, as itself or as its signed-in user: app registration, service principal, admin
 * consent, and its credential, which is federated or a client secret in the vault.
 */
export class GraphApp extends pulumi.ComponentResource {
  readonly clientId: pulumi.Output<string>;
  readonly applicationObjectId: pulumi.Output<string>;
  readonly servicePrincipalObjectId: pulumi.Output<string>;
  /** Permissions that are granted when the run ends. */
  readonly permissions: pulumi.Output<string[]>;
  /** Delegated permissions that have consent when the run ends; undefined for an app that acts as itself. */
  readonly delegated: pulumi.Output<string[]> | undefined;
  /** Object IDs of the application's owners. */
  readonly owners: pulumi.Output<string[]>;
  readonly secret: PublishedSecret | undefined;

  constructor(name: string, args: GraphAppArgs, opts?: pulumi.ComponentResourceOptions) {
    super("copilot-token:infra:GraphApp", name, {}, opts);
    const options = childOf(this);
    const registration = new AppRegistration(
      name,
      {
        displayName: args.displayName,
        graphClientId: args.graph.clientId,
        roles: args.graph.roles,
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
              teams: args.users.teamsAppId !== undefined,
              consent: args.graph.consent,
            },
            { parent: this },
          ).delegated;
    const consent = consentTo(name, registration.servicePrincipalObjectId, args.graph, options);
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
    this.permissions = consent.granted;
    this.owners = registration.owners;
    this.secret =
      args.secret === undefined ? undefined : publishSecret(name, args.secret, args, registration, options);
    this.registerOutputs({ clientId: this.clientId, permissions: this.permissions });
  }
}

/** Options of what an app consists of. Earlier it lay directly under the stack. */
export function childOf(app: pulumi.ComponentResource): pulumi.ComponentResourceOptions {
  return { parent: app, aliases: [{ parent: pulumi.rootStackResource }] };
}

/** Grants an app's permissions to its service principal. */
export function consentTo(
  name: string,
  principalObjectId: pulumi.Input<string>,
  { objectId, roles, grantsOf, recorded, consent }: GraphAccess,
  options: pulumi.ComponentResourceOptions,
): AdminConsent {
  return new AdminConsent(
    name,
    { principalObjectId, graphObjectId: objectId, roles, grantsOf, recorded },
    { ...options, ...consent },
  );
}

function publishSecret(
  name: string,
  { decision, rotation, now, vault, subscriptionId, consumerTags, readers }: SecretArgs,
  { stackId, tenantId }: GraphAppArgs,
  registration: AppRegistration,
  options: pulumi.ComponentResourceOptions,
): PublishedSecret {
  const { sequence, cause } = decision;
  const secret = new ClientSecret(
    name,
    {
      sequence,
      cause,
      endDate: secretEndDate(now, rotation),
      rotation,
      verification: rotation.verification,
      consumerTags,
      stackId,
      tenantId,
      clientId: registration.clientId,
      servicePrincipal: registration.servicePrincipal,
      applicationId: registration.applicationId,
      vaultResourceId: vault.vaultResourceId,
    },
    options,
  );
  grantSecretReaders(name, { scope: secret.secretResourceId, subscriptionId, readers }, secret);
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
