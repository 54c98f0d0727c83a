import { cloudOf } from "../tenant/clouds";
import * as z from "zod";
import { json } from "../server/http";
import { GraphError } from "./graphError";
import { parsePath, readBody, type GraphContext } from "./route";

const maximumSteps = 20;

const stepShape = z.object({
  id: z.string().min(1),
  method: z.string(),
  // Relative to the version, with or without the first slash.
  url: z.string().regex(/^(?![a-z][a-z0-9+.-]*:|\/\/|\/?\$batch\b)(?!.*\.\.\/)/i),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown().optional(),
  dependsOn: z.array(z.string()).default([]),
});
const batchShape = z.object({ requests: z.array(stepShape).min(1) });

type StepShape = z.infer<typeof stepShape>;

/** One of the requests, as it is asked. */
interface Step {
  readonly id: string;
  readonly dependsOn: readonly string[];
  readonly request: Request;
}

/** What one of the requests was answered. */
interface StepAnswer {
  readonly id: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/**
 * Several requests in one, each answered like a separate request of the batch's sender.
 *
 * @param ask Answers one request.
 * @throws {GraphError} 400 for a batch that is none: nothing of it is done then.
 * @see https://learn.microsoft.com/graph/json-batching (read 2026-11)
 */
export async function answerBatch(
  context: GraphContext,
  ask: (request: Request) => Promise<Response>,
): Promise<Response> {
  const steps = readSteps(await readBody(context), context);
  const answers = new Map<string, StepAnswer>();
  for (const step of steps) {
    const failed = step.dependsOn.some((id) => (answers.get(comparable(id))?.status ?? 0) >= 400);
    answers.set(
      comparable(step.id),
      failed ? failedDependency(step) : await answerOf(step, await ask(step.request)),
    );
  }
  return json(200, { responses: [...answers.values()] });
}

function readSteps(body: Readonly<Record<string, unknown>>, context: GraphContext): readonly Step[] {
  const parsed = batchShape.safeParse(body);
  if (!parsed.success) throw badFormat();
  const { requests } = parsed.data;
  if (requests.length > maximumSteps) {
    throw new GraphError(
      400,
      "MaximumValueExceeded",
      `Number of batch request steps exceeds the maximum value of ${maximumSteps}.`,
    );
  }
  const before = new Set<string>();
  return requests.map((given) => {
    const { id, dependsOn } = given;
    if (before.has(comparable(id))) throw badBatch(`Request Id ${id} has to be unique in a batch.`);
    const unknown = dependsOn.find((one) => !before.has(comparable(one)));
    if (unknown !== undefined) {
      throw badBatch(`Request Id ${id} depends on ${unknown}, which is no request before it.`);
    }
    before.add(comparable(id));
    return { id, dependsOn, request: requestOf(given, context) };
  });
}

/** IDs are compared without case. */
function comparable(id: string): string {
  return id.toLowerCase();
}

/** @throws {GraphError} 400 for what can be no request, leads out of the batch's version, or is a batch itself. */
function requestOf({ id, ...given }: StepShape, { version, request, tenant }: GraphContext): Request {
  const method = given.method.toUpperCase();
  const writes = ["POST", "PATCH", "PUT"].includes(method);
  const headers = orBadFormat(() => new Headers(given.headers));
  if (writes && (given.body === undefined || !headers.has("Content-Type"))) {
    throw badBatch(`Write request id : ${id} does not contain Content-Type header or body.`);
  }
  headers.set("Authorization", request.headers.get("Authorization") ?? "");
  const root = `${cloudOf(tenant.state).graph}/${version}/`;
  return orBadFormat(() => {
    // Read as it will be met: only then does it show where it leads.
    const url = new URL(root + given.url.replace(/^\//, ""));
    const path = url.href.startsWith(root) ? parsePath(url.pathname) : undefined;
    if (path === undefined || path.segments[0]?.toLowerCase() === "$batch") throw badFormat();
    return new Request(url, { method, headers, ...(writes ? { body: JSON.stringify(given.body) } : {}) });
  });
}

/** What the platform cannot even make of what was given. */
function orBadFormat<T>(make: () => T): T {
  try {
    return make();
  } catch {
    throw badFormat();
  }
}

function badFormat(): GraphError {
  return badBatch("Invalid batch payload format.");
}

function badBatch(message: string): GraphError {
  return new GraphError(400, "BadRequest", message);
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
