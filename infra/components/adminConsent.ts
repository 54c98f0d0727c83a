import * as azuread from "@pulumi/azuread";
import * as pulumi from "@pulumi/pulumi";
import { grantsToTakeOver, type ExistingGrant } from "../../core/permissions/existingApps";
import type { AppRole } from "../../core/permissions/permissions";
import type { Settings } from "../../core/settings/settings";
import { isKnown, valueIfKnown } from "../known";

export interface AdminConsentArgs {
  /** Object ID of the service principal that receives the permissions (not its client ID). */
  principalObjectId: pulumi.Input<string>;
  /** Object ID of Microsoft Graph's service principal; it differs from tenant to tenant. */
  graphObjectId: string;
  /** Roles to grant. Plain values, not Inputs: each name becomes part of a child's identity. */
  roles: readonly AppRole[];
  /**
   * Asks the tenant which app roles a service principal holds, by its object ID. What is granted already is imported
   * where the state lacks it, since Graph refuses to grant it again. Default: nothing is asked.
   */
  grantsOf?: (principalObjectId: string) => Promise<readonly ExistingGrant[]>;
}

/** Grants app roles to a service principal: the portal's "Grant admin consent" button. */
export class AdminConsent extends pulumi.ComponentResource {
  /** Permissions that are granted when the run ends; in a preview all that it is to grant. */
  readonly granted: pulumi.Output<string[]>;

  constructor(name: string, args: AdminConsentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("copilot-token:infra:AdminConsent", name, {}, opts);

    const registered = existingGrants(args).then((existing) => {
      const importIds = grantsToTakeOver(args.roles, existing);
      return Promise.all(args.roles.map((role) => this.grant(name, role, args, importIds[role.name])));
    });
    this.granted = pulumi.output(registered.then((names) => names.flat()));
    this.registerOutputs({ granted: this.granted });
  }

  /** @returns the permission's name when it is granted. */
  private async grant(
    name: string,
    role: AppRole,
    { principalObjectId, graphObjectId }: AdminConsentArgs,
    assignmentId: string | undefined,
  ): Promise<string[]> {
    // Graph takes a grant once, so a replacement (by another granter) cannot come first.
    const options = { parent: this, deleteBeforeReplace: true };
    const assignment = new azuread.AppRoleAssignment(
      `${name}-${role.name}`,
      { appRoleId: role.appRoleId, principalObjectId, resourceObjectId: graphObjectId },
      assignmentId === undefined
        ? options
        : { ...options, import: `/servicePrincipals/${graphObjectId}/appRoleAssignedTo/${assignmentId}` },
    );
    return pulumi.runtime.isDryRun() || (await isKnown(assignment.id)) ? [role.name] : [];
  }
}

/** A service principal that is still to be made holds nothing. */
async function existingGrants({
  principalObjectId,
  grantsOf,
}: AdminConsentArgs): Promise<readonly ExistingGrant[]> {
  if (grantsOf === undefined) return [];
  const known = await valueIfKnown(pulumi.output(principalObjectId));
  return known === undefined ? [] : grantsOf(known);
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
