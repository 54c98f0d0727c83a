import type { ResourceProvider } from "../../resourceProvider";
import { handlerProvider } from "../handlers";
import type { RestClient } from "../restClient";
import { applicationHandler } from "./application";
import { applicationPasswordHandler } from "./applicationPassword";
import { appRoleAssignmentHandler } from "./appRoleAssignment";
import { delegatedPermissionGrantHandler } from "./delegatedPermissionGrant";
import { federatedIdentityCredentialHandler } from "./federatedIdentityCredential";
import { azureadFunctions } from "./functions";
import { graphClient } from "./graphClient";
import { preAuthorizedHandler } from "./preAuthorized";
import { servicePrincipalHandler } from "./servicePrincipal";
import { comparableInputs } from "./statedInputs";

/**
 * The part of `@pulumi/azuread` that this project uses, with the real provider's requests.
 *
 * @param patience Factor for every wait for replication; below 1 for tests of what never comes.
 */
export function azureadProvider(client: RestClient, patience = 1): ResourceProvider {
  const graph = graphClient(client, patience);
  return handlerProvider({
    version: "6.9.1",
    comparable: comparableInputs,
    resources: {
      "azuread:index/application:Application": applicationHandler(graph),
      "azuread:index/applicationPreAuthorized:ApplicationPreAuthorized": preAuthorizedHandler(graph),
      "azuread:index/servicePrincipal:ServicePrincipal": servicePrincipalHandler(graph),
      "azuread:index/appRoleAssignment:AppRoleAssignment": appRoleAssignmentHandler(graph),
      "azuread:index/servicePrincipalDelegatedPermissionGrant:ServicePrincipalDelegatedPermissionGrant":
        delegatedPermissionGrantHandler(graph),
      "azuread:index/applicationPassword:ApplicationPassword": applicationPasswordHandler(graph),
      "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential":
        federatedIdentityCredentialHandler(graph),
    },
    functions: azureadFunctions(graph),
  });
}
