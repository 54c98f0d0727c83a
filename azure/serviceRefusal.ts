import { oneLine } from "../core/sinks";
import * as z from "zod";
import { OperatorError } from "../core/errors";
import type { HttpAnswer } from "./http";
import { jsonDepth, shortened } from "./limits";

/** Azure's error body; Key Vault writes `innererror`, Graph `innerError`. */
const errorBody = z.object({
  error: z.object({
    code: z.string().optional(),
    message: z.string().optional(),
    innererror: z.object({ code: z.string().optional() }).optional(),
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
  const parsed = errorBody.safeParse(parseJson(answer.body));
  if (parsed.success) {
    const { code, message, innererror } = parsed.data.error;
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
export function readBody<T>(service: string, answer: HttpAnswer, shape: z.ZodType<T>): T {
  if (answer.status !== 200) throw serviceRefusal(service, answer);
  const parsed = shape.safeParse(parseJson(answer.body));
  if (!parsed.success) throw serviceRefusal(service, answer);
  return parsed.data;
}

/** undefined when the text is no JSON, or nested deeper than any document that is read here. */
export function parseJson(text: string): unknown {
  if (depthOf(text) > jsonDepth) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How deep brackets nest outside strings; what follows would recurse as deep. */
function depthOf(text: string): number {
  let [depth, deepest] = [0, 0];
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    // By code: the directory's largest answers have a million characters.
    switch (text.charCodeAt(index)) {
      case backslash:
        if (inString) index += 1;
        break;
      case quote:
        inString = !inString;
        break;
      case openBrace:
      case openBracket:
        if (!inString) deepest = Math.max(deepest, ++depth);
        break;
      case closeBrace:
      case closeBracket:
        if (!inString) depth -= 1;
    }
  }
  return deepest;
}

const [quote, backslash] = [0x22, 0x5c];
const [openBrace, closeBrace] = [0x7b, 0x7d];
const [openBracket, closeBracket] = [0x5b, 0x5d];

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
