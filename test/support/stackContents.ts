import { graphObjectId } from "../../emulator/tenant/seed";
import type { AppRoleAssignment, TenantState, VaultSecretVersion } from "../../emulator/tenant/tenant";
import { hashSecret } from "../../emulator/entra/tokens";
import type { SecretAppOutputs, StackOutputs } from "../../core/outputs/stackOutputs";
import { secretApp } from "./secretApp";

/** What an emulated tenant holds of a stack's one app with a client secret, looked up anew at each question. */
export interface StackContents {
  readonly app: SecretAppOutputs;
  /** Names of the Microsoft Graph permissions that it holds, sorted. */
  grants: () => string[];
  /** Key IDs of its client secrets in Entra, oldest first. */
  keyIds: () => string[];
  /** Versions of its vault secret, oldest first. */
  versions: () => readonly VaultSecretVersion[];
  /** Key ID of the client secret in Entra that is the vault's current value. */
  publishedKeyId: () => string | undefined;
  /** Grants it a permission as the portal would. */
  grantByHand: (permission: string) => AppRoleAssignment;
}

export function stackContents(state: TenantState, outputs: StackOutputs, name: string): StackContents {
  const app = secretApp(outputs.apps[name]);
  const { directory, vaults } = state;
  const roles = () => directory.servicePrincipals[graphObjectId]?.appRoles ?? [];
  const passwords = () => directory.applications[app.applicationObjectId]?.passwordCredentials ?? [];
  const versions = () =>
    vaults[outputs.vaultName.toLowerCase()]?.secrets[app.secretName.toLowerCase()]?.versions ?? [];
  return {
    app,
    versions,
    grants: () =>
      Object.values(directory.appRoleAssignments)
        .filter(({ principalId }) => principalId === app.servicePrincipalObjectId)
        .map(({ appRoleId }) => roles().find(({ id }) => id === appRoleId)?.value ?? appRoleId)
        .sort(),
    keyIds: () => passwords().map(({ keyId }) => keyId),
    publishedKeyId: () => {
      const hash = hashSecret(versions().at(-1)?.value ?? "");
      return passwords().find(({ secretHash }) => secretHash === hash)?.keyId;
    },
    grantByHand: (permission) => {
      const appRoleId = roles().find(({ value }) => value === permission)?.id;
      if (appRoleId === undefined) throw new Error(`the seed has no permission ${permission}`);
      const grant = {
        id: `by-hand-${permission}`,
        appRoleId,
        principalId: app.servicePrincipalObjectId,
        principalDisplayName: app.displayName,
        principalType: "ServicePrincipal",
        resourceId: graphObjectId,
        resourceDisplayName: "Microsoft Graph",
        createdDateTime: "2026-11-01T00:00:00Z",
      };
      directory.appRoleAssignments[grant.id] = grant;
      return grant;
    },
  };
}
