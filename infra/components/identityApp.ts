import * as pulumi from "@pulumi/pulumi";
import {
  logicAppDisplayName,
  logicAppRequests,
  type LogicAppSettings,
} from "../../core/settings/logicAppSettings";
import type { Owners } from "./appRegistration";
import { childOf, consentTo, type GraphAccess } from "./graphApp";
import { LogicApp } from "./logicApp";
import { LogicAppAudience } from "./logicAppAudience";
import type { ManagedIdentity } from "./managedIdentity";

/** A Logic App that calls Microsoft Graph as the identity, and where it is deployed. */
export interface IdentityLogicAppArgs {
  readonly settings: LogicAppSettings;
  readonly permissions: readonly string[];
  readonly tenantId: string;
  readonly owners: Owners;
  readonly protect: boolean;
  /** The stack's mark. */
  readonly tags: pulumi.Input<string[]>;
  readonly resourceGroupName: pulumi.Input<string>;
  readonly location: pulumi.Input<string>;
}

export interface IdentityAppArgs {
  identity: ManagedIdentity;
  graph: GraphAccess;
  logicApp?: IdentityLogicAppArgs;
}

/** A managed identity in place of an app registration: it holds the permissions itself. */
export class IdentityApp extends pulumi.ComponentResource {
  /** Permissions that are granted when the run ends. */
  readonly permissions: pulumi.Output<string[]>;
  /** What the stack publishes of the Logic App. */
  readonly logicApp: Readonly<Record<string, pulumi.Input<unknown>>> | undefined;

  constructor(name: string, args: IdentityAppArgs, opts?: pulumi.ComponentResourceOptions) {
    super("copilot-token:infra:IdentityApp", name, {}, opts);
    const options = childOf(this);
    const { identity, graph, logicApp } = args;
    this.permissions = consentTo(name, identity.principalId, graph, options).granted;
    this.logicApp = logicApp === undefined ? undefined : deployLogicApp(name, logicApp, identity, options);
    this.registerOutputs({ permissions: this.permissions });
  }
}

function deployLogicApp(
  name: string,
  {
    settings,
    permissions,
    tenantId,
    owners,
    protect,
    tags,
    resourceGroupName,
    location,
  }: IdentityLogicAppArgs,
  identity: ManagedIdentity,
  options: pulumi.ComponentResourceOptions,
): Readonly<Record<string, pulumi.Input<unknown>>> {
  const { callers, users, allowedIpRanges } = settings;
  const requests = logicAppRequests(settings, permissions);
  const audience = new LogicAppAudience(
    name,
    { displayName: logicAppDisplayName(name), tenantId, callers, owners, tags, protect },
    options,
  );
  const workflow = new LogicApp(
    name,
    {
      callers,
      users,
      allowedIpRanges,
      requests,
      resourceGroupName,
      location,
      tenantId,
      identityResourceId: identity.resourceId,
      audienceClientId: audience.clientId,
    },
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
