import type { CloudName } from "../../core/cloud/clouds";
import * as pulumi from "@pulumi/pulumi";
import { logicAppDisplayName } from "../../core/settings/logicAppSettings";
import type { LogicAppRequest } from "../../core/agent/logicAppRequest";
import type { Owners } from "./appRegistration";
import type { SiteAccess } from "../../core/permissions/siteAccess";
import { grantSites, type PublishedSite, type SiteGrantee } from "./siteGrant";
import type { ApiAccess } from "../../core/permissions/apiRoles";
import {
  childOf,
  grantApis,
  grantPermissions,
  type GraphAccess,
  type PlannedAppOptions,
  type PublishedApi,
} from "./graphApp";
import { LogicApp } from "./logicApp";
import { LogicAppAudience } from "./logicAppAudience";

/** A Logic App that calls Microsoft Graph as the identity, and where it is deployed. */
export interface IdentityLogicAppArgs {
  /** Client IDs of the applications that may call. */
  readonly callers: string[];
  /** Object IDs of the users whose connection may call. */
  readonly users: string[];
  /** IPv4 addresses and ranges that calls may come from. Empty: all networks. */
  readonly allowedIpRanges: string[];
  /** What it may be asked. */
  readonly requests: LogicAppRequest[];
  /** Default: the public cloud. */
  readonly cloud?: CloudName;
  /** Tenant ID, a GUID. */
  readonly tenantId: string;
  /** Owners of the registration that callers get tokens for. */
  readonly owners: Owners;
  /** Guard that registration against deletion. */
  readonly protect: boolean;
  /** Tags of that registration in Entra: the stack's mark. */
  readonly tags: pulumi.Input<string[]>;
  /** Resource group that the Logic App is made in. */
  readonly resourceGroupName: pulumi.Input<string>;
  /** Azure region, such as `westeurope`. */
  readonly location: pulumi.Input<string>;
}

export interface IdentityAppArgs {
  /** Object ID of the managed identity's service principal. */
  principalId: pulumi.Input<string>;
  /** ARM ID of the managed identity. */
  identityResourceId: pulumi.Input<string>;
  /** What it asks of Microsoft Graph. */
  graph: GraphAccess;
  /** What it asks of other APIs. Default: nothing. */
  apis?: ApiAccess[];
  /** SharePoint sites that it may reach, each granted by itself. Default: none. */
  sites?: SiteAccess[];
  /** Whom the sites are granted to: the identity's client ID and name. Needed with `sites`. */
  siteGrantee?: SiteGrantee;
  /** Default: none. */
  logicApp?: IdentityLogicAppArgs;
}

/** What a stack publishes of a Logic App. */
export interface PublishedLogicApp {
  /** ARM ID of the Logic App. */
  readonly resourceId: pulumi.Output<string>;
  /** Address of the trigger, without a signature. */
  readonly endpoint: pulumi.Output<string>;
  /** What callers ask a token for. */
  readonly audience: pulumi.Output<string>;
  /** What it may be asked. */
  readonly requests: LogicAppRequest[];
  /** Which callers it accepts. */
  readonly access: PublishedLogicAppAccess;
}

/** Which callers a Logic App accepts, and the client ID that their tokens are for. */
export interface PublishedLogicAppAccess {
  /** Client ID that callers' tokens are for. */
  readonly audienceClientId: pulumi.Output<string>;
  /** Client IDs of the applications that may call. */
  readonly callers: string[];
  /** Object IDs of the users whose connection may call. */
  readonly users: string[];
  /** IPv4 addresses and ranges that calls may come from. Empty: all networks. */
  readonly allowedIpRanges: string[];
}

/** An app that is a managed identity and has no app registration: the identity holds the permissions. */
export class IdentityApp extends pulumi.ComponentResource {
  /** Permissions that are granted when the run ends. */
  readonly permissions: pulumi.Output<string[]>;
  /** Access to other APIs. */
  readonly apis: PublishedApi[];
  /** SharePoint sites that it may reach. */
  readonly sites: PublishedSite[];
  /** The Logic App that calls Microsoft Graph as the identity; none without the input `logicApp`. */
  readonly logicApp: PublishedLogicApp | undefined;

  constructor(
    name: string,
    args: IdentityAppArgs,
    { granter, recorded, existingGrants, ...opts }: pulumi.ComponentResourceOptions & PlannedAppOptions = {},
  ) {
    super("copilot-token:infra:IdentityApp", name, {}, opts);
    const options = childOf(this);
    const { principalId, identityResourceId, graph, apis, logicApp } = args;
    this.permissions = grantPermissions(
      name,
      principalId,
      graph,
      { ...options, ...granter, recorded },
      existingGrants,
    );
    this.apis = grantApis(name, principalId, apis, { parent: this, ...granter, recorded }, existingGrants);
    this.sites =
      args.siteGrantee === undefined
        ? []
        : grantSites(name, args.sites ?? [], args.siteGrantee, { parent: this });
    this.logicApp =
      logicApp === undefined ? undefined : deployLogicApp(name, logicApp, identityResourceId, options);
    this.registerOutputs({ permissions: this.permissions });
  }
}

function deployLogicApp(
  name: string,
  { owners, tags, protect, ...workflowArgs }: IdentityLogicAppArgs,
  identityResourceId: pulumi.Input<string>,
  options: pulumi.ComponentResourceOptions,
): PublishedLogicApp {
  const { callers, users, allowedIpRanges, requests, tenantId } = workflowArgs;
  const audience = new LogicAppAudience(
    name,
    { displayName: logicAppDisplayName(name), tenantId, callers, owners, tags, protect },
    options,
  );
  const workflow = new LogicApp(
    name,
    { ...workflowArgs, identityResourceId, audienceClientId: audience.clientId },
    options,
  );
  return {
    resourceId: workflow.resourceId,
    endpoint: workflow.endpoint,
    audience: audience.resourceUri,
    requests,
    access: { audienceClientId: audience.clientId, callers, users, allowedIpRanges },
  };
}
