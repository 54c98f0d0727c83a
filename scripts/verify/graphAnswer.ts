import * as z from "zod/mini";
import type { HttpAnswer } from "../../azure/http";
import { fitted, parseJson } from "../../azure/json";

/** Graph names in each answer what it answers: `https://…/v1.0/$metadata#users(id)`. */
const context = z.string().check(z.regex(/^https:\/\/[^/]+\/v1\.0\/\$metadata#[^#]+$/));
const one = z.looseObject({ "@odata.context": context, id: z.string().check(z.minLength(1)) });
const list = z.looseObject({
  "@odata.context": context,
  value: z.array(z.looseObject({ id: z.string().check(z.minLength(1)) })),
});
const refusal = z.looseObject({
  error: z.looseObject({ code: z.string().check(z.minLength(1)), message: z.string() }),
});

/**
 * Why an answer to a read cannot be Microsoft Graph's own; undefined when it can. A proxy or a portal answers 200 too, so
 * this compares status, request ID, and the JSON of this read.
 *
 * @param path Below `/v1.0`, such as `/users?$top=1&$select=id`.
 * @see https://learn.microsoft.com/graph/best-practices-concept: request-id (read 2026-11)
 * @see https://learn.microsoft.com/graph/errors (read 2026-11)
 */
export function foreignAnswer(path: string, { status, headers, body }: HttpAnswer): string | undefined {
  const requestId = headers["request-id"];
  if (requestId === undefined || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(requestId)) {
    return "it has no request ID of Microsoft Graph";
  }
  const value = parseJson(body);
  if (status >= 400) {
    return fitted(refusal, value) !== undefined ? undefined : "it holds no error of Microsoft Graph";
  }
  if (status !== 200) return "Microsoft Graph answers such a read with 200 or an error";
  const fits = isCollection(path) ? fitted(list, value) !== undefined : fitted(one, value) !== undefined;
  return fits ? undefined : "its JSON is not that of this read";
}

/** Reads of one object; every other probe reads a collection. */
function isCollection(path: string): boolean {
  return !/^\/(me|sites\/[^/?]+|policies\/authorizationPolicy)(\?|$)/.test(path);
}
