import * as azuread from "@pulumi/azuread";
import * as pulumi from "@pulumi/pulumi";
import {
  AdminConsent,
  AppCertificate,
  AppFederation,
  AppRegistration,
  ClientSecret,
  ExpiryAlerts,
  IdentityApp,
  LogicApp,
  LogicAppAudience,
  ManagedIdentity,
  SecretVault,
  UserAccess,
} from "copilot-token";
import { getClientConfig } from "@pulumi/azure-native/authorization";

// A program of another project, which has installed the package: every component that the others consist of.
const graphClientId = "00000003-0000-0000-c000-000000000000";

export = async () => {
  const { tenantId } = await getClientConfig();
  const graph = await azuread.getServicePrincipal({ clientId: graphClientId });
  const roles = [{ name: "User.Read.All", appRoleId: graph.appRoleIds["User.Read.All"] ?? "" }];
  const scopes = [{ name: "User.Read", scopeId: graph.oauth2PermissionScopeIds["User.Read"] ?? "" }];
  // Plain inputs and defaults: nothing that only the project's own program works out.
  const vault = new SecretVault("vault");
  const { resourceGroupName, location, vaultResourceId } = vault;
  new ExpiryAlerts("expiry", {
    email: "ops@example.com",
    resourceGroupName,
    location,
    vaultResourceId,
  });
  const registration = new AppRegistration("Own", {
    displayName: "Own",
    roles,
    users: { scopes, redirectUris: [], assignmentRequired: false, identifierUris: [] },
  });
  const { clientId, applicationId, servicePrincipalObjectId: principalObjectId } = registration;
  const consent = new AdminConsent("Own", { principalObjectId, resourceObjectId: graph.objectId, roles });
  new UserAccess("Own", {
    principalObjectId,
    graphObjectId: graph.objectId,
    applicationId,
    scopes,
    users: [],
    assignedTo: [],
    clients: [],
  });
  new AppFederation("Own", {
    applicationId,
    credentials: [
      {
        name: "job",
        issuer: "https://token.actions.githubusercontent.com",
        subject: "repo:contoso/own:environment:prod",
        audience: "api://AzureADTokenExchange",
      },
    ],
  });
  const credential = {
    sequence: 1,
    verification: { tokens: 2, overSeconds: 0 },
    clientId,
    applicationId,
    vaultResourceId,
  } as const;
  const secret = new ClientSecret("Own", credential, { dependsOn: registration });
  const certificate = new AppCertificate(
    "Own",
    { ...credential, key: { keySize: 2048, exportable: false, format: "pfx" } },
    { dependsOn: [registration, secret] },
  );
  const identity = new ManagedIdentity("reader", {
    resourceGroupName,
    location,
  });
  const audience = new LogicAppAudience("Own-logic-app", {
    displayName: "Own Logic App",
    tenantId,
    callers: [],
  });
  const workflow = new LogicApp("Own", {
    tenantId,
    audienceClientId: audience.clientId,
    callers: [],
    users: [],
    allowedIpRanges: [],
    resourceGroupName,
    location,
    identityResourceId: identity.resourceId,
    requests: [],
  });
  new IdentityApp("Reader", {
    principalId: identity.principalId,
    identityResourceId: identity.resourceId,
    graph: { clientId: graphClientId, objectId: graph.objectId, roles },
  });
  return pulumi.output({
    granted: consent.granted,
    secret: secret.secretResourceId,
    certificate: certificate.secretResourceId,
    workflow: workflow.resourceId,
  });
};
