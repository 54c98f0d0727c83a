import * as azuread from "@pulumi/azuread";
import * as pulumi from "@pulumi/pulumi";
import type { AppRole } from "../../core/permissions/permissions";
import type { Settings } from "../../core/settings/settings";
import { isKnown } from "../known";

export interface AdminConsentArgs {
  /** Object ID of the service principal that receives the permissions (not its client ID). */
  principalObjectId: pulumi.Input<string>;
  /** Object ID of Microsoft Graph's service principal; it differs from tenant to tenant. */
  graphObjectId: string;
  /** Roles to grant. Plain values, not Inputs: each name becomes part of a child's identity. */
  roles: readonly AppRole[];
  /** Grants that the tenant already has, by permission name: they are taken over instead of made. */
  existingGrantIds?: Readonly<Record<string, string>>;
}

/** Grants app roles to a service principal: the portal's "Grant admin consent" button. */
export class AdminConsent extends pulumi.ComponentResource {
  /** Permissions that are granted when the run ends; in a preview all that it is to grant. */
  readonly granted: pulumi.Output<string[]>;

  constructor(name: string, args: AdminConsentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("copilot-token:infra:AdminConsent", name, {}, opts);

    // Graph takes a grant once, so a replacement (by another granter) cannot come first.
    const options = { parent: this, deleteBeforeReplace: true };
    const granted = args.roles.map(async (role) => {
      const existing = args.existingGrantIds?.[role.name];
      const assignment = new azuread.AppRoleAssignment(
        `${name}-${role.name}`,
        {
          appRoleId: role.appRoleId,
          principalObjectId: args.principalObjectId,
          resourceObjectId: args.graphObjectId,
        },
        existing === undefined
          ? options
          : {
              ...options,
              import: `/servicePrincipals/${args.graphObjectId}/appRoleAssignedTo/${existing}`,
            },
      );
      return pulumi.runtime.isDryRun() || (await isKnown(assignment.id)) ? [role.name] : [];
    });

    this.granted = pulumi.output(Promise.all(granted).then((names) => names.flat()));
    this.registerOutputs({ granted: this.granted });
  }
}

/**
 * Who gives admin consent: the identity that deploys, or one that signs in apart and may do nothing else. That one
 * signs in by federation alone: a provider's settings are part of the stack's state, and a secret would be too. It signs in
 * at every run that does not exclude the consents, whether it has anything to grant or not.
 *
 * @param granter Without a client ID: whoever deploys.
 */
export function granterOptions(
  { clientId }: Settings["granter"],
  tenantId: string,
): pulumi.ComponentResourceOptions {
  if (clientId === undefined) return {};
  return { providers: { azuread: new azuread.Provider("granter", { clientId, tenantId, useOidc: true }) } };
}
