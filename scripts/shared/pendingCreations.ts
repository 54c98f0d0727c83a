import * as z from "zod";
import { parseJson } from "../../azure/serviceRefusal";
import type { World } from "./world";

const exportShape = z.object({
  deployment: z.object({
    pending_operations: z
      .array(z.object({ type: z.string(), resource: z.object({ urn: z.string() }) }))
      .default([]),
  }),
});

/**
 * Asks the Pulumi CLI what a run was creating when it was interrupted.
 *
 * @param stack Default: the selected one.
 * @returns URNs. None where the state could not be exported: the outputs tell what is wrong.
 */
export async function readPendingCreations(
  world: Pick<World, "runTool">,
  stack: string | undefined,
): Promise<string[]> {
  const chosen = stack === undefined ? [] : ["--stack", stack];
  const { stdout } = await world.runTool("pulumi", ["stack", "export", ...chosen], 120);
  const operations = exportShape.safeParse(parseJson(stdout)).data?.deployment.pending_operations ?? [];
  return operations.flatMap(({ type, resource }) => (type === "creating" ? [resource.urn] : []));
}
