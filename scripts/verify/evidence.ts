import type { Cloud } from "../../core/cloud/clouds";
import {
  publishedOf,
  type AppOutputs,
  type SecretAppOutputs,
  type StackOutputs,
} from "../../core/outputs/stackOutputs";
import type { TenantApi } from "../../core/permissions/apiRoles";
import type { PublishedKind } from "../../core/settings/credentialKind";
import type { RoleAssignment, VaultResource, WorkflowSeen } from "../../azure/arm";
import type { DirectoryApp, DirectorySignIn, GraphRoles } from "../../azure/directory";
import type { Known } from "../shared/known";
import type { PowerPlatformServices } from "../shared/powerPlatformServices";
import type { VaultSecret } from "../../azure/keyVault";
import type { ConditionalAccessPolicy } from "../../core/access/signInPolicies";
import type { DecodedToken } from "../../azure/tokenClaims";

/** What was seen of a vault secret: everything but its value, unless that is the address of a key. */
export type SecretSeen = Omit<VaultSecret, "clientSecret">;

/** What was seen of the app's own token: its claims, not itself. */
export interface TokenSeen {
  readonly decoded: DecodedToken;
  /** What signed in as the app; for people. */
  readonly by: string;
  readonly receivedAt: Date;
  readonly expiresInSeconds: number;
  readonly waitedSeconds: number;
}

/** One read of Microsoft Graph with the app's own token. */
export interface ProbeSeen {
  /** Permissions that allow the read; none for the read that only shows whether Graph takes the token. */
  readonly permissions: readonly string[];
  readonly path: string;
  readonly status: number;
  /** Graph's error code; undefined on success. */
  readonly errorCode: string | undefined;
  readonly requestId: string | undefined;
  /** Why the answer is not Microsoft Graph's own; undefined when it is. */
  readonly foreign: string | undefined;
}

/** How users sign in to an app, with the names of those for whom consent was given, where the caller may read them. */
export interface UserSignInSeen extends DirectorySignIn {
  readonly userNames: ReadonlyMap<string, string>;
  /** The tenant's policies on sign-ins and on users' own consent; unknown to a caller that may not read them. */
  readonly conditionalAccess: Known<readonly ConditionalAccessPolicy[]>;
  readonly userConsent: Known<readonly string[]>;
}

/** What was seen of a user's sign-in: the token's claims and what Microsoft Graph answers to it, not the token. */
export interface PersonSeen {
  readonly decoded: DecodedToken;
  readonly probes: readonly ProbeSeen[];
}

/** What Microsoft Graph answered to the app's own token that asked for a site. */
export interface SiteSeen {
  readonly url: string;
  readonly status: number;
  /** Why the answer is not Microsoft Graph's own; undefined when it is. */
  readonly foreign: string | undefined;
}

/** What was seen of an app's access to an API beside Microsoft Graph. */
export interface ApiSeen {
  readonly api: NonNullable<AppOutputs["apis"]>[number];
  readonly token: Known<TokenSeen>;
  /** What the tenant offers of it; undefined when it has no such API any more. */
  readonly offer: Known<TenantApi | undefined>;
  /** What the API answered; undefined where no harmless read of it is known, or there is no token. */
  readonly read: Known<ApiReadSeen> | undefined;
}

/** One read of an API with the app's own token, and the same without a token. */
export interface ApiReadSeen {
  /** Without the query. */
  readonly url: string;
  readonly status: number;
  readonly isJson: boolean;
  readonly statusWithoutToken: number;
}

/** Who made a grant, from the directory's audit log. */
export interface GrantOrigin {
  readonly at: string;
  readonly by: string;
}

