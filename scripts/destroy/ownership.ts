import * as z from "zod/mini";
import { OperatorError } from "../../core/errors";
import { ownershipOf, releasedTag, foreignTags } from "../../core/ownershipMark";
import { notOursReason } from "../../core/permissions/existingApps";
import { oneLine } from "../../core/sinks";
import { isNotFound, readBody, serviceRefusal } from "../../azure/serviceRefusal";
import type { HeldResource } from "../shared/engines/stackEngine";
import { inParallel } from "../../core/inParallel";
import type { AzureView } from "./azureView";
import { recordedResources, stackIdIn, type DirectoryObject } from "./destroyRecord";

const tagged = z.object({ id: z.guid(), tags: z._default(z.array(z.string()), []) });
const readsAtOnce = 8;

/**
 * Refuses to delete an app that another stack has marked, although this stack's state holds it too.
 *
 * @throws {OperatorError} `APP_NOT_OURS`, before anything goes.
 */
export async function refuseOthersApps(
  view: AzureView,
  stack: string,
  resources: readonly HeldResource[],
): Promise<void> {
  const stackId = stackIdIn(resources);
  const { directoryObjects } = recordedResources(resources);
  const found = await inParallel(directoryObjects, readsAtOnce, async (object) => {
    const ownership = ownershipOf((await tagsOf(view, object)) ?? [], object.stackId ?? stackId);
    if (ownership.kind !== "otherStack") return [];
    return [`${object.app}: ${notOursReason({ applicationObjectId: object.objectId }, ownership)}`];
  });
  const reasons = [...new Set(found.flat())];
  if (reasons.length === 0) return;
  throw new OperatorError(
    "APP_NOT_OURS",
    `${reasons.map((reason) => oneLine(reason)).join("\n")}\nNothing was changed. Take the app out of this stack's state ` +
      `(pulumi state delete, for each of its resources; pulumi stack --show-urns --stack ${stack} lists them), then destroy the rest.`,
  );
}

/**
 * Releases what a destruction of this stack left and a restore brought back: it carries the mark of a stack ID that is no
 * more, and no stack could adopt it.
 *
 * @param stackId Of the stack as it was destroyed; only what carries this mark is released.
 */
export async function release(
  view: AzureView,
  object: DirectoryObject,
  stackId: string | undefined,
): Promise<void> {
  const tags = await tagsOf(view, object);
  if (tags === undefined || stackId === undefined || ownershipOf(tags, stackId).kind !== "ours") return;
  const answer = await view.graph.write("PATCH", pathOf(object), {
    tags: [...foreignTags(tags), releasedTag],
  });
  if (answer.status !== 204 && answer.status !== 200) throw serviceRefusal("Microsoft Graph", answer);
}

/** @returns undefined for what is not there. */
async function tagsOf({ graph }: AzureView, object: DirectoryObject): Promise<readonly string[] | undefined> {
  const answer = await graph.ask(`${pathOf(object)}?$select=id,tags`);
  if (isNotFound("Microsoft Graph", answer)) return undefined;
  return readBody("Microsoft Graph", answer, tagged).tags;
}

function pathOf({ kind, objectId }: DirectoryObject): string {
  return `/${kind}s/${objectId}`;
}
