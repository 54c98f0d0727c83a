import * as azuread from "@pulumi/azuread";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { deployingOwner, type Owners } from "./appRegistration";
import { connectorClientId } from "../../core/agent/logicAppRequest";

export interface LogicAppAudienceArgs {
  /** Name in Entra, at most 256 characters; no other application of the tenant may have it. */
  displayName: string;
  /** Tenant ID, a GUID. */
  tenantId: string;
  /** Client IDs that call the Logic App. */
  callers: string[];
  /** Owners of registration and service principal. Default: the identity that deploys first. */
  owners?: Owners;
  /** Tags in Entra. Default: none. */
  tags?: pulumi.Input<string[]>;
  /** Guard both against deletion. Default: as the component's own option `protect` says. */
  protect?: boolean;
}

/** What a stack calls an app's audience. */
export function logicAppAudienceResource(app: string): string {
  return `${app}-logic-app`;
}

/**
 * What a Logic App's callers get their tokens for: an app registration of its own, without a secret and without
 * permissions. Its tokens are valid only for this Logic App. A leaked token for an API of Microsoft would give away the
 * caller's other rights.
 */
export class LogicAppAudience extends pulumi.ComponentResource {
  /** What callers ask a token for, `api://<tenant ID>/<name>`. */
  readonly resourceUri: pulumi.Output<string>;
  /** What such a token then says it is for. */
  readonly clientId: pulumi.Output<string>;

  constructor(name: string, args: LogicAppAudienceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("copilot-token:infra:LogicAppAudience", name, {}, opts);
    const { objectIds: owners, managed } = args.owners ?? deployingOwner(this);
    const tags = args.tags ?? [];
    const shared: pulumi.CustomResourceOptions = {
      parent: this,
      ...(args.protect === undefined ? {} : { protect: args.protect }),
      ignoreChanges: managed ? [] : ["owners"],
    };
    // Entra takes such an identifier where tokens are of version 2.0, whatever the tenant's policy is.
    const resource = logicAppAudienceResource(name);
    const resourceUri = `api://${args.tenantId}/${resource}`;
    const scope = new random.RandomUuid(resource, {}, { parent: this });
    const application = new azuread.Application(
      resource,
      {
        displayName: args.displayName,
        signInAudience: "AzureADMyOrg",
        owners,
        tags,
        identifierUris: [resourceUri],
        api: {
          requestedAccessTokenVersion: 2,
          oauth2PermissionScopes: [
            {
              id: scope.result,
              value: "user_impersonation",
              type: "Admin",
              adminConsentDisplayName: `Call ${args.displayName}`,
              adminConsentDescription: `Lets a client call ${args.displayName} in the name of its user.`,
            },
          ],
        },
      },
      shared,
    );
    new azuread.ServicePrincipal(resource, { clientId: application.clientId, owners, tags }, shared);
    if (args.callers.some((clientId) => clientId.toLowerCase() === connectorClientId)) {
      new azuread.ApplicationPreAuthorized(
        resource,
        {
          applicationId: application.id,
          authorizedClientId: connectorClientId,
          permissionIds: [scope.result],
        },
        { parent: this },
      );
    }

    this.resourceUri = application.identifierUris.apply((uris) => uris?.[0] ?? resourceUri);
    this.clientId = application.clientId;
    this.registerOutputs({ resourceUri: this.resourceUri, clientId: this.clientId });
  }
}
