import * as z from "zod/mini";
import type {
  ExistingApp,
  ExistingApplication,
  ExistingOwner,
  ExistingServicePrincipal,
} from "../core/permissions/existingApps";
import type { GraphApi } from "./graph";
import { isMissing } from "./serviceRefusal";

const owners = z.array(
  z.object({ id: z.string(), "@odata.type": z.string(), displayName: z.nullish(z.string()) }),
);
const applicationShape = z.pipe(
  z.object({
    id: z.string(),
    appId: z.string(),
    displayName: z.string(),
    tags: z.array(z.string()),
    owners,
    passwordCredentials: z.array(
      z.object({ keyId: z.string(), displayName: z.nullish(z.string()), endDateTime: z.nullish(z.string()) }),
    ),
    keyCredentials: z.array(z.unknown()),
  }),
  z.transform((found): ExistingApplication => ({
    applicationObjectId: found.id,
    clientId: found.appId,
    displayName: found.displayName,
    tags: found.tags,
    owners: found.owners.map(ownerOf),
    clientSecrets: found.passwordCredentials.map(({ keyId, displayName, endDateTime }) => ({
      keyId,
      displayName: displayName ?? null,
      endsAt: endDateTime ?? null,
    })),
    certificateCount: found.keyCredentials.length,
  })),
);
// Graph takes one $expand a request, and answers at most 20 owners by it.
const expandOwners = "$expand=owners($select=id,displayName)";
const applicationFields = `$select=id,appId,displayName,tags,passwordCredentials,keyCredentials&${expandOwners}`;
const wholePrincipalShape = z.pipe(
  z.object({
    id: z.string(),
    tags: z.array(z.string()),
    owners,
    passwordCredentials: z.array(z.unknown()),
    keyCredentials: z.array(z.unknown()),
  }),
  z.transform((found): ExistingServicePrincipal => ({
    servicePrincipalObjectId: found.id,
    tags: found.tags,
    owners: found.owners.map(ownerOf),
    credentialCount: found.passwordCredentials.length + found.keyCredentials.length,
  })),
);
const wholePrincipalFields = `$select=id,tags,passwordCredentials,keyCredentials&${expandOwners}`;

/** Applications that a filter of Graph's finds. */
export function fetchApplications(graph: GraphApi, filter: string): Promise<ExistingApplication[]> {
  return graph.list(
    `/applications?$filter=${encodeURIComponent(filter)}&${applicationFields}`,
    applicationShape,
  );
}

/**
 * An application with its service principal.
 *
 * @returns undefined when there is no such application.
 */
export async function fetchApp(
  graph: GraphApi,
  applicationObjectId: string,
): Promise<ExistingApp | undefined> {
  let application: ExistingApplication;
  try {
    application = await graph.get(
      `/applications/${applicationObjectId}?${applicationFields}`,
      applicationShape,
    );
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const filter = encodeURIComponent(`appId eq ${inFilter(application.clientId)}`);
  const [servicePrincipal] = await graph.list(
    `/servicePrincipals?$filter=${filter}&${wholePrincipalFields}`,
    wholePrincipalShape,
  );
  return { ...application, servicePrincipal };
}

/** A text as a filter of Graph's takes it. */
export function inFilter(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function ownerOf(owner: z.infer<typeof owners>[number]): ExistingOwner {
  return {
    objectId: owner.id,
    displayName: owner.displayName ?? null,
    isServicePrincipal: owner["@odata.type"] === "#microsoft.graph.servicePrincipal",
  };
}
