/** The components, for other Pulumi programs and for Pulumi's analyzer. */
export { AdminConsent } from "./adminConsent";
export { AppCertificate } from "./appCertificate";
export { AppFederation } from "./appFederation";
export { AppRegistration } from "./appRegistration";
export { ClientSecret } from "./clientSecret";
export { ExpiryAlerts } from "./expiryAlerts";
export { GraphApp, type GraphAppArgs } from "./graphApp";
export { IdentityApp } from "./identityApp";
export { LogicApp } from "./logicApp";
export { LogicAppAudience } from "./logicAppAudience";
export { ManagedIdentity } from "./managedIdentity";
export { SecretVault } from "./secretVault";
export { UserAccess } from "./userAccess";
