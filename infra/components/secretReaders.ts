import type * as pulumi from "@pulumi/pulumi";
import {
  azureRoles,
  roleDefinitionIdOf,
  type AzureRole,
  type PrincipalType,
} from "../../core/access/azureRoles";
import { assignRole } from "./roleAssignment";

export interface SecretReadersArgs {
  /** ARM ID of a vault, or of one secret or key in it. */
  scope: pulumi.Input<string>;
  subscriptionId: string;
  readers: readonly SecretReader[];
}

/** An identity that may read secret values. */
export interface SecretReader {
  /** Object ID; not a client ID. */
  readonly id: string;
  /** What kind of identity it is. */
  readonly type: PrincipalType;
}

/**
 * Lets identities read secret values at a scope, and nothing else: one role assignment each, named by whom it is for.
 *
 * @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security#key-vault-secrets-user (read 2026-11)
 */
export function grantSecretReaders(name: string, args: SecretReadersArgs, parent: pulumi.Resource): void {
  grantEach(`${name}-reader`, azureRoles.secretsUser, args, parent);
}

/**
 * Lets identities sign with a vault's key, and nothing that shows it: at the scope of a vault, or of one key in it.
 *
 * @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security#key-vault-crypto-user (read 2026-11)
 */
export function grantKeySigners(name: string, args: SecretReadersArgs, parent: pulumi.Resource): void {
  grantEach(`${name}-signer`, azureRoles.cryptoUser, args, parent);
}

function grantEach(
  name: string,
  role: AzureRole,
  { scope, subscriptionId, readers }: SecretReadersArgs,
  parent: pulumi.Resource,
): void {
  for (const { id, type } of readers) {
    assignRole(
      `${name}-${id.toLowerCase()}`,
      {
        scope,
        roleDefinitionId: roleDefinitionIdOf(subscriptionId, role),
        principalId: id,
        principalType: type,
      },
      parent,
    );
  }
}
