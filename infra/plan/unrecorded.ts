import * as z from "zod/mini";
import { armService, askArm, listArm } from "../../azure/arm";
import type { AzureClient } from "../../azure/azureClient";
import type { GraphApi } from "../../azure/graph";
import { isForbidden, isMissing, isNotFound, readBody, serviceRefusal } from "../../azure/serviceRefusal";
import type { Identity } from "../../azure/signIn";
import type { Whereabouts } from "../../core/adoption/whereabouts";
import { isHalfMade, stackIdIn, resourceIn, type HalfMadeExpectation } from "../../core/ownershipMark";
import { roleGuidIn } from "../../core/access/azureRoles";
import type { Directory } from "./directory";

/** What a killed run may have made and not recorded. */
export interface Unrecorded {
  /** @returns the ID by which Pulumi knows what is there; undefined where nothing is, or the caller may not look. */
  importIdOf(whereabouts: Whereabouts, callerObjectId: string): Promise<string | undefined>;
  /** Deletes what no run has recorded and no provider can import, such as a Logic App whose address is not known. */
  remove(armId: string, apiVersion: string): Promise<void>;
}

export interface UnrecordedContext {
  readonly graph: GraphApi;
  readonly client: AzureClient;
  readonly getIdentity: () => Identity;
  readonly directory: Pick<Directory, "application" | "applicationsMarked" | "federatedCredentialCount">;
}

const armShape = z.object({ id: z.string() });
const roleAssignmentShape = z.object({
  id: z.string(),
  properties: z.object({ scope: z.string(), roleDefinitionId: z.string(), principalId: z.string() }),
});
const objectShape = z.object({ id: z.string() });
const grantShape = z.object({ id: z.string(), appRoleId: z.string(), resourceId: z.string() });
const credentialShape = z.object({ id: z.string(), name: z.string() });
const preAuthorizedShape = z.object({
  api: z.object({ preAuthorizedApplications: z.array(z.object({ appId: z.string() })) }),
});
const roleAssignments = "/providers/Microsoft.Authorization/roleAssignments";

type Finder<Kind extends Whereabouts["kind"]> = (
  whereabouts: Extract<Whereabouts, { kind: Kind }>,
  callerObjectId: string,
) => Promise<string | undefined>;

type Finders = { readonly [Kind in Whereabouts["kind"]]: Finder<Kind> };

