import * as azuread from "@pulumi/azuread";
import * as pulumi from "@pulumi/pulumi";
import { objectIdIn } from "../../core/adoption/whereabouts";
import type { AppRole } from "../../core/permissions/permissions";

export interface AppRegistrationArgs {
  displayName: string;
  /** Client ID of Microsoft Graph, the same in every tenant. */
  graphClientId: string;
  /** Application permissions to declare; granting them is {@link AdminConsent}'s part. */
  roles: readonly AppRole[];
  /** Object IDs of the owners of application and service principal. */
  owners: Owners;
  /** Guard both against deletion. */
  protect: boolean;
  /** The stack's mark, with the tags that others wrote. */
  tags: {
    readonly application: pulumi.Input<string[]>;
    readonly servicePrincipal: pulumi.Input<string[]>;
  };
  adoption?: Adoption;
}

export interface Owners {
  readonly objectIds: readonly string[];
  /** False when they are just whoever made the app: then they are set once and left alone. */
  readonly managed: boolean;
}

/**
 * An app that comes under the program in this run. One made by hand keeps its properties in this run; the next ones bring
 * them in line with the settings.
 */
export interface Adoption {
  readonly applicationObjectId: string;
  /** Absent when the app has none yet: then one is made. */
  readonly servicePrincipalObjectId?: string;
  /** Made by a run of this stack that was killed: brought in line at once. */
  readonly isHalfMade?: boolean;
}

/** A single-tenant app registration and its service principal ("enterprise application"). */
export class AppRegistration extends pulumi.ComponentResource {
  readonly clientId: pulumi.Output<string>;
  readonly applicationObjectId: pulumi.Output<string>;
  /** Graph's resource path, `/applications/{objectId}`, as other azuread resources want it. */
  readonly applicationId: pulumi.Output<string>;
  readonly servicePrincipal: pulumi.Resource;
  readonly servicePrincipalObjectId: pulumi.Output<string>;
  /** Object IDs of the application's owners. */
  readonly owners: pulumi.Output<string[]>;

  constructor(name: string, args: AppRegistrationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("copilot-token:infra:AppRegistration", name, {}, opts);
    const { adoption } = args;
    const owners = [...args.owners.objectIds];
    const isAsFound = adoption !== undefined && adoption.isHalfMade !== true;
    const shared: pulumi.CustomResourceOptions = {
      parent: this,
      protect: args.protect,
      ignoreChanges: isAsFound ? ["*"] : args.owners.managed ? [] : ["owners"],
    };

    const application = new azuread.Application(
      name,
      {
        displayName: args.displayName,
        signInAudience: "AzureADMyOrg",
        preventDuplicateNames: true,
        owners,
        tags: args.tags.application,
        // Graph takes no resource without a permission of it.
        requiredResourceAccesses:
          args.roles.length === 0
            ? []
            : [
                {
                  resourceAppId: args.graphClientId,
                  resourceAccesses: args.roles.map(({ appRoleId }) => ({ id: appRoleId, type: "Role" })),
                },
              ],
      },
      adoption === undefined
        ? shared
        : { ...shared, import: `/applications/${adoption.applicationObjectId}` },
    );

    const servicePrincipal = new azuread.ServicePrincipal(
      name,
      { clientId: application.clientId, owners, tags: args.tags.servicePrincipal },
      adoption?.servicePrincipalObjectId === undefined
        ? shared
        : { ...shared, import: `/servicePrincipals/${adoption.servicePrincipalObjectId}` },
    );

    this.clientId = application.clientId;
    // From the ID, which is there even where azuread failed after the creation, and so recorded nothing else.
    this.applicationObjectId = application.id.apply(objectIdIn);
    this.applicationId = application.id;
    this.servicePrincipal = servicePrincipal;
    this.servicePrincipalObjectId = servicePrincipal.id.apply(objectIdIn);
    this.owners = application.owners.apply((owners) => owners ?? []);
    this.registerOutputs({
      clientId: this.clientId,
      applicationObjectId: this.applicationObjectId,
      servicePrincipalObjectId: this.servicePrincipalObjectId,
    });
  }
}
