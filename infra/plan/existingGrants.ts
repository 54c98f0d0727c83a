import * as pulumi from "@pulumi/pulumi";
import {
  grantsRemovedOutside,
  removedGrantsNotice,
  type ExistingGrant,
} from "../../core/permissions/existingApps";
import type { Directory } from "./directory";
import type { AppPlan } from "./stackPlan";

/**
 * Asks which app roles of Microsoft Graph an app holds, and warns of those that were removed since the last run.
 *
 * @param graphObjectId Of Microsoft Graph's service principal.
 * @param principalObjectId Of the app's.
 */
export async function existingGrants(
  { name, roles, previous }: AppPlan,
  graphObjectId: string,
  principalObjectId: string,
  directory: Directory,
): Promise<ExistingGrant[]> {
  const grants = await directory.grantsOf(principalObjectId, graphObjectId);
  const missing = grantsRemovedOutside(roles, previous?.permissions ?? [], grants);
  if (missing.length > 0) void pulumi.log.warn(removedGrantsNotice(name, missing, pulumi.getStack()));
  return [...grants];
}
