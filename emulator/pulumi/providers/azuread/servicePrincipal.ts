import { randomUUID } from "node:crypto";
import { records, requiredText, text, texts, type Properties } from "../../properties";
import type { ResourceHandler } from "../handlers";
import { inputsIn } from "../../resourceProvider";
import { objectIdIn } from "./application";
import { appRoleOutput, idsByValue } from "./applicationShape";
import { filtered, quoted, refusedWith, type GraphClient } from "./graphClient";
import { newOwners, ownersChanged, readOwners, replaceOwners, settleOwners } from "./owners";
import { statedInputs } from "./statedInputs";

const inputNames = [
  ...[
    "accountEnabled",
    "alternativeNames",
    "appRoleAssignmentRequired",
    "clientId",
    "description",
    "loginUrl",
  ],
  ...["notes", "notificationEmailAddresses", "owners", "preferredSingleSignOnMode", "tags"],
];

/**
 * `azuread.ServicePrincipal`. `useExisting` is left out on purpose: with it, `destroy` would delete a service
 * principal that the stack never made.
 *
 * @see https://github.com/hashicorp/terraform-provider-azuread/blob/main/internal/services/serviceprincipals/service_principal_resource.go (read 2026-11)
 */
export function servicePrincipalHandler(graph: GraphClient): ResourceHandler {
  const read = async (objectId: string): Promise<Properties | undefined> => {
    const path = `/v1.0/servicePrincipals/${objectId}`;
    const found = await graph.get(path);
    if (found === undefined) return undefined;
    return { ...servicePrincipalOutputs(found), owners: await readOwners(graph, path) };
  };

  return {
    inputs: inputNames,
    forceNew: ["clientId"],
    check: (_name, _olds, news) => Promise.resolve({ accountEnabled: true, ...news }),
    async create(inputs) {
      const clientId = requiredText(inputs, "clientId");
      const [existing] = await graph.list(
        filtered("/v1.0/servicePrincipals", `appId eq ${quoted(clientId)}`),
      );
      if (existing !== undefined) {
        throw new Error(
          `A resource with the ID "${String(existing["id"])}" already exists. To be managed via Terraform, this ` +
            "resource needs to be imported into the State. Please see the resource documentation for " +
            '"azuread_service_principal" for more information.',
        );
      }
      const caller = await graph.callerObjectId();
      const owners = newOwners(graph, caller, texts(inputs, "owners"));
      const created = await graph.change(
        "Could not create service principal",
        "POST",
        "/v1.0/servicePrincipals",
        {
          ...servicePrincipalBody(inputs),
          appId: clientId,
          description: `TERRAFORM_UPDATE_${randomUUID()}`,
          "owners@odata.bind": owners.bind,
        },
        (answer) =>
          refusedWith(answer, 400, /does not reference a valid application object/) ||
          refusedWith(answer, 403, /the backing application of the service principal being created must in/),
      );
      const objectId = requiredText(created, "id");
      const path = `/v1.0/servicePrincipals/${objectId}`;
      // A change that Graph takes shows that the service principal has reached where changes go.
      await graph.change(
        "Failed to patch service principal after creating",
        "PATCH",
        path,
        {
          "@odata.type": "#microsoft.graph.servicePrincipal",
          description: text(inputs, "description") ?? null,
        },
        ({ status }) => status === 404,
      );
      await settleOwners(graph, path, owners, caller);
      await graph.settled("Waiting for service principal", path);
      return { id: `/servicePrincipals/${objectId}`, outs: (await read(objectId)) ?? {} };
    },
    async read(id, known) {
      const outs = await read(objectIdIn(id));
      return outs && { outs, inputs: statedInputs(outs, inputNames, inputsIn(known)) };
    },
    async update(id, olds, news) {
      const objectId = objectIdIn(id);
      const path = `/v1.0/servicePrincipals/${objectId}`;
      const body = servicePrincipalBody(news);
      await graph.change("Updating service principal", "PATCH", path, body, ({ status }) => status === 404);
      if (ownersChanged(inputsIn(olds), news)) await replaceOwners(graph, path, texts(news, "owners"));
      return (await read(objectId)) ?? {};
    },
    async delete(id) {
      const path = `/v1.0/servicePrincipals/${objectIdIn(id)}`;
      if ((await graph.get(path)) !== undefined) {
        await graph.change("Deleting service principal", "DELETE", path);
      }
    },
  };
}

function servicePrincipalBody(inputs: Properties): Properties {
  return {
    "@odata.type": "#microsoft.graph.servicePrincipal",
    accountEnabled: inputs["accountEnabled"] !== false,
    alternativeNames: texts(inputs, "alternativeNames"),
    appRoleAssignmentRequired: inputs["appRoleAssignmentRequired"] === true,
    description: text(inputs, "description") ?? null,
    loginUrl: text(inputs, "loginUrl") ?? null,
    notes: text(inputs, "notes") ?? null,
    notificationEmailAddresses: texts(inputs, "notificationEmailAddresses"),
    preferredSingleSignOnMode: text(inputs, "preferredSingleSignOnMode") ?? null,
    samlSingleSignOnSettings: {},
    tags: texts(inputs, "tags"),
  };
}

/** What resource and function tell of a service principal. */
export function servicePrincipalOutputs(found: Properties): Properties {
  const clientId = text(found, "appId") ?? "";
  const scopes = records(found, "oauth2PermissionScopes");
  return {
    accountEnabled: found["accountEnabled"] === true,
    alternativeNames: texts(found, "alternativeNames"),
    appRoleAssignmentRequired: found["appRoleAssignmentRequired"] === true,
    appRoleIds: idsByValue(records(found, "appRoles")),
    appRoles: records(found, "appRoles").map(appRoleOutput),
    applicationTenantId: text(found, "appOwnerOrganizationId") ?? "",
    clientId,
    description: text(found, "description") ?? "",
    displayName: text(found, "displayName") ?? "",
    homepageUrl: text(found, "homepage") ?? "",
    loginUrl: text(found, "loginUrl") ?? "",
    logoutUrl: text(found, "logoutUrl") ?? "",
    notes: text(found, "notes") ?? "",
    notificationEmailAddresses: texts(found, "notificationEmailAddresses"),
    oauth2PermissionScopeIds: idsByValue(scopes),
    oauth2PermissionScopes: scopes.map(scopeOutput),
    objectId: text(found, "id") ?? "",
    preferredSingleSignOnMode: text(found, "preferredSingleSignOnMode") ?? "",
    redirectUris: texts(found, "replyUrls"),
    samlMetadataUrl: text(found, "samlMetadataUrl") ?? "",
    servicePrincipalNames: texts(found, "servicePrincipalNames").filter((name) => name !== clientId),
    signInAudience: text(found, "signInAudience") ?? "",
    tags: texts(found, "tags"),
    type: text(found, "servicePrincipalType") ?? "",
  };
}

function scopeOutput(scope: Properties): Properties {
  return {
    adminConsentDescription: text(scope, "adminConsentDescription") ?? "",
    adminConsentDisplayName: text(scope, "adminConsentDisplayName") ?? "",
    enabled: scope["isEnabled"] === true,
    id: text(scope, "id") ?? "",
    type: text(scope, "type") ?? "",
    userConsentDescription: text(scope, "userConsentDescription") ?? "",
    userConsentDisplayName: text(scope, "userConsentDisplayName") ?? "",
    value: text(scope, "value") ?? "",
  };
}