export function unrecordedIn({ graph, client, getIdentity, directory }: UnrecordedContext): Unrecorded {
  const armResource = async (id: string, apiVersion: string): Promise<string | undefined> => {
    const answer = await askArm(client, getIdentity(), { path: id, apiVersion });
    if (isNotFound(armService, answer)) return undefined;
    // Azure's own spelling, which the provider would have recorded.
    return readBody(armService, answer, armShape).id;
  };
  const finders: Finders = {
    arm: ({ id, apiVersion }) => armResource(id, apiVersion),
    roleAssignment: async ({ scope, roleDefinitionId, principalId, apiVersion }) => {
      const filter = encodeURIComponent(`principalId eq '${principalId}'`);
      const path = `${scope}${roleAssignments}?$filter=${filter}`;
      const held = await listArm(client, getIdentity(), path, apiVersion, roleAssignmentShape);
      const role = roleGuidIn(roleDefinitionId);
      const found = held.find(
        ({ properties }) =>
          isSame(properties.scope, scope) && isSame(roleGuidIn(properties.roleDefinitionId), role),
      );
      return found?.id;
    },
    application: async ({ tags, ownerObjectIds }, callerObjectId) => {
      const [stackId, resource] = [stackIdIn(tags), resourceIn(tags)];
      if (stackId === undefined || resource === undefined) return undefined;
      const ownOwners = [callerObjectId, ...ownerObjectIds];
      const isOwnerless = ownerObjectIds.length === 0;
      const found = await findHalfMadeApp({ stackId, resource, ownOwners, isOwnerless }, directory);
      return found && `/applications/${found.applicationObjectId}`;
    },
    servicePrincipal: async ({ clientId }) => {
      const filter = encodeURIComponent(`appId eq '${clientId}'`);
      const [found] = await graph.list(`/servicePrincipals?$filter=${filter}&$select=id`, objectShape);
      return found === undefined ? undefined : `/servicePrincipals/${found.id}`;
    },
    appRoleAssignment: async ({ principalObjectId, resourceObjectId, appRoleId }) => {
      const grants = await graph.list(
        `/servicePrincipals/${principalObjectId}/appRoleAssignments`,
        grantShape,
      );
      const found = grants.find(
        (grant) => grant.resourceId === resourceObjectId && grant.appRoleId === appRoleId,
      );
      return found && `/servicePrincipals/${resourceObjectId}/appRoleAssignedTo/${found.id}`;
    },
    federatedCredential: async ({ applicationObjectId, name }) => {
      const path = `/applications/${applicationObjectId}/federatedIdentityCredentials`;
      const found = (await graph.list(path, credentialShape)).find((credential) => credential.name === name);
      return found && `${applicationObjectId}/federatedIdentityCredential/${found.id}`;
    },
    preAuthorized: async ({ applicationObjectId, clientId }) => {
      const { api } = await graph.get(`/applications/${applicationObjectId}?$select=api`, preAuthorizedShape);
      const isThere = api.preAuthorizedApplications.some(({ appId }) => isSame(appId, clientId));
      return isThere ? `${applicationObjectId}/preAuthorizedApplication/${clientId}` : undefined;
    },
  };
  return {
    importIdOf: async (whereabouts, callerObjectId) => {
      try {
        const find = finders[whereabouts.kind] as Finder<Whereabouts["kind"]>;
        return await find(whereabouts, callerObjectId);
      } catch (error) {
        // Gone with what it belongs to, or not for this caller to see: making it tells.
        if (isForbidden(error) || isMissing(error)) return undefined;
        throw error;
      }
    },
    remove: async (armId, apiVersion) => {
      const answer = await askArm(client, getIdentity(), { method: "DELETE", path: armId, apiVersion });
      if (![200, 202, 204].includes(answer.status)) throw serviceRefusal(armService, answer);
      // What Azure accepted counts once it shows nothing any more.
      const left = await askArm(
        client,
        getIdentity(),
        { path: armId, apiVersion },
        { passesByItself: ({ status }) => (status === 200 ? { reason: "it is being deleted" } : undefined) },
      );
      if (!isNotFound(armService, left)) throw serviceRefusal(armService, left);
    },
  };
}

/** @returns the application with its service principal, when a killed run left it and no one else controls it. */
export async function findHalfMadeApp(
  stack: HalfMadeExpectation,
  directory: UnrecordedContext["directory"],
): ReturnType<Directory["application"]> {
  for (const { applicationObjectId, tags } of await directory.applicationsMarked(stack.stackId)) {
    if (resourceIn(tags) !== stack.resource) continue;
    const found = await halfMadeApp(applicationObjectId, stack, directory);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function halfMadeApp(
  applicationObjectId: string,
  stack: HalfMadeExpectation,
  directory: Pick<Directory, "application" | "federatedCredentialCount">,
): ReturnType<Directory["application"]> {
  const [existing, federatedCount] = await Promise.all([
    directory.application(applicationObjectId),
    directory.federatedCredentialCount(applicationObjectId),
  ]);
  if (existing === undefined) return undefined;
  const { tags, owners, clientSecrets, certificateCount, servicePrincipal } = existing;
  const credentials = clientSecrets.length + certificateCount + federatedCount;
  const evidence = {
    tags,
    ownerObjectIds: [...owners, ...(servicePrincipal?.owners ?? [])].map(({ objectId }) => objectId),
    credentialCount: credentials + (servicePrincipal?.credentialCount ?? 0),
  };
  return isHalfMade(evidence, stack) ? existing : undefined;
}

function isSame(one: string | undefined, other: string | undefined): boolean {
  return one?.toLowerCase() === other?.toLowerCase();
}
