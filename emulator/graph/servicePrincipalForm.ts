import { clouds } from "../tenant/clouds";
import { isRecord } from "../server/http";
import type { Application, AppRole, PermissionScope, ServicePrincipal, Tenant } from "../tenant/tenant";
import { applicationEntity, keyEntities, passwordEntity } from "./applicationForm";
import { informationalUrls } from "./applicationProperties";
import type { Entity } from "./listing";
import { omit, type Defaults } from "./properties";

/**
 * A service principal's properties.
 *
 * @see https://learn.microsoft.com/graph/api/resources/serviceprincipal (read 2026-11)
 */
export const servicePrincipalDefaults: Defaults = {
  id: "",
  deletedDateTime: null,
  accountEnabled: true,
  alternativeNames: [],
  appDescription: null,
  appDisplayName: "",
  appId: "",
  applicationTemplateId: null,
  appOwnerOrganizationId: null,
  appRoleAssignmentRequired: false,
  createdByAppId: null,
  createdDateTime: "",
  description: null,
  disabledByMicrosoftStatus: null,
  displayName: "",
  homepage: null,
  loginUrl: null,
  logoutUrl: null,
  notes: null,
  notificationEmailAddresses: [],
  preferredSingleSignOnMode: null,
  preferredTokenSigningKeyThumbprint: null,
  replyUrls: [],
  samlMetadataUrl: null,
  samlSingleSignOnSettings: null,
  servicePrincipalNames: [],
  servicePrincipalType: "Application",
  signInAudience: "AzureADMyOrg",
  tags: [],
  tokenEncryptionKeyId: null,
  addIns: [],
  appRoles: [],
  info: informationalUrls,
  keyCredentials: [],
  oauth2PermissionScopes: [],
  passwordCredentials: [],
  resourceSpecificApplicationPermissions: [],
  verifiedPublisher: { displayName: null, verifiedPublisherId: null, addedDateTime: null },
};

/** Set by Graph, or copied from the application. */
export const servicePrincipalReadOnly: ReadonlySet<string> = new Set([
  "id",
  "appDisplayName",
  "appDescription",
  "appOwnerOrganizationId",
  "applicationTemplateId",
  "createdByAppId",
  "createdDateTime",
  "deletedDateTime",
  "disabledByMicrosoftStatus",
  "servicePrincipalType",
  "signInAudience",
  "verifiedPublisher",
]);

function isMicrosofts({ appOwnerOrganizationId }: ServicePrincipal): boolean {
  return Object.values(clouds).some(({ microsoftTenantId }) => microsoftTenantId === appOwnerOrganizationId);
}

/** A service principal as Graph answers it. */
export function servicePrincipalEntity(servicePrincipal: ServicePrincipal): Entity {
  return {
    ...servicePrincipalDefaults,
    appDisplayName: servicePrincipal.displayName,
    ...omit(servicePrincipal, "ownerIds"),
    // Of its own ones, Microsoft does not say when they came.
    ...(isMicrosofts(servicePrincipal) ? { createdDateTime: null } : {}),
    keyCredentials: keyEntities(servicePrincipal["keyCredentials"]),
    passwordCredentials: (servicePrincipal.passwordCredentials ?? []).map((one) => passwordEntity(one)),
  };
}

/** Hands an application's name, roles, scopes and addresses on to its service principal, as Entra does at each change. */
export function followApplication(
  servicePrincipal: ServicePrincipal,
  application: Application,
  tenant: Pick<Tenant, "state">,
): void {
  const entity = applicationEntity(application, tenant);
  const api = isRecord(entity["api"]) ? entity["api"] : {};
  const web = isRecord(entity["web"]) ? entity["web"] : {};
  const identifierUris = Array.isArray(entity["identifierUris"]) ? entity["identifierUris"] : [];
  servicePrincipal.displayName = application.displayName;
  servicePrincipal.appRoles = (entity["appRoles"] ?? []) as AppRole[];
  servicePrincipal.oauth2PermissionScopes = (api["oauth2PermissionScopes"] ?? []) as PermissionScope[];
  servicePrincipal["servicePrincipalNames"] = [application.appId, ...(identifierUris as unknown[])];
  servicePrincipal["replyUrls"] = web["redirectUris"] ?? [];
  servicePrincipal["homepage"] = web["homePageUrl"] ?? null;
  servicePrincipal["logoutUrl"] = web["logoutUrl"] ?? null;
  servicePrincipal["info"] = entity["info"];
  servicePrincipal["signInAudience"] = entity["signInAudience"];
  // "Strings added here will also appear in the tags property of any associated service principals."
  const tags = [servicePrincipal["tags"], entity["tags"]].flatMap((list) =>
    Array.isArray(list) ? (list as unknown[]) : [],
  );
  servicePrincipal["tags"] = [...new Set(tags)];
}

/** The service principal of an application, whatever the lag. */
export function servicePrincipalOf(appId: string, tenant: Tenant): ServicePrincipal | undefined {
  return Object.values(tenant.state.directory.servicePrincipals).find(
    (candidate) => candidate.appId === appId,
  );
}