/** Everything that was learnt of one app. */
export interface AppEvidence {
  readonly name: string;
  readonly outputs: AppOutputs;
  /** Undefined for an app without a client secret. */
  readonly secret: Known<SecretSeen> | undefined;
  /** The vault secret that names the key of its certificate. Undefined for an app without a certificate. */
  readonly certificate: Known<SecretSeen> | undefined;
  readonly token: Known<TokenSeen>;
  readonly probes: Known<readonly ProbeSeen[]>;
  /** SharePoint sites that are granted one by one; undefined where there are none, or where Microsoft Graph cannot tell. */
  readonly sites: Known<readonly SiteSeen[]> | undefined;
  /** Other APIs that the app has permissions of. */
  readonly apis: readonly ApiSeen[];
  readonly directory: Known<DirectoryApp>;
  /**
   * Key IDs of the credentials that the vault's record names; undefined where nothing depends on it: the directory shows
   * none beside the published ones, or the app has none in the vault.
   */
  readonly recorded: Known<ReadonlySet<string>> | undefined;
  /** What Azure Resource Manager shows of the app's Logic App; undefined where it has none. */
  readonly logicApp: Known<WorkflowSeen> | undefined;
  /** How users sign in; undefined for an app that acts as itself. */
  readonly userSignIn: Known<UserSignInSeen> | undefined;
  /** What a person's sign-in in a browser here showed; undefined where none was asked for, or the app has no way to it. */
  readonly person: Known<PersonSeen> | undefined;
  /** By grant ID, or by name of a delegated permission; only looked up for what the settings do not request. */
  readonly origins: ReadonlyMap<string, GrantOrigin>;
}

/** What was learnt of an app, seen from one credential that the vault publishes: `secret` and `outputs` are about that one. */
export interface SecretAppEvidence extends AppEvidence {
  readonly kind: PublishedKind;
  readonly outputs: SecretAppOutputs;
  readonly secret: Known<SecretSeen>;
}

/** The same evidence from the side of one kind of credential; undefined where the vault publishes none. */
export function publishedEvidence(app: AppEvidence, kind: PublishedKind): SecretAppEvidence | undefined {
  const published = publishedOf(app.outputs, kind);
  const seen = app[kind];
  if (published === undefined || seen === undefined) return undefined;
  const { secretName, secretResourceId, credential } = published;
  const { applicationObjectId = "" } = app.outputs;
  const outputs = { ...app.outputs, applicationObjectId, secretName, secretResourceId, credential };
  return { ...app, kind, outputs, secret: seen };
}

/** What was learnt of Power Platform, where the stack gives it access. */
export interface PowerPlatformEvidence {
  readonly environmentId: string;
  /** Tags that let its topics use a secret: `AllowedBots` or `AllowedEnvironments`. */
  readonly tags: Readonly<Record<string, string>>;
  readonly services: PowerPlatformServices;
  /** Registration state of its namespace in the vault's subscription. */
  readonly registration: Known<string>;
}

/** Everything that was learnt of what the apps share. */
export interface StackEvidence {
  readonly cloud: Cloud;
  readonly outputs: StackOutputs;
  readonly outputsFrom: string;
  /** For commands: undefined where the outputs came from a file, or from the stack that is selected. */
  readonly stackName: string | undefined;
  /** URNs of what Pulumi believes to be half made. */
  readonly pendingCreations: readonly string[];
  readonly now: Date;
  /** Whether to skip the sign-in of apps without a secret that cannot be tested from here; otherwise it is a failure. */
  readonly ifTrusted: boolean;
  /** Who the caller is to the vault, from its own token; undefined when it got none. */
  readonly callerObjectId: string | undefined;
  readonly callerDescription: string;
  readonly graphRoles: Known<GraphRoles>;
  readonly vault: Known<VaultResource>;
  /** Role assignments that act on the vault or on something in it. */
  readonly vaultRoles: Known<readonly RoleAssignment[]>;
  /** Display names of principals by object ID, where the caller may read them. */
  readonly principalNames: ReadonlyMap<string, string>;
  /** Undefined where the settings name no environment. */
  readonly powerPlatform: PowerPlatformEvidence | undefined;
}
