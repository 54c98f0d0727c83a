import * as pulumi from "@pulumi/pulumi";
import { AdminConsent } from "../components/adminConsent";
import { AppFederation } from "../components/appFederation";
import { AppRegistration } from "../components/appRegistration";
import type { AppRole } from "../../core/permissions/permissions";
import type { Cloud } from "../../core/cloud/clouds";
import { federatedCredentialOf, trustName } from "../../core/access/trust";
import type { MachineTrust } from "../../core/settings/bootstrapSettings";
import type { StackMark } from "../stackId";
import { assignRole } from "../components/roleAssignment";
import { graphClientId } from "../plan/tenant";

export interface WorkIdentityArgs {
  cloud: Cloud;
  displayName: string;
  /** Who may sign in as it. There is no other way: it never has a secret. */
  trusts: readonly MachineTrust[];
  /** Graph application permissions. */
  graphRoles: AppRole[];
  graphObjectId: string;
  azureRoles: readonly AzureRoleHeld[];
  mark: StackMark;
}

/** A role at one place. */
export interface AzureRoleHeld {
  readonly name: string;
  /** Full ID. */
  readonly roleDefinitionId: pulumi.Input<string>;
  /** ARM ID. Plain: it names the assignment. */
  readonly scope: string;
  readonly condition?: string;
}

/** An identity for pipelines: it signs in only with tokens of other issuers, and holds only the rights of its role. */
export class WorkIdentity extends pulumi.ComponentResource {
  readonly clientId: pulumi.Output<string>;
  readonly servicePrincipalObjectId: pulumi.Output<string>;

  constructor(name: string, args: WorkIdentityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("copilot-token:bootstrap:WorkIdentity", name, {}, opts);
    const registration = new AppRegistration(
      name,
      {
        displayName: args.displayName,
        graphClientId,
        roles: args.graphRoles,
        // An owner could give it a secret, and so be it: it has none.
        owners: { objectIds: [], managed: true },
        tags: { application: args.mark.tagsOf(name), servicePrincipal: args.mark.tagsOf(name) },
        protect: false,
      },
      { parent: this },
    );
    new AppFederation(
      name,
      {
        applicationId: registration.applicationId,
        credentials: args.trusts.map((trust) => ({
          name: trustName(trust),
          ...federatedCredentialOf(trust, args.cloud),
        })),
      },
      { parent: this },
    );
    new AdminConsent(
      name,
      {
        principalObjectId: registration.servicePrincipalObjectId,
        resourceObjectId: args.graphObjectId,
        roles: args.graphRoles,
      },
      { parent: this },
    );
    for (const { name: roleName, roleDefinitionId, scope, condition } of args.azureRoles) {
      assignRole(
        `${name}-${roleName.replaceAll(" ", "-")}-${scope.toLowerCase()}`,
        {
          scope,
          roleDefinitionId,
          principalId: registration.servicePrincipalObjectId,
          principalType: "ServicePrincipal",
          ...(condition === undefined ? {} : { condition }),
        },
        this,
      );
    }
    this.clientId = registration.clientId;
    this.servicePrincipalObjectId = registration.servicePrincipalObjectId;
    this.registerOutputs({
      clientId: this.clientId,
      servicePrincipalObjectId: this.servicePrincipalObjectId,
    });
  }
}
