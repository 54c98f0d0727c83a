import * as authorization from "@pulumi/azure-native/authorization";
import type * as pulumi from "@pulumi/pulumi";
import type { Reader } from "./core/settings";

/**
 * *Key Vault Secrets User*: reads secret values, nothing else.
 *
 * @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security#key-vault-secrets-user (read 2026-11)
 */
const secretsUser = "4633458b-17de-408a-b874-0445c86b69e6";

export interface SecretReadersArgs {
  /** ARM ID of a vault, or of one secret in it. */
  scope: pulumi.Input<string>;
  subscriptionId: string;
  readers: readonly Reader[];
}

/** Lets identities read secrets at a scope, one role assignment each, named by whom it is for. */
export function grantSecretReaders(name: string, args: SecretReadersArgs, parent: pulumi.Resource): void {
  for (const reader of args.readers) {
    new authorization.RoleAssignment(
      `${name}-reader-${reader.id.toLowerCase()}`,
      {
        scope: args.scope,
        roleDefinitionId: `/subscriptions/${args.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${secretsUser}`,
        principalId: reader.id,
        principalType: reader.type,
      },
      // Azure refuses a second assignment of the same role to the same identity, so a replacement cannot come first.
      { parent, deleteBeforeReplace: true },
    );
  }
}
