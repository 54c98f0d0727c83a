import * as azuread from "@pulumi/azuread";
import * as pulumi from "@pulumi/pulumi";
import {
  AdminConsent,
  AppCertificate,
  AppFederation,
  AppRegistration,
  ClientSecret,
  ExpiryAlerts,
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
  const { tenantId, subscriptionId, objectId } = await getClientConfig();
  const graph = await azuread.getServicePrincipal({ clientId: graphClientId });
  const roles = [{ name: "User.Read.All", appRoleId: graph.appRoleIds["User.Read.All"] ?? "" }];
  const scopes = [{ name: "User.Read", scopeId: graph.oauth2PermissionScopeIds["User.Read"] ?? "" }];
  const owners = { objectIds: [objectId], managed: false };
  const vault = new SecretVault("vault", {
    tenantId,
    subscriptionId,
    sku: "standard",
    softDeleteRetentionInDays: 7,
    allowedIpRanges: [],
    readers: [],
    nameSuffix: "own1",
    protect: false,
    namedAfter: "own",
  });
  const { resourceGroupName, location, vaultResourceId } = vault;
  new ExpiryAlerts("expiry", {
    email: "ops@example.com",
    resourceGroupName,
    location,
    vaultResourceId,
    nameSuffix: "own1",
  });
  const registration = new AppRegistration("Own", {
    displayName: "Own",
    graphClientId,
    roles,
    owners,
    protect: false,
    tags: { application: [], servicePrincipal: [] },
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
    cause: "first",
    endDate: new Date(Date.now() + 100 * 86_400_000).toISOString().replace(/\.\d+Z$/, "Z"),
    rotation: { everyDays: 60, keepDays: 30, graceDays: 10 },
    consumerTags: {},
    verification: { tokens: 2, overSeconds: 0 },
    stackId: "57ac1d00-0000-4000-8000-000000000001",
    tenantId,
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
    federated: [],
    protect: false,
  });
  const audience = new LogicAppAudience("Own-logic-app", {
    displayName: "Own Logic App",
    tenantId,
    callers: [],
    owners,
    tags: [],
    protect: false,
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
  return pulumi.output({
    granted: consent.granted,
    secret: secret.secretResourceId,
    certificate: certificate.secretResourceId,
    workflow: workflow.resourceId,
  });
};
