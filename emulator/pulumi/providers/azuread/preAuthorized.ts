import { isRecord, records, requiredText, text, texts, type Properties } from "../../properties";
import type { ResourceHandler } from "../handlers";
import { objectIdIn } from "./application";
import { notYetThere, type GraphClient } from "./graphClient";

const inputNames = ["applicationId", "authorizedClientId", "permissionIds"];

/**
 * `azuread.ApplicationPreAuthorized`: a client that users need not consent to. Graph keeps them in one list, which the
 * real provider reads, changes and sends back whole.
 *
 * @see https://github.com/hashicorp/terraform-provider-azuread/blob/main/internal/services/applications/application_pre_authorized_resource.go (read 2026-11)
 */
export function preAuthorizedHandler(graph: GraphClient): ResourceHandler {
  const listOf = async (objectId: string): Promise<Properties[] | undefined> => {
    const found = await graph.get(path(objectId));
    if (found === undefined) return undefined;
    return isRecord(found["api"]) ? records(found["api"], "preAuthorizedApplications") : [];
  };
  /** @param permissionIds None takes the client out. */
  const write = (
    deed: string,
    objectId: string,
    clientId: string,
    permissionIds: readonly string[] | undefined,
  ): Promise<void> =>
    graph.exclusively(objectId, async () => {
      const listed = await listOf(objectId);
      if (listed === undefined && permissionIds === undefined) return;
      const others = (listed ?? []).filter((each) => !isClient(each, clientId));
      const own =
        permissionIds === undefined ? [] : [{ appId: clientId, delegatedPermissionIds: permissionIds }];
      const body = { api: { preAuthorizedApplications: [...others, ...own] } };
      await graph.change(deed, "PATCH", path(objectId), body, notYetThere);
    });
  const outputs = (objectId: string, clientId: string, found: Properties): Properties => ({
    applicationId: `/applications/${objectId}`,
    authorizedClientId: clientId,
    permissionIds: texts(found, "delegatedPermissionIds"),
  });

  return {
    inputs: inputNames,
    forceNew: ["applicationId", "authorizedClientId"],
    async create(inputs) {
      const objectId = objectIdIn(requiredText(inputs, "applicationId"));
      const clientId = requiredText(inputs, "authorizedClientId");
      if ((await graph.find(path(objectId))) === undefined) {
        throw new Error(`/applications/${objectId} was not found`);
      }
      const permissionIds = texts(inputs, "permissionIds");
      await write("Adding pre-authorized application", objectId, clientId, permissionIds);
      return {
        id: `${objectId}/preAuthorizedApplication/${clientId}`,
        outs: outputs(objectId, clientId, { delegatedPermissionIds: permissionIds }),
      };
    },
    async read(id) {
      const { objectId, clientId } = parse(id);
      const found = (await listOf(objectId))?.find((each) => isClient(each, clientId));
      if (found === undefined) return undefined;
      const outs = outputs(objectId, clientId, found);
      return { outs, inputs: outs };
    },
    async update(id, _olds, news) {
      const { objectId, clientId } = parse(id);
      const permissionIds = texts(news, "permissionIds");
      await write("Updating pre-authorized application", objectId, clientId, permissionIds);
      return outputs(objectId, clientId, { delegatedPermissionIds: permissionIds });
    },
    async delete(id) {
      const { objectId, clientId } = parse(id);
      await write("Removing pre-authorized application", objectId, clientId, undefined);
    },
  };
}

function path(objectId: string): string {
  return `/v1.0/applications/${objectId}`;
}

function parse(id: string): { objectId: string; clientId: string } {
  const [objectId = "", , clientId = ""] = id.split("/");
  return { objectId, clientId };
}

function isClient(entry: Properties, clientId: string): boolean {
  return text(entry, "appId")?.toLowerCase() === clientId.toLowerCase();
}
