import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import { logicAppAccess } from "../../core/agent/logicAppAccess";
import { logicAppDefinition, logicAppTriggerPath } from "../../core/agent/logicAppDefinition";
import { clouds, type CloudName } from "../../core/cloud/clouds";
import type { LogicAppRequest } from "../../core/agent/logicAppRequest";

export interface LogicAppArgs {
  /** Default: the public cloud. */
  cloud?: CloudName;
  /** Tenant ID, a GUID. */
  tenantId: string;
  /** Client ID of the registration that callers get tokens for. */
  audienceClientId: pulumi.Input<string>;
  /** Client IDs of the applications that may call. */
  callers: string[];
  /** Object IDs of the users whose connection may call. */
  users: string[];
  /** IPv4 addresses and ranges that calls may come from. Empty: all networks. */
  allowedIpRanges: string[];
  /** Resource group that the Logic App is made in. */
  resourceGroupName: pulumi.Input<string>;
  /** Azure region, such as `westeurope`. */
  location: pulumi.Input<string>;
  /** ARM ID of the user-assigned managed identity as which it asks Microsoft Graph. */
  identityResourceId: pulumi.Input<string>;
  /** What it may be asked. */
  requests: LogicAppRequest[];
}

/**
 * A Logic App (Consumption) that asks Microsoft Graph in the name of a managed identity: for agents and flows, which
 * cannot have an identity of their own.
 *
 * It is a generic resource because the typed one, `logic.Workflow`, knows no `sasAuthenticationPolicy` and drops it on
 * the way to Azure: the trigger's address with its signature would then go on opening it. The way around that
 * Microsoft documents for such clients, a trigger condition on the `Authorization` header, puts each caller's token
 * into the trigger's outputs.
 *
 * @see https://www.pulumi.com/registry/packages/azure-native/version-guide/#using-the-generic-resource (read 2026-11)
 */
export class LogicApp extends pulumi.ComponentResource {
  /** ARM ID of the Logic App. */
  readonly resourceId: pulumi.Output<string>;
  /** Address of the trigger, without a signature. */
  readonly endpoint: pulumi.Output<string>;

  constructor(name: string, args: LogicAppArgs, opts?: pulumi.ComponentResourceOptions) {
    super("copilot-token:infra:LogicApp", name, {}, opts);

    const cloud = clouds[args.cloud ?? "public"];
    const workflow = new resources.Resource(
      name,
      {
        resourceGroupName: args.resourceGroupName,
        resourceProviderNamespace: "Microsoft.Logic",
        parentResourcePath: "",
        resourceType: "workflows",
        apiVersion: "2019-05-01",
        resourceName: `copilot-token-${name}`,
        location: args.location,
        identity: { type: "UserAssigned", userAssignedIdentities: [args.identityResourceId] },
        properties: {
          state: "Enabled",
          definition: logicAppDefinition(cloud, args.requests, args.identityResourceId),
          accessControl: logicAppAccess(cloud, args),
        },
      },
      // Its name is fixed, so a replacement cannot come first.
      { parent: this, deleteBeforeReplace: true },
    );

    this.resourceId = workflow.id;
    this.endpoint = workflow.properties.apply(endpointOf);
    this.registerOutputs({ resourceId: this.resourceId, endpoint: this.endpoint });
  }
}

/** Empty in a preview that repeats the inputs, to which Azure has added nothing yet. */
function endpointOf({ accessEndpoint }: { readonly accessEndpoint?: string }): string {
  return accessEndpoint === undefined ? "" : `${accessEndpoint}${logicAppTriggerPath}`;
}
