import { requiredText, text, type Properties } from "../../properties";
import type { ResourceHandler } from "../handlers";
import { refusedWith, type GraphClient } from "./graphClient";

const inputNames = ["appRoleId", "principalObjectId", "resourceObjectId"];

/**
 * `azuread.AppRoleAssignment`: admin consent for one application permission. The resource's side grants it.
 *
 * @see https://github.com/hashicorp/terraform-provider-azuread/blob/main/internal/services/approleassignments/app_role_assignment_resource.go (read 2026-11)
 */
export function appRoleAssignmentHandler(graph: GraphClient): ResourceHandler {
  return {
    inputs: inputNames,
    forceNew: inputNames,
    async create(inputs) {
      const resourceId = requiredText(inputs, "resourceObjectId");
      const resource = `/v1.0/servicePrincipals/${resourceId}`;
      if ((await graph.find(resource)) === undefined) {
        throw new Error(`Service principal not found for resource (Object ID: "${resourceId}")`);
      }
      const created = await graph.change(
        "Could not create app role assignment",
        "POST",
        `${resource}/appRoleAssignedTo`,
        {
          "@odata.type": "#microsoft.graph.appRoleAssignment",
          appRoleId: inputs["appRoleId"],
          principalId: inputs["principalObjectId"],
          resourceId,
        },
        // The principal may not have reached where the grant is written.
        (answer) => answer.status === 404 || refusedWith(answer, 400, /Not a valid reference update/),
      );
      const path = `/servicePrincipals/${resourceId}/appRoleAssignedTo/${requiredText(created, "id")}`;
      // The real provider looks once, and fails where a replica does not know the grant yet; this one looks for a moment.
      const found = await graph.find(`/v1.0${path}`);
      if (found === undefined) {
        throw new Error(
          `App role assignment ${path} was made, and then not found: the next run takes it over.`,
        );
      }
      return { id: path, outs: outputs(found) };
    },
    async read(id) {
      const found = await graph.get(`/v1.0${id}`);
      if (found === undefined) return undefined;
      const outs = outputs(found);
      return { outs, inputs: Object.fromEntries(inputNames.map((key) => [key, outs[key]])) };
    },
    async delete(id) {
      if ((await graph.get(`/v1.0${id}`)) !== undefined) {
        await graph.change("Deleting app role assignment", "DELETE", `/v1.0${id}`);
      }
    },
  };
}

function outputs(found: Properties): Properties {
  return {
    appRoleId: text(found, "appRoleId") ?? "",
    principalDisplayName: text(found, "principalDisplayName") ?? "",
    principalObjectId: text(found, "principalId") ?? "",
    principalType: text(found, "principalType") ?? "",
    resourceDisplayName: text(found, "resourceDisplayName") ?? "",
    resourceObjectId: text(found, "resourceId") ?? "",
  };
}
