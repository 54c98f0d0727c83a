import * as z from "zod";
import { stackIdResource } from "../../core/ownershipMark";
import { parseJson } from "../../azure/serviceRefusal";
import { heldInline } from "../shared/engines/chooseEngine";
import type { DoctorContext } from "./context";

const exported = z.object({
  deployment: z.object({
    resources: z.array(z.object({ urn: z.string(), id: z.string().optional() })).default([]),
  }),
});

/**
 * The ID that this stack marks its apps with: by its outputs, else by its state, which a run that was killed has begun.
 *
 * @returns undefined for a stack that has none yet.
 */
export async function ownStackId({ world, stack, outputs }: DoctorContext): Promise<string | undefined> {
  if (outputs.known && outputs.value.stackId !== undefined) return outputs.value.stackId;
  const options = { projectDir: world.directory, environment: world.env, stack };
  const held = await heldInline(options)?.resources();
  const inline = held?.find(({ name }) => name === stackIdResource);
  if (inline !== undefined) return inline.id;
  const { exitCode, stdout } = await world.runTool("pulumi", ["stack", "export", "--stack", stack], 120);
  if (exitCode !== 0) return undefined;
  const { data } = exported.safeParse(parseJson(stdout));
  return data?.deployment.resources.find(({ urn }) => urn.endsWith(`::${stackIdResource}`))?.id;
}
