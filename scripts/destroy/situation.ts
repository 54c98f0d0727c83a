import { refuseOtherStackCloud } from "../shared/stackOutputs";
import { chooseCloud } from "../../core/cloud/chosenCloud";
import { CloudName, type Cloud } from "../../core/cloud/clouds";
import { commandFix, fixLine, ownCommand } from "../../core/fix";
import { publishedAnywhere } from "../../core/outputs/publishedAnywhere";
import { oneLine, shellFlag } from "../../core/sinks";
import * as z from "zod/mini";
import { UsageError } from "../shared/command";
import { OperatorError } from "../../core/errors";
import type { HeldResource, StackEngine } from "../shared/engines/stackEngine";
import { azureView, signedInTenant } from "./azureView";
import { ofDestruction, readRecord, recordFile, type DestroyRecord } from "./destroyRecord";
import { refuseOthersApps } from "./ownership";
import { refuseProtected } from "./protection";
import type { DestroyMode } from "./report";
import type { World } from "../shared/world";

/** What a run of the command finds before it does anything. */
export interface Situation {
  readonly engine: StackEngine;
  readonly mode: DestroyMode;
  readonly tenantId: string;
  /** What the stack holds still; empty when it is destroyed. */
  readonly resources: readonly HeldResource[];
  /** Of the last destruction of this stack from this folder. */
  readonly record: DestroyRecord | undefined;
  readonly file: string;
}

const tenantOutput = z.object({ tenantId: z.string(), cloud: z.optional(z.enum(CloudName)) });

/**
 * Looks before anything changes.
 *
 * @param of When the destruction began that is to be restored or purged; default: the last one.
 * @throws {UsageError} When the record holds no such destruction.
 * @throws {OperatorError} `STACK_PROTECTED`; `APP_NOT_OURS`; `STACK_STANDS` for a restore of a stack that holds something;
 *   `DESTROY_RECORD_MISSING` where nothing tells what a destruction took away; `TENANT_DIFFERS`; sign-in errors;
 *   `DESTROY_RECORD_OTHER_STACK` where another stack's record would be acted on, or overwritten.
 */
export async function findSituation(
  world: World,
  engine: StackEngine,
  mode: DestroyMode,
  of?: string,
): Promise<Situation> {
  const file = recordFile(world.directory, engine.stack);
  const [held, whole, outputs] = await Promise.all([engine.resources(), readRecord(file), engine.outputs()]);
  const record = of === undefined ? whole : destructionOf(whole, of, file);
  // What an earlier destruction left is purged beside whatever the stack holds now.
  const resources = of !== undefined && mode === "purge" ? [] : held;
  if (record !== undefined && record.stack !== engine.stack) throw otherStack(engine.stack, record, file);
  refuseProtected(engine.stack, resources);
  if (mode === "restore" && resources.length > 0) throw standing(engine.stack, resources.length);
  if (resources.length === 0 && record === undefined && mode !== "destroy") {
    throw recordMissing(chooseCloud(world.env).cloud, engine.stack, file);
  }
  const published = tenantOutput.safeParse(publishedAnywhere(outputs)).data;
  if (published !== undefined) refuseOtherStackCloud(published, chooseCloud(world.env).cloud);
  const expected = published?.tenantId ?? record?.tenantId;
  const view = azureView(world);
  const tenantId = await signedInTenant(view, expected);
  await refuseOthersApps(view, engine.stack, resources);
  return { engine, mode, tenantId, resources, record, file };
}

function destructionOf(record: DestroyRecord | undefined, of: string, file: string): DestroyRecord {
  const found = record === undefined ? undefined : ofDestruction(record, of);
  if (found !== undefined) return found;
  const known =
    record === undefined ? [] : [record.startedAt, ...record.earlier.map(({ startedAt }) => startedAt)];
  throw new UsageError(
    `--of ${of}: ${file} holds no destruction that began then. It holds: ${known.join(", ") || "none"}.`,
  );
}

function standing(stack: string, count: number): OperatorError {
  return new OperatorError(
    "STACK_STANDS",
    `Stack ${stack} holds ${count} resource${count === 1 ? "" : "s"}, so what an earlier destruction left is not ` +
      "restored beside them: names would collide. Nothing was changed. To go on with what is there, run pulumi up. " +
      fixLine(
        commandFix(
          "destroy.finish",
          "If the destruction stopped half-way, finish it, and restore then",
          ownCommand("destroy", stack),
          ownCommand("destroy", stack, "--restore"),
        ),
      ),
  );
}

/** Stacks of two organizations have the same file, and may have nothing else in common. */
function otherStack(stack: string, record: DestroyRecord, file: string): OperatorError {
  return new OperatorError(
    "DESTROY_RECORD_OTHER_STACK",
    `${file} tells what a destruction of stack ${oneLine(record.stack)} took away, and this is stack ${stack}; nothing was changed. ` +
      `If it is the same stack under its longer or shorter name: ${shellFlag("stack", record.stack)}. If it is another, move that ` +
      "file away, which purging and restoring that other stack needs, and put this stack's own, if there is one, in its place.",
  );
}

function recordMissing({ graph }: Cloud, stack: string, file: string): OperatorError {
  return new OperatorError(
    "DESTROY_RECORD_MISSING",
    `Stack ${stack} holds nothing, and ${file}, in which npm run destroy notes what it takes away, is not there: nothing ` +
      "tells which deleted apps were this stack's, so none is touched. Put the record of the destruction in its place " +
      "(from the machine or the CI run that did it), or look through what the tenant has deleted: " +
      `az rest --url '${graph}/v1.0/directory/deletedItems/microsoft.graph.application'`,
  );
}
