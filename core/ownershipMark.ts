/**
 * The mark of ownership: which stack an application, a service principal or a client secret belongs to.
 *
 * A stack draws a random ID once and keeps it among its resources, so that the ID survives a rename of stack or project
 * and a move of the state. The mark is written into `tags`, which the portal (Manifest), `az ad app show` and azuread all
 * show, which Graph can filter by, which changes in place, and which nothing else reads: `notes` and
 * `serviceManagementReference` belong to people and to their asset databases. A client secret has no tags; its display
 * name ends with the stack's ID.
 *
 * Every user of a tenant can read a mark and write the same one on an app of their own. So a mark only narrows what is
 * touched: what is ours by state and found by its ID is not changed when it carries another stack's mark. The one thing
 * that is found by its mark is an application that a killed run of this stack made, and {@link isHalfMade} says when.
 *
 * @see https://learn.microsoft.com/graph/api/resources/application (read 2026-11): `tags`, "custom strings that can be
 *   used to categorize and identify the application", which Entra shows on its service principal as well
 */
export interface OwnershipMark {
  /** A GUID. */
  readonly stackId: string;
  /** What the stack calls it: for an app itself, its key in the settings. */
  readonly resource: string;
  /** For people: the stack's name when the mark was written, such as `organization/copilot-token/prod`. */
  readonly stack: string;
}

/** Pulumi name of the random resource that holds a stack's ID. */
export const stackIdResource = "stack-id";

/** The same for an app that is marked by itself, as one is whose component the plugin makes. */
export function appStackIdResource(app: string): string {
  return `${app}-${stackIdResource}`;
}

const prefix = "copilot-token:";
const parts = { stackId: `${prefix}id:`, resource: `${prefix}resource:`, stack: `${prefix}stack:` };

/** On an application that a stack has given up: another one may adopt it. */
export const releasedTag = `${prefix}released`;

/** Graph takes no longer tag. */
const longestTag = 256;

/** The tags of an application or service principal: the mark, and what others wrote there. Sorted. */
export function tagsWithMark(
  { stackId, resource, stack }: OwnershipMark,
  others: readonly string[],
): string[] {
  const mark = [parts.stackId + stackId, parts.resource + resource, parts.stack + stack];
  return [...new Set([...foreignTags(others), ...mark.map((tag) => tag.slice(0, longestTag))])].sort();
}

/** Tags without any mark of this program. */
export function foreignTags(tags: readonly string[]): string[] {
  return tags.filter((tag) => !tag.startsWith(prefix));
}

/** The tag by which Graph finds what a stack has marked. */
export function stackIdTag(stackId: string): string {
  return parts.stackId + stackId;
}

/** The stack whose mark is among the tags. */
export function stackIdIn(tags: readonly string[]): string | undefined {
  return valueOf(tags, parts.stackId);
}

/** What the marking stack calls it. */
export function resourceIn(tags: readonly string[]): string | undefined {
  return valueOf(tags, parts.resource);
}

function valueOf(tags: readonly string[], part: string): string | undefined {
  return tags.find((tag) => tag.startsWith(part))?.slice(part.length);
}

/** What the tags of an application or service principal say of its owner. */
export type Ownership =
  | { readonly kind: "ours"; readonly resource: string | undefined }
  /** `stack`: its name when it wrote the mark; undefined where the mark does not say. */
  | { readonly kind: "otherStack"; readonly stackId: string; readonly stack: string | undefined }
  /** It carries no stack's mark: made by hand, by another program, or by a stack of release 0.2.0. */
  | { readonly kind: "unmarked"; readonly isReleased: boolean };

/**
 * Reads whose an application or service principal is. One that carries two stacks' marks is the other one's.
 *
 * @param stackId Undefined for a stack that has no ID yet: then every mark is another stack's.
 */
export function ownershipOf(tags: readonly string[], stackId: string | undefined): Ownership {
  const ids = tags
    .filter((tag) => tag.startsWith(parts.stackId))
    .map((tag) => tag.slice(parts.stackId.length).toLowerCase());
  const other = ids.find((id) => id !== stackId?.toLowerCase());
  if (other !== undefined) return { kind: "otherStack", stackId: other, stack: valueOf(tags, parts.stack) };
  return ids.length > 0
    ? { kind: "ours", resource: resourceIn(tags) }
    : { kind: "unmarked", isReleased: tags.includes(releasedTag) };
}

/** Another stack, for people. */
export function stackText({ stackId, stack }: Extract<Ownership, { kind: "otherStack" }>): string {
  return stack === undefined ? `the stack with ID ${stackId}` : `stack ${stack} (ID ${stackId})`;
}

/** Whether something carries this stack's mark and no other's. */
export function isOurs(tags: readonly string[], stackId: string | undefined): boolean {
  return ownershipOf(tags, stackId).kind === "ours";
}

/** What distinguishes a half-made application from one that someone else controls. */
export interface HalfMadeEvidence {
  readonly tags: readonly string[];
  /** Object IDs of the owners of application and service principal. */
  readonly ownerObjectIds: readonly string[];
  /** Client secrets, certificates and federated credentials of application and service principal. */
  readonly credentialCount: number;
}

export interface HalfMadeExpectation {
  readonly stackId: string;
  readonly resource: string;
  readonly ownOwners: readonly string[];
  readonly isOwnerless?: boolean;
}

/**
 * Whether an application is what a killed run of this stack left before the engine recorded it. The mark is not enough,
 * since anyone can write it. If the owners are those that the stack sets and there are no credentials, only the deployer
 * controls the application, no matter who created it.
 *
 * @param resource What the stack calls it.
 * @param ownOwners Object IDs that the stack makes owners, the deployer among them.
 * @param isOwnerless The stack leaves it without any owner.
 */
export function isHalfMade(
  { tags, ownerObjectIds, credentialCount }: HalfMadeEvidence,
  { stackId, resource, ownOwners, isOwnerless = false }: HalfMadeExpectation,
): boolean {
  const ownership = ownershipOf(tags, stackId);
  const own = new Set(ownOwners.map((owner) => owner.toLowerCase()));
  return (
    ownership.kind === "ours" &&
    ownership.resource === resource &&
    credentialCount === 0 &&
    (ownerObjectIds.length > 0 || isOwnerless) &&
    ownerObjectIds.every((owner) => own.has(owner.toLowerCase()))
  );
}
