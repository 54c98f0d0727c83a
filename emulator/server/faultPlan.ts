import * as z from "zod";
import { EmulatorError } from "../errors";
import type { FaultPlan } from "./faults";

const positive = z.number().int().min(1);
const seconds = z.number().min(0);

const action = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("status"),
    status: z.number().int().min(400).max(599),
    retryAfterSeconds: z.number().int().min(0).exactOptional(),
  }),
  z.strictObject({ kind: z.literal("drop") }),
  z.strictObject({ kind: z.literal("lost") }),
  z.strictObject({ kind: z.literal("slow"), milliseconds: z.number().min(0) }),
]);

const plan = z.strictObject({
  seed: z.number().int().exactOptional(),
  graphLag: z
    .strictObject({
      seconds: seconds.exactOptional(),
      reads: z.number().int().min(0).exactOptional(),
      replicas: positive.exactOptional(),
    })
    .exactOptional(),
  secretLag: z
    .strictObject({
      seconds,
      flapping: z.boolean().exactOptional(),
      code: z.enum(["7000215", "7000222", "700016"]).exactOptional(),
    })
    .exactOptional(),
  rbacLagSeconds: seconds.exactOptional(),
  armAsync: z.boolean().exactOptional(),
  callerAddress: z.union([z.ipv4(), z.ipv6()]).exactOptional(),
  disturbances: z
    .array(
      z.strictObject({
        service: z.enum(["entra", "graph", "arm", "keyVault"]),
        path: z.string().exactOptional(),
        method: z.string().exactOptional(),
        every: positive.exactOptional(),
        times: positive.exactOptional(),
        action,
      }),
    )
    .exactOptional(),
});

/**
 * Reads a fault plan from JSON text.
 *
 * @param source Where the text came from, for the message.
 * @throws {EmulatorError} `FAULT_PLAN_INVALID`, naming every fault.
 */
export function parseFaultPlan(text: string, source: string): FaultPlan {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(source, [`it is not JSON: ${(error as Error).message}`], error);
  }
  const result = plan.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(
    ({ path, message }) => `${path.length === 0 ? "(whole)" : path.join(".")}: ${message}`,
  );
  throw invalid(source, faults, result.error);
}

function invalid(source: string, faults: readonly string[], cause: unknown): EmulatorError {
  const example =
    '{"secretLag":{"seconds":20,"flapping":true},"disturbances":[{"service":"graph","every":5,"action":{"kind":"status","status":429,"retryAfterSeconds":1}}]}';
  return new EmulatorError(
    "FAULT_PLAN_INVALID",
    `${source} is no fault plan:\n${faults.map((fault) => `  ${fault}`).join("\n")}\nA plan looks like this: ${example}`,
    { cause },
  );
}
