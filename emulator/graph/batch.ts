import { z } from "zod";
import { json } from "../http";
import { GraphError } from "./graphError";
import { readBody, type GraphContext } from "./route";

const maximumSteps = 20;

const stepShape = z.object({
  id: z.string().min(1),
  method: z.string().transform((method) => method.toUpperCase()),
  // Relative to the version, with or without the first slash; no batch within a batch.
  url: z.string().regex(/^(?![a-z][a-z0-9+.-]*:|\/\/|\/?\$batch\b)(?!.*\.\.\/)/i),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown().optional(),
  dependsOn: z.array(z.string()).default([]),
});
const batchShape = z.object({ requests: z.array(stepShape).min(1) });

type Step = z.infer<typeof stepShape>;

/** What one of the requests was answered. */
interface StepAnswer {
  readonly id: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/**
 * Several requests in one, each answered as if it had come alone, in the name of whoever sends the batch.
 *
 * @param ask Answers one request.
 * @throws {GraphError} 400 for a batch that is none: nothing of it is done then.
 * @see https://learn.microsoft.com/graph/json-batching (read 2026-11)
 */
export async function answerBatch(
  context: GraphContext,
  ask: (request: Request) => Promise<Response>,
): Promise<Response> {
  const steps = readSteps(await readBody(context));
  const answers = new Map<string, StepAnswer>();
  for (const step of steps) {
    const failed = step.dependsOn.some((id) => (answers.get(id.toLowerCase())?.status ?? 0) >= 400);
    answers.set(
      step.id.toLowerCase(),
      failed ? failedDependency(step) : await answerOf(step, await ask(requestOf(step, context))),
    );
  }
  return json(200, { responses: [...answers.values()] });
}

function readSteps(body: Readonly<Record<string, unknown>>): readonly Step[] {
  const parsed = batchShape.safeParse(body);
  if (!parsed.success) throw badBatch("Invalid batch payload format.");
  const { requests } = parsed.data;
  if (requests.length > maximumSteps) {
    throw new GraphError(
      400,
      "MaximumValueExceeded",
      `Number of batch request steps exceeds the maximum value of ${maximumSteps}.`,
    );
  }
  // IDs are compared without case.
  const before = new Set<string>();
  for (const step of requests) {
    if (before.has(step.id.toLowerCase()))
      throw badBatch(`Request Id ${step.id} has to be unique in a batch.`);
    const unknown = step.dependsOn.find((id) => !before.has(id.toLowerCase()));
    if (unknown !== undefined) {
      throw badBatch(`Request Id ${step.id} depends on ${unknown}, which is no request before it.`);
    }
    if (writes(step) && (step.body === undefined || contentTypeOf(step) === undefined)) {
      throw badBatch(`Write request id : ${step.id} does not contain Content-Type header or body.`);
    }
    before.add(step.id.toLowerCase());
  }
  return requests;
}

function writes({ method }: Step): boolean {
  return ["POST", "PATCH", "PUT"].includes(method);
}

function contentTypeOf({ headers }: Step): string | undefined {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1];
}

function badBatch(message: string): GraphError {
  return new GraphError(400, "BadRequest", message);
}

function requestOf(step: Step, { version, request }: GraphContext): Request {
  const headers = new Headers(step.headers);
  headers.set("Authorization", request.headers.get("Authorization") ?? "");
  return new Request(`https://graph.microsoft.com/${version}/${step.url.replace(/^\//, "")}`, {
    method: step.method,
    headers,
    ...(writes(step) ? { body: JSON.stringify(step.body) } : {}),
  });
}

async function answerOf({ id }: Step, response: Response): Promise<StepAnswer> {
  const text = await response.text();
  return {
    id,
    status: response.status,
    headers: Object.fromEntries(response.headers),
    ...(text === "" ? {} : { body: JSON.parse(text) as unknown }),
  };
}

function failedDependency({ id, dependsOn }: Step): StepAnswer {
  return {
    id,
    status: 424,
    headers: {},
    body: {
      error: {
        code: "FailedDependency",
        message: `A request that this one depends on failed: ${dependsOn.join(", ")}.`,
      },
    },
  };
}
