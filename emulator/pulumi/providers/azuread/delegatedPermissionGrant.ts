import { requiredText, text, texts, type Properties } from "../../properties";
import type { ResourceHandler } from "../handlers";
import { refusedWith, type GraphClient } from "./graphClient";

const inputNames = [
  "claimValues",
  "resourceServicePrincipalObjectId",
  "servicePrincipalObjectId",
  "userObjectId",
];
const collection = "/v1.0/oauth2PermissionGrants";

/**
 * `azuread.ServicePrincipalDelegatedPermissionGrant`: consent to delegated permissions, for one user or for all.
 *
 * @see https://github.com/hashicorp/terraform-provider-azuread/blob/main/internal/services/serviceprincipals/service_principal_delegated_permission_grant_resource.go (read 2026-11)
 */
export function delegatedPermissionGrantHandler(graph: GraphClient): ResourceHandler {
  return {
    inputs: inputNames,
    forceNew: inputNames.filter((name) => name !== "claimValues"),
    async create(inputs) {
      const clientId = requiredText(inputs, "servicePrincipalObjectId");
      const resourceId = requiredText(inputs, "resourceServicePrincipalObjectId");
      for (const objectId of [clientId, resourceId]) {
        if ((await graph.find(`/v1.0/servicePrincipals/${objectId}`)) === undefined) {
          throw new Error(`Service principal not found (Object ID: "${objectId}")`);
        }
      }
      const userObjectId = text(inputs, "userObjectId");
      const created = await graph.change(
        "Could not create delegated permission grant",
        "POST",
        collection,
        {
          clientId,
          consentType: userObjectId === undefined ? "AllPrincipals" : "Principal",
          principalId: userObjectId ?? null,
          resourceId,
          scope: texts(inputs, "claimValues").join(" "),
        },
        (answer) => answer.status === 404 || refusedWith(answer, 400, /does not exist or one of its queried/),
      );
      return { id: `/oauth2PermissionGrants/${requiredText(created, "id")}`, outs: outputs(created) };
    },
    async read(id) {
      const found = await graph.get(`/v1.0${id}`);
      if (found === undefined) return undefined;
      const outs = outputs(found);
      return { outs, inputs: Object.fromEntries(inputNames.map((key) => [key, outs[key]])) };
    },
    async update(id, _olds, news) {
      await graph.change("Updating delegated permission grant", "PATCH", `/v1.0${id}`, {
        scope: texts(news, "claimValues").join(" "),
      });
      return outputs((await graph.get(`/v1.0${id}`)) ?? {});
    },
    async delete(id) {
      if ((await graph.get(`/v1.0${id}`)) !== undefined) {
        await graph.change("Deleting delegated permission grant", "DELETE", `/v1.0${id}`);
      }
    },
  };
}

function outputs(found: Properties): Properties {
  const userObjectId = text(found, "principalId");
  return {
    claimValues: (text(found, "scope") ?? "").split(" ").filter((name) => name !== ""),
    resourceServicePrincipalObjectId: text(found, "resourceId") ?? "",
    servicePrincipalObjectId: text(found, "clientId") ?? "",
    ...(userObjectId === undefined ? {} : { userObjectId }),
  };
}
