import * as authorization from "@pulumi/azure-native/authorization";
import * as azuread from "@pulumi/azuread";
import * as pulumi from "@pulumi/pulumi";
import { isLoopback } from "../../core/access/redirectUris";
import { objectIdIn } from "../../core/adoption/whereabouts";
import type { ApiAccess } from "../../core/permissions/apiRoles";
import type { PermissionScope } from "../../core/permissions/delegatedPermissions";
import type { AppRole } from "../../core/permissions/permissions";

export interface AppRegistrationArgs {
  /** Name in Entra, at most 256 characters; no other application of the tenant may have it. */
  displayName: string;
  /** Client ID of Microsoft Graph. Default: the one that it has in every tenant. */
  graphClientId?: string;
  /** Application permissions to declare; granting them is {@link AdminConsent}'s part. */
  roles: AppRole[];
  /** Application permissions of other APIs to declare. Default: none. */
  apis?: ApiAccess[];
  /** How users sign in. Default: they do not. */
  users?: RegisteredUsers;
  /** Owners of application and service principal. Default: the identity that deploys first. */
  owners?: Owners;
  /** Guard both against deletion. Default: as the component's own option `protect` says. */
  protect?: boolean;
  /** Tags of both in Entra. Default: none. */
  tags?: AppTags;
  /** An app that is imported instead of made. Default: none. */
  adoption?: Adoption;
}

/** Tags in Entra: the stack's mark and the tags that others wrote. */
export interface AppTags {
  /** Tags of the application. */
  readonly application: pulumi.Input<string[]>;
  /** Tags of the service principal. */
  readonly servicePrincipal: pulumi.Input<string[]>;
}

/** What an app registration has for the sign-in of users. */
export interface RegisteredUsers {
  /** Delegated permissions to declare. */
  readonly scopes: PermissionScope[];
  /** Redirect URIs: of a public client on loopback, else of the kind Web. */
  readonly redirectUris: string[];
  /** Whether users have to be assigned to the app. */
  readonly assignmentRequired: boolean;
  /** Application ID URIs, under which clients ask for the app's own scope. None: it exposes no scope. */
  readonly identifierUris: string[];
}

/** The app's own scope, for sign-in by a client of Microsoft's: its name, and its ID, which is unique within a registration. */
export const userScopeName = "access_as_user";
export const userScopeId = "6f2d4c1e-93a7-4b58-8e06-d1c5f7a9b324";

/** The application ID URI that Teams expects. */
export function teamsApplicationUri(teamsAppId: string): string {
  return `api://botid-${teamsAppId.toLowerCase()}`;
}

/**
 * The application ID URI for a connector's sign-in. Entra takes such a one where tokens are of version 2.0, whatever the
 * tenant's policy is.
 */
export function connectorApplicationUri(tenantId: string, app: string): string {
  return `api://${tenantId}/${app}-connector`;
}

export interface Owners {
  /** Object IDs of users and service principals. */
  readonly objectIds: pulumi.Input<string>[];
  /** False when the only owner is the identity that made the app: then they are set once and never changed. */
  readonly managed: boolean;
}

/**
 * An app that comes under the program in this run. One made by hand keeps its properties in this run; the next ones bring
 * them in line with the settings.
 */
export interface Adoption {
  /** Object ID of the application. */
  readonly applicationObjectId: string;
  /** Object ID of its service principal. Absent when the app has none yet: then one is made. */
  readonly servicePrincipalObjectId?: string;
  /** Made by a run of this stack that was killed: brought in line at once. */
  readonly isHalfMade?: boolean;
}

/** A single-tenant app registration and its service principal ("enterprise application"). */
export class AppRegistration extends pulumi.ComponentResource {
  /** Client ID of the application. */
  readonly clientId: pulumi.Output<string>;
  /** Object ID of the application. */
  readonly applicationObjectId: pulumi.Output<string>;
  /** Graph's resource path, `/applications/{objectId}`, as other azuread resources want it. */
  readonly applicationId: pulumi.Output<string>;
  /** Object ID of the service principal. */
  readonly servicePrincipalObjectId: pulumi.Output<string>;
  /** Object IDs of the application's owners. */
  readonly owners: pulumi.Output<string[]>;

