import { text, texts, type Properties } from "../../properties";
import type { InvokeHandler } from "../handlers";
import { applicationOutputs } from "./applicationShape";
import { filtered, quoted, type GraphClient } from "./graphClient";
import { readOwners } from "./owners";
import { servicePrincipalOutputs } from "./servicePrincipal";

/** Functions of the azuread package: looks at the tenant without managing it. */
export function azureadFunctions(graph: GraphClient): Record<string, InvokeHandler> {
  return {
    "azuread:index/getClientConfig:getClientConfig": async () => {
      const { appid: clientId, oid: objectId, tid: tenantId } = await graph.claims();
      return {
        clientId,
        objectId,
        tenantId,
        id: `${String(tenantId)}-${String(clientId)}-${String(objectId)}`,
      };
    },

    "azuread:index/getServicePrincipal:getServicePrincipal": async (inputs) => {
      const found = await findOne(graph, "servicePrincipals", inputs);
      return { ...servicePrincipalOutputs(found), id: `/servicePrincipals/${String(found["id"])}` };
    },

    "azuread:index/getServicePrincipals:getServicePrincipals": async (inputs) => {
      const found = await findSome(graph, inputs);
      return {
        clientIds: found.map((principal) => principal["appId"]),
        displayNames: found.map((principal) => principal["displayName"]),
        id: `servicePrincipals#${found.map((principal) => String(principal["id"])).join("-")}`,
        ignoreMissing: inputs["ignoreMissing"] === true,
        objectIds: found.map((principal) => principal["id"]),
        returnAll: inputs["returnAll"] === true,
        servicePrincipals: found.map(servicePrincipalOutputs),
      };
    },

    "azuread:index/getApplication:getApplication": async (inputs) => {
      const found = await findOne(graph, "applications", inputs);
      const path = `/v1.0/applications/${String(found["id"])}`;
      return {
        ...applicationOutputs(found, await readOwners(graph, path), false),
        id: `/applications/${String(found["id"])}`,
      };
    },
  };
}

async function findOne(graph: GraphClient, collection: string, inputs: Properties): Promise<Properties> {
  const objectId = text(inputs, "objectId");
  if (objectId !== undefined) {
    const found = await graph.get(`/v1.0/${collection}/${objectId}`);
    if (found !== undefined) return found;
    throw new Error(`${collection} with object ID "${objectId}" was not found`);
  }
  const clientId = text(inputs, "clientId");
  const displayName = text(inputs, "displayName");
  const filter =
    clientId === undefined ? `displayName eq ${quoted(displayName ?? "")}` : `appId eq ${quoted(clientId)}`;
  const found = await graph.list(filtered(`/v1.0/${collection}`, filter));
  const [first, second] = found;
  if (first === undefined) throw new Error(`no ${collection} found matching filter: "${filter}"`);
  if (second !== undefined) throw new Error(`found multiple ${collection} matching filter: "${filter}"`);
  return first;
}

async function findSome(graph: GraphClient, inputs: Properties): Promise<Properties[]> {
  if (inputs["returnAll"] === true) return await graph.list("/v1.0/servicePrincipals");
  const filters = [
    ...texts(inputs, "clientIds").map((clientId) => `appId eq ${quoted(clientId)}`),
    ...texts(inputs, "displayNames").map((displayName) => `displayName eq ${quoted(displayName)}`),
    ...texts(inputs, "objectIds").map((objectId) => `id eq ${quoted(objectId)}`),
  ];
  const found = await Promise.all(
    filters.map(async (filter) => {
      const some = await graph.list(filtered("/v1.0/servicePrincipals", filter));
      if (some.length === 0 && inputs["ignoreMissing"] !== true) {
        throw new Error(`no servicePrincipals found matching filter: "${filter}"`);
      }
      return some;
    }),
  );
  return found.flat();
}
