import { callerOf } from "./http";

/** One answered request. Holds no header, no body and no secret. */
export interface RequestLogEntry {
  readonly method: string;
  readonly scheme: "http" | "https";
  readonly host: string;
  /** With those query parameters that can hold no secret. */
  readonly path: string;
  /** 0 when the connection was dropped on purpose. */
  readonly status: number;
  /** Client ID, once the service has verified who it was. */
  readonly who?: string;
  readonly milliseconds: number;
}

/** Describes an answered request for the log. */
export function logEntry(request: Request, status: number, milliseconds: number): RequestLogEntry {
  const url = new URL(request.url);
  const query = [...url.searchParams]
    .filter(([name]) => name === "api-version" || name.startsWith("$"))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  const who = callerOf(request);
  return {
    method: request.method,
    scheme: url.protocol === "http:" ? "http" : "https",
    host: url.host,
    path: query === "" ? url.pathname : `${url.pathname}?${query}`,
    status,
    milliseconds,
    ...(who === undefined ? {} : { who }),
  };
}

/** A log entry as one line of text. */
export function formatLogEntry(entry: RequestLogEntry): string {
  const { method, scheme, host, path, status, who, milliseconds } = entry;
  const outcome = status === 0 ? "dropped" : String(status);
  return `${method} ${scheme}://${host}${path} -> ${outcome} (${who ?? "anonymous"}, ${milliseconds.toFixed(0)} ms)`;
}