  constructor(name: string, args: AppRegistrationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("copilot-token:infra:AppRegistration", name, {}, opts);
    const { adoption } = args;
    const { objectIds: owners, managed } = args.owners ?? deployingOwner(this);
    const isAsFound = adoption !== undefined && adoption.isHalfMade !== true;
    const shared: pulumi.CustomResourceOptions = {
      parent: this,
      ...(args.protect === undefined ? {} : { protect: args.protect }),
      ignoreChanges: isAsFound ? ["*"] : managed ? [] : ["owners"],
    };

    const application = new azuread.Application(
      name,
      {
        displayName: args.displayName,
        signInAudience: "AzureADMyOrg",
        owners,
        tags: args.tags?.application ?? [],
        requiredResourceAccesses: declaredAccess(args),
        ...signInOf(args.users),
      },
      adoption === undefined
        ? shared
        : { ...shared, import: `/applications/${adoption.applicationObjectId}` },
    );

    const servicePrincipal = new azuread.ServicePrincipal(
      name,
      {
        clientId: application.clientId,
        owners,
        tags: args.tags?.servicePrincipal ?? [],
        ...(args.users === undefined ? {} : { appRoleAssignmentRequired: args.users.assignmentRequired }),
      },
      adoption?.servicePrincipalObjectId === undefined
        ? shared
        : { ...shared, import: `/servicePrincipals/${adoption.servicePrincipalObjectId}` },
    );

    this.clientId = application.clientId;
    // From the ID, which is there even where azuread failed after the creation, and so recorded nothing else.
    this.applicationObjectId = application.id.apply(objectIdIn);
    this.applicationId = application.id;
    this.servicePrincipalObjectId = servicePrincipal.id.apply(objectIdIn);
    this.owners = application.owners.apply((owners) => owners ?? []);
    this.registerOutputs({
      clientId: this.clientId,
      applicationObjectId: this.applicationObjectId,
      servicePrincipalObjectId: this.servicePrincipalObjectId,
    });
  }
}

/** Client ID of Microsoft Graph in every tenant. */
const microsoftGraphId = "00000003-0000-0000-c000-000000000000";

/** The identity that deploys owns what it makes; another that deploys later does not become an owner. */
export function deployingOwner(parent: pulumi.Resource): Owners {
  return { objectIds: [authorization.getClientConfigOutput({ parent }).objectId], managed: false };
}

/** Graph takes no resource without a permission of it. */
function declaredAccess({ roles, apis = [], users, graphClientId = microsoftGraphId }: AppRegistrationArgs) {
  const asRoles = (list: readonly AppRole[]) =>
    list.map(({ appRoleId }) => ({ id: appRoleId, type: "Role" }));
  const scopes = (users?.scopes ?? []).map(({ scopeId }) => ({ id: scopeId, type: "Scope" }));
  return [
    { resourceAppId: graphClientId, resourceAccesses: [...asRoles(roles), ...scopes] },
    ...apis.map((api) => ({ resourceAppId: api.clientId, resourceAccesses: asRoles(api.roles) })),
  ].filter(({ resourceAccesses }) => resourceAccesses.length > 0);
}

/**
 * @see https://learn.microsoft.com/microsoft-copilot-studio/configuration-authentication-azure-ad (read 2026-11): redirect
 *   URI and both implicit flags
 */
function signInOf(users: RegisteredUsers | undefined): Partial<azuread.ApplicationArgs> {
  if (users === undefined) return {};
  const { redirectUris, identifierUris } = users;
  const ofPublicClient = redirectUris.filter(isLoopback);
  return {
    ...(ofPublicClient.length === 0 ? {} : { publicClient: { redirectUris: ofPublicClient } }),
    web: {
      redirectUris: redirectUris.filter((uri) => !isLoopback(uri)),
      implicitGrant: { accessTokenIssuanceEnabled: true, idTokenIssuanceEnabled: true },
    },
    ...(identifierUris.length === 0
      ? {}
      : {
          identifierUris,
          api: {
            requestedAccessTokenVersion: 2,
            oauth2PermissionScopes: [
              {
                id: userScopeId,
                value: userScopeName,
                type: "User",
                enabled: true,
                adminConsentDisplayName: "Sign in to the agent",
                adminConsentDescription: "Lets the agent act as the signed-in user.",
                userConsentDisplayName: "Sign in to the agent",
                userConsentDescription: "Lets the agent act in your name.",
              },
            ],
          },
        }),
  };
}
