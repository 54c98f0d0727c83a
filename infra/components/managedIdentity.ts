import * as managedidentity from "@pulumi/azure-native/managedidentity";
import * as pulumi from "@pulumi/pulumi";
import type { Cloud } from "../../core/cloud/clouds";
import type { Settings } from "../../core/settings/settings";
import { federatedCredentialOf, trustName, type FederatedCredential } from "../../core/access/trust";

export interface ManagedIdentityArgs {
  /** Resource group that the identity is made in. */
  resourceGroupName: pulumi.Input<string>;
  /** Azure region, such as `westeurope`. */
  location: pulumi.Input<string>;
  /** Tokens of issuers outside of Azure that sign in as the identity. Default: none. */
  federated?: FederatedCredential[];
  /** Guard it against deletion: its client ID and permissions would be gone. Default: as the component's own option `protect` says. */
  protect?: boolean;
}

/**
 * A user-assigned managed identity: Azure resources that it is assigned to sign in as it, without a secret.
 *
 * @see https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview (read 2026-11)
 */
export class ManagedIdentity extends pulumi.ComponentResource {
  /** Client ID of the identity. */
  readonly clientId: pulumi.Output<string>;
  /** Object ID of its service principal. */
  readonly principalId: pulumi.Output<string>;
  /** ARM ID, by which it is assigned to a resource. */
  readonly resourceId: pulumi.Output<string>;
  /** Tokens of issuers outside of Azure that sign in as the identity. */
  readonly federated: FederatedCredential[];

  constructor(name: string, args: ManagedIdentityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("copilot-token:infra:ManagedIdentity", name, {}, opts);
    const { resourceGroupName, location, federated = [], protect } = args;

    const identity = new managedidentity.UserAssignedIdentity(
      name,
      { resourceGroupName, location, resourceName: name },
      { parent: this, ...(protect === undefined ? {} : { protect }) },
    );
    // Azure refuses two writes under one identity at the same time, so each waits for the one before.
    let before: pulumi.Resource = identity;
    for (const { name: credentialName, issuer, subject, audience } of federated) {
      before = new managedidentity.FederatedIdentityCredential(
        `${name}-${credentialName}`,
        {
          resourceGroupName,
          resourceName: identity.name,
          federatedIdentityCredentialResourceName: credentialName,
          issuer,
          subject,
          audiences: [audience],
        },
        { parent: this, dependsOn: [before] },
      );
    }

    this.clientId = identity.clientId;
    this.principalId = identity.principalId;
    this.resourceId = identity.id;
    this.federated = federated;
    this.registerOutputs({ clientId: this.clientId, resourceId: this.resourceId });
  }
}

/** Makes the identities that the settings name, by their keys. */
export function makeIdentities(
  { identities, protect }: Settings,
  cloud: Cloud,
  place: Pick<ManagedIdentityArgs, "resourceGroupName" | "location">,
): Readonly<Record<string, ManagedIdentity>> {
  return Object.fromEntries(
    Object.entries(identities).map(([name, { federated: trusts }]) => {
      const federated = trusts.flatMap((trust) =>
        trust.kind === "identity" ? [] : [{ name: trustName(trust), ...federatedCredentialOf(trust, cloud) }],
      );
      return [name, new ManagedIdentity(name, { ...place, federated, protect })];
    }),
  );
}
