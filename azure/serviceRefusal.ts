import { oneLine } from "../core/sinks";
import * as z from "zod/mini";
import { OperatorError } from "../core/errors";
import type { HttpAnswer } from "./http";
import { readJson } from "./json";
import { shortened } from "./limits";

/** Azure's error body; Key Vault writes `innererror`, Graph `innerError`. */
const errorBody = z.object({
  error: z.object({
    code: z.optional(z.string()),
    message: z.optional(z.string()),
    innererror: z.optional(z.object({ code: z.optional(z.string()) })),
  }),
});

/** An Azure service answered, and not with what was asked for. */
export class ServiceRefusal extends OperatorError {
  /**
   * @param service Such as "Key Vault".
   * @param status HTTP status.
   * @param serviceCode The service's own code, the innermost one; `HTTP_502` or `NOT_JSON` when the answer
   *   was not the service's.
   * @param detail The service's own words, on one line.
   * @param requestId What the service's support asks for.
   */
  constructor(
    readonly service: string,
    readonly status: number,
    readonly serviceCode: string,
    readonly detail: string,
    readonly requestId: string | undefined,
  ) {
    const request = requestId === undefined ? "" : `, request ${requestId}`;
    super("AZURE_REFUSED", oneLine(`${service} answered ${status} ${serviceCode}: ${detail}${request}`));
    this.name = "ServiceRefusal";
  }

  /** Whether the answer has the form of the service's own errors: a proxy or a portal answers otherwise. */
  get isTheServices(): boolean {
    return !/^(HTTP_\d+|NOT_JSON)$/.test(this.serviceCode);
  }
}

/** Whether the service itself said that the caller has no right to what was asked for. */
export function isForbidden(error: unknown): boolean {
  return error instanceof ServiceRefusal && error.status === 403 && error.isTheServices;
}

/** Whether the service itself said that something is not there: a proxy's or a portal's page is no evidence of it. */
export function isMissing(error: unknown): boolean {
  return error instanceof ServiceRefusal && error.status === 404 && error.isTheServices;
}

/** As {@link isMissing}, of an answer. */
export function isNotFound(service: string, answer: HttpAnswer): boolean {
  return isMissing(serviceRefusal(service, answer));
}

/** Judges an answer that is not the one hoped for. Quotes only what is an Azure error body. */
export function serviceRefusal(service: string, answer: HttpAnswer): ServiceRefusal {
  const requestId = shortHeader(answer, "request-id") ?? shortHeader(answer, "x-ms-request-id");
  const found = readJson(errorBody, answer.body);
  if (found !== undefined) {
    const { code, message, innererror } = found.error;
    const detail = shortened((message ?? "").replace(/\s+/g, " ").trim());
    return new ServiceRefusal(
      service,
      answer.status,
      shortened(innererror?.code ?? code ?? `HTTP_${answer.status}`, codeCharacters),
      detail,
      requestId,
    );
  }
  return new ServiceRefusal(
    service,
    answer.status,
    answer.status >= 300 ? `HTTP_${answer.status}` : "NOT_JSON",
    notTheServices(answer),
    requestId,
  );
}

/**
 * Reads a body that must have a shape.
 *
 * @throws {ServiceRefusal} when the status is not 200 or the body is something else.
 */
export function readBody<T>(service: string, answer: HttpAnswer, shape: z.ZodMiniType<T>): T {
  if (answer.status !== 200) throw serviceRefusal(service, answer);
  const found = readJson(shape, answer.body);
  if (found === undefined) throw serviceRefusal(service, answer);
  return found;
}

/** Azure's error codes have a few dozen characters, and so have its request IDs. */
const codeCharacters = 100;

function shortHeader({ headers }: HttpAnswer, name: string): string | undefined {
  const value = headers[name];
  return value === undefined ? undefined : shortened(value, codeCharacters);
}

/** What a proxy or captive portal in between put in the answer's place, without quoting it. */
function notTheServices(answer: HttpAnswer): string {
  const location = answer.headers["location"];
  if (answer.status >= 300 && answer.status < 400 && location !== undefined) {
    const target = URL.canParse(location)
      ? shortened(new URL(location).host, codeCharacters)
      : "another page";
    return `a redirect to ${target}, which the service never sends: something in between answered`;
  }
  const type = shortHeader(answer, "content-type") ?? "no content type";
  return `${answer.body.length} characters of ${type}, not what the service sends: is a proxy or portal in between?`;
}
