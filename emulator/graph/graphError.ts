import { json, newGuid } from "../server/http";
import type { Tenant } from "../tenant/tenant";

/** A refusal by Microsoft Graph, thrown by whatever part finds the reason. */
export class GraphError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
    /** Which property is at fault, and why, where Graph says so. */
    readonly detail?: { readonly code: string; readonly target: string },
  ) {
    super(message);
    this.name = "GraphError";
  }
}

/** 404 for an object that is not there, or that this replica has not heard of yet. */
export function notFound(key: string): GraphError {
  return new GraphError(
    404,
    "Request_ResourceNotFound",
    `Resource '${key}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

/** 400 for a body or a value that Graph does not take. */
export function badRequest(message: string): GraphError {
  return new GraphError(400, "Request_BadRequest", message);
}

/** 400 for a value that Graph refuses by a code of its own. */
export function refused(code: string, message: string, target?: string): GraphError {
  return new GraphError(400, code, message, {}, target === undefined ? undefined : { code, target });
}

/** 501 for a part of an operation that Graph has and the emulator has not. */
export function partNotEmulated(what: string): GraphError {
  return new GraphError(501, "NotEmulated", `${what} is not emulated.`);
}

/** 403 for a caller without the role. */
export function denied(): GraphError {
  return new GraphError(
    403,
    "Authorization_RequestDenied",
    "Insufficient privileges to complete the operation.",
  );
}

/** 403 as mailboxes, calendars and chats answer. */
export function mailDenied(): GraphError {
  return new GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.");
}

/** 403 as OneDrive and SharePoint answer. */
export function filesDenied(): GraphError {
  return new GraphError(403, "accessDenied", "Access denied");
}

/** 400 for a query that Graph knows but does not allow as asked. */
export function unsupportedQuery(message: string): GraphError {
  return new GraphError(400, "Request_UnsupportedQuery", message);
}

/**
 * Writes a refusal as Graph does.
 *
 * @see https://learn.microsoft.com/graph/errors (read 2026-11)
 */
export function graphErrorResponse(error: GraphError, request: Request, tenant: Tenant): Response {
  const requestId = newGuid();
  const innerError = {
    date: tenant.clock.now().toISOString().slice(0, 19),
    "request-id": requestId,
    "client-request-id": request.headers.get("client-request-id") ?? requestId,
  };
  return json(
    error.status,
    {
      error: {
        code: error.code,
        message: error.message,
        ...(error.detail === undefined ? {} : { details: [{ ...error.detail, message: error.message }] }),
        innerError,
      },
    },
    { "request-id": requestId, ...error.headers },
  );
}
