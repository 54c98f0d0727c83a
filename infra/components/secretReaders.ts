import * as pulumi from "@pulumi/pulumi";
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
  subscriptionId: pulumi.Input<string>;
  readers: readonly SecretReader[];
}

/** An identity that may read secret values. */
export interface SecretReader {
  /** Object ID; not a client ID. It may come from another resource, such as the `principalId` of a managed identity. */
  readonly id: pulumi.Input<string>;
  /** Names the role assignment: 1 to 64 letters, digits, `_` and `-`. Default: the object ID; a preview then leaves out a reader whose ID it does not know. */
  readonly name?: string;
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
  const roleDefinitionId =
    typeof subscriptionId === "string"
      ? roleDefinitionIdOf(subscriptionId, role)
      : pulumi.output(subscriptionId).apply((known) => roleDefinitionIdOf(known, role));
  for (const { id, name: reader, type } of readers) {
    const assign = (principalId: pulumi.Input<string>, key: string): void => {
      assignRole(`${name}-${key}`, { scope, roleDefinitionId, principalId, principalType: type }, parent);
    };
    if (reader !== undefined) assign(id, reader);
    else if (typeof id === "string") assign(id, id.toLowerCase());
    // Named by its value, so that a reader that becomes another one gets an assignment of its own.
    else
      pulumi.output(id).apply((known) => {
        assign(known, known.toLowerCase());
      });
  }
}
