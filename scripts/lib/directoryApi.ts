import { z } from "zod";
import type { AppOutputs } from "../../infra/core/stackOutputs";
import { graphClientId, type GraphApi } from "../../azure/graphApi";
import { OperatorError } from "../../infra/core/errors";

const owner = z.object({ id: z.string(), displayName: z.string().nullish() });
const keyed = z.object({
  keyId: z.string(),
  displayName: z.string().nullish(),
  startDateTime: z.string().nullish(),
  endDateTime: z.string().nullish(),
});
const federated = z.object({ id: z.string(), name: z.string(), issuer: z.string(), subject: z.string() });
const application = z.object({
  owners: z.array(owner).default([]),
  appId: z.string(),
  displayName: z.string(),
  signInAudience: z.string().nullish(),
  passwordCredentials: z.array(keyed).default([]),
  keyCredentials: z.array(keyed).default([]),
  requiredResourceAccess: z
    .array(
      z.object({
        resourceAppId: z.string(),
        resourceAccess: z.array(z.object({ id: z.string(), type: z.string() })),
      }),
    )
    .default([]),
});
const servicePrincipal = z.object({
  owners: z.array(owner).default([]),
  accountEnabled: z.boolean().nullish(),
  passwordCredentials: z.array(keyed).default([]),
  keyCredentials: z.array(keyed).default([]),
});
const grant = z.object({
  id: z.string(),
  appRoleId: z.string(),
  resourceId: z.string(),
  resourceDisplayName: z.string().nullish(),
  createdDateTime: z.string().nullish(),
});

/** A password or certificate as the directory shows it: never its value. */
export type KeyedCredential = z.infer<typeof keyed>;
export type FederatedCredential = z.infer<typeof federated>;
export type Grant = z.infer<typeof grant>;

/** What the directory holds of one app. */
export interface DirectoryApp {
  readonly application: z.infer<typeof application>;
  readonly servicePrincipal: z.infer<typeof servicePrincipal>;
  readonly federated: readonly FederatedCredential[];
  readonly grants: readonly Grant[];
}

/** Microsoft Graph's own service principal: names of its app roles by GUID. */
export interface GraphRoles {
  readonly graphObjectId: string;
  readonly names: ReadonlyMap<string, string>;
}

/**
 * Reads everything that an app consists of, at once.
 *
 * @throws {ServiceRefusal} 403 when the caller may not read the directory.
 * @see https://learn.microsoft.com/graph/api/application-get (read 2026-11): Application.Read.All
 */
export async function fetchDirectoryApp(graph: GraphApi, app: AppOutputs): Promise<DirectoryApp> {
  const ofApplication = `/applications/${app.applicationObjectId}`;
  const ofPrincipal = `/servicePrincipals/${app.servicePrincipalObjectId}`;
  const applicationFields =
    "appId,displayName,signInAudience,passwordCredentials,keyCredentials,requiredResourceAccess";
  const principalFields = "accountEnabled,passwordCredentials,keyCredentials";
  // Graph takes one $expand a request, and answers at most 20 owners by it.
  const owners = "$expand=owners($select=id,displayName)";
  const [itself, principal, federatedCredentials, grants] = await Promise.all([
    graph.get(`${ofApplication}?$select=${applicationFields}&${owners}`, application),
    graph.get(`${ofPrincipal}?$select=${principalFields}&${owners}`, servicePrincipal),
    graph.list(`${ofApplication}/federatedIdentityCredentials`, federated),
    graph.list(`${ofPrincipal}/appRoleAssignments`, grant),
  ]);
  return { application: itself, servicePrincipal: principal, federated: federatedCredentials, grants };
}

/** Reads which permission each app role GUID is, from the tenant itself. */
export async function fetchGraphRoles(graph: GraphApi): Promise<GraphRoles> {
  const shape = z.object({
    id: z.string(),
    appRoles: z.array(z.object({ id: z.string(), value: z.string().nullish() })),
  });
  const [found] = await graph.list(
    `/servicePrincipals?$filter=appId eq '${graphClientId}'&$select=id,appRoles`,
    shape,
  );
  if (found === undefined) {
    throw new OperatorError(
      "GRAPH_PRINCIPAL_MISSING",
      "The tenant has no service principal of Microsoft Graph.",
    );
  }
  return {
    graphObjectId: found.id,
    names: new Map(found.appRoles.map(({ id, value }) => [id, value ?? id])),
  };
}

/**
 * Display names by object ID, whatever kind of object each is.
 *
 * @see https://learn.microsoft.com/graph/api/directoryobject-getbyids (read 2026-11): at most 1,000 IDs
 */
export async function fetchNames(
  graph: GraphApi,
  objectIds: readonly string[],
): Promise<Map<string, string>> {
  if (objectIds.length === 0) return new Map();
  const shape = z.object({ value: z.array(owner) });
  const { value } = await graph.post("/directoryObjects/getByIds", { ids: objectIds.slice(0, 1000) }, shape);
  return new Map(value.flatMap(({ id, displayName }) => (displayName == null ? [] : [[id, displayName]])));
}
