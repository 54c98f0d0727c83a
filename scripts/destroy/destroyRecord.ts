import { join } from "node:path";
import * as z from "zod/mini";
import { OperatorError } from "../../core/errors";
import { appStackIdResource, stackIdResource } from "../../core/ownershipMark";
import { addDays } from "../../core/secrets/rotation";
import { parseJson } from "../../azure/json";
import { isArmId } from "../../core/armId";
import { english } from "../../core/english";
import { readVaultId } from "../../core/vault/vaultAdoption";
import { readRegularFile } from "../shared/boundedInput";
import { writeOutputFile } from "../shared/outputFile";
import type { HeldResource } from "../shared/engines/stackEngine";

const instant = z.iso.datetime({ offset: true });
const directoryObject = z.object({
  kind: z.enum(["application", "servicePrincipal"]),
  /**
   * `logicApp`: the callers of an app's Logic App get their tokens for it. It holds nothing that is worth restoring,
   * no setting takes it in, and restored it would be in the way of the next run, which makes another.
   */
  purpose: z._default(z.enum(["app", "logicApp"]), "app"),
  /** What the program calls it: for the app itself, its key in the settings. */
  app: z.string(),
  objectId: z.guid(),
  /** The ID that it is marked with; absent for that of the whole stack. */
  stackId: z.optional(z.guid()),
});
const vault = z.object({
  /** ARM ID. */
  vaultId: z
    .string()
    .check(z.refine((id) => isArmId(id) && readVaultId(id) !== undefined, "no ARM ID of a vault")),
  location: z.optional(z.string()),
  resourceGroupLocation: z.optional(z.string()),
});
const destruction = z.object({
  tenantId: z.guid(),
  /** The stack's ID, which its apps are marked with; absent for a stack from before the mark. */
  stackId: z.optional(z.guid()),
  startedAt: instant,
  /** Absent while something that was to go is still there. */
  finishedAt: z.optional(instant),
  directoryObjects: z.array(directoryObject),
  vaults: z.array(vault),
  /** ARM IDs of Log Analytics workspaces. */
  workspaces: z.array(z.string().check(z.refine((id) => isArmId(id), "no ARM ID"))),
  /** The stack had user-assigned managed identities, whose tokens outlive them. */
  managedIdentities: z.boolean(),
});
const record = z.extend(destruction, {
  version: z.literal(1),
  stack: z.string(),
  /** Destructions of this stack before the last one, newest first, for as long as Azure may keep something of them. */
  earlier: z._default(z.array(destruction), []),
});

/**
 * The identifiers of what a destroy deletes and can be restored. It is written before the destroy begins, since afterwards
 * neither the stack nor its outputs have them. Only this command writes it, from the stack's own state.
 */
export type DestroyRecord = z.infer<typeof record>;
export type DirectoryObject = z.infer<typeof directoryObject>;
export type RecordedVault = z.infer<typeof vault>;

/** The part of a record that an engine's state tells. */
export type RecordedResources = Pick<
  DestroyRecord,
  "stackId" | "directoryObjects" | "vaults" | "workspaces" | "managedIdentities"
>;

const directoryKinds: Readonly<Record<string, DirectoryObject["kind"]>> = {
  "azuread:index/application:Application": "application",
  "azuread:index/servicePrincipal:ServicePrincipal": "servicePrincipal",
};

const logicAppAudience = "copilot-token:infra:LogicAppAudience";

/** Finds in a stack's state what can be restored after its deletion. */
export function recordedResources(resources: readonly HeldResource[]): RecordedResources {
  const deleted = resources.filter(({ isRetained }) => !isRetained);
  const ofType = (wanted: string): HeldResource[] => deleted.filter(({ type }) => type === wanted);
  const stackId = stackIdIn(resources);
  return {
    ...(stackId === undefined ? {} : { stackId }),
    directoryObjects: deleted.flatMap(({ type, name, parentType, id }) => {
      const kind = directoryKinds[type];
      // As azuread writes them: /applications/{objectId}.
      const objectId = z.guid().safeParse(id.split("/").at(-1));
      if (kind === undefined || !objectId.success) return [];
      const purpose = parentType === logicAppAudience ? "logicApp" : "app";
      const own = drawnId(resources, appStackIdResource(name));
      const marked = own === undefined ? {} : { stackId: own };
      return [{ kind, purpose, app: name, objectId: objectId.data, ...marked }];
    }),
    vaults: ofType("azure-native:keyvault:Vault").map(({ id }) => ({ vaultId: id })),
    workspaces: ofType("azure-native:operationalinsights:Workspace").map(({ id }) => id),
    managedIdentities: ofType("azure-native:managedidentity:UserAssignedIdentity").length > 0,
  };
}

