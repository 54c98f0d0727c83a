import { shellFlag } from "./sinks";

// Commands of the Azure CLI that fixes suggest where Pulumi and this project have none.

/** Takes a federated credential from an application. */
export function federatedDeletion(applicationObjectId: string, credentialId: string): string {
  return `az ad app federated-credential delete ${shellFlag("id", applicationObjectId)} ${shellFlag("federated-credential-id", credentialId)}`;
}

/** Registers a resource provider in the subscription. */
export function providerRegistration(namespace: string): string {
  return `az provider register ${shellFlag("namespace", namespace)}`;
}

/** Makes a resource group; one that is there already in this region stays as it is. */
export function groupCreation(name: string, location: string): string {
  return `az group create ${shellFlag("name", name)} ${shellFlag("location", location)}`;
}

/** Brings a deleted vault back, into its resource group, which has to be there. */
export function vaultRecovery(vaultName: string): string {
  return `az keyvault recover ${shellFlag("name", vaultName)}`;
}

/** Brings a deleted vault secret back. */
export function secretRecovery(vaultName: string, secretName: string): string {
  return `az keyvault secret recover ${shellFlag("vault-name", vaultName)} ${shellFlag("name", secretName)}`;
}

/** Makes a Microsoft service's service principal in the tenant. */
export function servicePrincipalCreation(clientId: string): string {
  return `az ad sp create ${shellFlag("id", clientId)}`;
}

/** Assigns a role, with a condition where there is one. */
export function roleAssignment(
  role: { readonly name: string },
  objectId: string,
  scope: string,
  condition?: { readonly text: string; readonly version: string },
): string {
  const limit =
    condition === undefined
      ? ""
      : ` ${shellFlag("condition", condition.text)} ${shellFlag("condition-version", condition.version)}`;
  return `az role assignment create ${shellFlag("role", role.name)} ${shellFlag("assignee-object-id", objectId)} ${shellFlag("scope", scope)}${limit}`;
}
