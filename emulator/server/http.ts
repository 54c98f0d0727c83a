import { randomUUID } from "node:crypto";
import { wholeResponse } from "./wholeBodies";

/** A JSON answer in Azure's manner: never cached, with a request ID that support could ask for. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return wholeResponse(
    status,
    {
      "Content-Type": "application/json; charset=utf-8",
      "Cache-Control": "no-cache",
      ...headers,
    },
    JSON.stringify(body),
  );
}

/** 204, or another status without a body. */
export function empty(status = 204, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers: { "Cache-Control": "no-cache", ...headers } });
}

/** The answer to anything that Azure has and the emulator has not: 501, with method and path. */
export function notEmulated(request: Request, what?: string): Response {
  const { host, pathname } = new URL(request.url);
  const message =
    what ??
    `${request.method} https://${host}${pathname} is not emulated. It would reach Azure in a real run.`;
  return json(501, { error: { code: "NotEmulated", message } });
}

/**
 * Reads a JSON object from a request.
 *
 * @returns `undefined` when the body is no JSON object; an empty object when there is no body at all.
 */
export async function readJsonObject(request: Request): Promise<Record<string, unknown> | undefined> {
  const text = await request.text();
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a value is a JSON object, not an array and not null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text is a GUID, of any version. */
export function isGuid(text: string): boolean {
  return guidPattern.test(text);
}

/** A value that is a text; the empty one for anything else. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A new GUID, for objects and for request, trace and correlation IDs. */
export function newGuid(): string {
  return randomUUID();
}

/** ISO 8601 in UTC without milliseconds, as Graph and ARM write most instants. */
export function wholeSeconds(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}Z`;
}

const callers = new WeakMap<Request, string>();

/** Remembers the client ID that a request was authenticated as, for the log. */
export function noteCaller(request: Request, clientId: string): void {
  callers.set(request, clientId);
}

/** The client ID behind a request, once the service has verified it. */
export function callerOf(request: Request): string | undefined {
  return callers.get(request);
}
