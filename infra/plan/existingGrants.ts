import * as pulumi from "@pulumi/pulumi";
import {
  grantsRemovedOutside,
  removedGrantsNotice,
  type ExistingGrant,
} from "../../core/permissions/existingApps";
import type { AppOutputs } from "../../core/outputs/stackOutputs";
import type { Directory } from "./directory";
import type { AppPlan } from "./stackPlan";

/**
 * Asks which app roles of an API an app holds, and warns of those that were removed since the last run.
 *
 * @param principalObjectId Of the app's service principal.
 * @param resourceObjectId Of the API's.
 */
export async function existingGrants(
  { name, roles, apis, previous }: AppPlan,
  principalObjectId: string,
  resourceObjectId: string,
  directory: Directory,
): Promise<ExistingGrant[]> {
  const grants = await directory.grantsOf(principalObjectId, resourceObjectId);
  const api = apis.find(({ objectId }) => objectId === resourceObjectId);
  const missing =
    api === undefined
      ? grantsRemovedOutside(roles, previous?.permissions ?? [], grants)
      : grantsRemovedOutside(api.roles, permissionsOf(previous, api.clientId), grants);
  if (missing.length > 0) void pulumi.log.warn(removedGrantsNotice(name, missing, pulumi.getStack()));
  return [...grants];
}

/** What the last run granted of an API. */
function permissionsOf(previous: AppOutputs | undefined, clientId: string): readonly string[] {
  return previous?.apis?.find((api) => api.clientId === clientId)?.permissions ?? [];
}