/** The ID that a stack's apps are marked with; undefined for a stack from before the mark. */
export function stackIdIn(resources: readonly HeldResource[]): string | undefined {
  return drawnId(resources, stackIdResource);
}

function drawnId(resources: readonly HeldResource[], resource: string): string | undefined {
  return resources.find(({ type, name }) => type === stackIdType && name === resource)?.id;
}

const stackIdType = "random:index/randomUuid:RandomUuid";

/** Days that Azure keeps a deleted vault at most; of applications it is 30. */
const longestKeptDays = 90;

/**
 * The record of a new destruction. One that did not come to its end goes on: what it took away is still its own. One that
 * did is kept beside the new one, since what it took away can still be restored.
 */
export function continued(previous: DestroyRecord | undefined, now: DestroyRecord): DestroyRecord {
  if (previous === undefined) return now;
  if (previous.finishedAt !== undefined || previous.tenantId !== now.tenantId) {
    const oldest = addDays(new Date(now.startedAt), -longestKeptDays);
    return {
      ...now,
      earlier: [destruction.parse(previous), ...previous.earlier].filter(
        ({ startedAt }) => new Date(startedAt) > oldest,
      ),
    };
  }
  const eachOnce = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] => [
    ...new Map(items.map((item) => [keyOf(item).toLowerCase(), item])).values(),
  ];
  const stackId = now.stackId ?? previous.stackId;
  return {
    ...now,
    ...(stackId === undefined ? {} : { stackId }),
    startedAt: previous.startedAt,
    earlier: previous.earlier,
    directoryObjects: eachOnce(
      [...previous.directoryObjects, ...now.directoryObjects],
      ({ objectId }) => objectId,
    ),
    vaults: eachOnce([...previous.vaults, ...now.vaults], ({ vaultId }) => vaultId),
    workspaces: eachOnce([...previous.workspaces, ...now.workspaces], (id) => id),
    managedIdentities: previous.managedIdentities || now.managedIdentities,
  };
}

/**
 * The record as of an earlier destruction.
 *
 * @param startedAt When that one began, as the record writes it.
 * @returns undefined when the record has no such destruction.
 */
export function ofDestruction(given: DestroyRecord, startedAt: string): DestroyRecord | undefined {
  if (given.startedAt === startedAt) return given;
  const chosen = given.earlier.find((one) => one.startedAt === startedAt);
  return chosen === undefined
    ? undefined
    : { ...chosen, version: given.version, stack: given.stack, earlier: [] };
}

/** Where a stack's record lies; a stack of Pulumi Cloud has its organisation in front, which is left out. */
export function recordFile(directory: string, stack: string): string {
  return join(directory, ".copilot-token", `destroyed-${stack.split("/").at(-1) ?? stack}.json`);
}

/**
 * @returns undefined when there is none.
 * @throws {OperatorError} `DESTROY_RECORD_INVALID`.
 */
export async function readRecord(file: string): Promise<DestroyRecord | undefined> {
  let text: string | undefined;
  try {
    text = await readRegularFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const parsed = record.safeParse(parseJson(text ?? ""), english);
  if (parsed.success) return parsed.data;
  throw new OperatorError(
    "DESTROY_RECORD_INVALID",
    `${file} is not a record of a destroyed stack:\n${z.prettifyError(parsed.error)}\n` +
      "Put the right one in its place, or move it away; what it named stays in Azure until its time is over.",
    { cause: parsed.error },
  );
}

export async function writeRecord(file: string, value: DestroyRecord): Promise<void> {
  await writeOutputFile(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
