import { json } from "./http";
import type { Disturbance, ServiceName } from "./faults";
import type { Tenant } from "../tenant/tenant";

/** Thrown instead of an answer: the server closes the socket. */
export class DroppedConnection extends Error {
  constructor() {
    super("The fault plan drops this connection.");
    this.name = "DroppedConnection";
  }
}

/**
 * Makes a function that lets the tenant's fault plan spoil requests; counts are kept for each disturbance.
 *
 * @returns For a request: the answer that replaces the service's, `lost` where the service's own is to be thrown away, or
 *   `undefined` to let it through, at once or late.
 * @throws {DroppedConnection} by the returned function, when the plan says so.
 */
export function disturber(
  tenant: Tenant,
): (service: ServiceName, request: Request) => Promise<Response | "lost" | undefined> {
  const counts = new Map<Disturbance, { matching: number; acted: number }>();
  return async (service, request) => {
    const { pathname } = new URL(request.url);
    for (const disturbance of tenant.faults.disturbances ?? []) {
      if (!matches(disturbance, service, request.method, pathname)) continue;
      const count = counts.get(disturbance) ?? { matching: 0, acted: 0 };
      counts.set(disturbance, count);
      count.matching += 1;
      if (count.matching % (disturbance.every ?? 1) !== 0) continue;
      if (count.acted >= (disturbance.times ?? Infinity)) continue;
      count.acted += 1;
      const { action } = disturbance;
      switch (action.kind) {
        case "slow":
          await new Promise((resolve) => setTimeout(resolve, action.milliseconds));
          break;
        case "lost":
          return "lost";
        case "drop":
          throw new DroppedConnection();
        case "status":
          return spoiltAnswer(service, action.status, action.retryAfterSeconds);
      }
    }
    return undefined;
  };
}

function matches(disturbance: Disturbance, service: ServiceName, method: string, path: string): boolean {
  return (
    disturbance.service === service &&
    (disturbance.method === undefined || disturbance.method.toUpperCase() === method) &&
    (disturbance.path === undefined || path.includes(disturbance.path))
  );
}

const codes: Readonly<Record<ServiceName, Readonly<Record<number, string>>>> = {
  entra: { 429: "temporarily_unavailable" },
  graph: {
    409: "Directory_ConcurrencyViolation",
    429: "TooManyRequests",
    503: "serviceNotAvailable",
    504: "gatewayTimeout",
  },
  arm: { 429: "TooManyRequests", 503: "ServiceUnavailable", 504: "GatewayTimeout" },
  keyVault: { 429: "Throttled", 503: "ServiceUnavailable" },
};

function spoiltAnswer(service: ServiceName, status: number, retryAfterSeconds: number | undefined): Response {
  const message = `Answered ${status} because the fault plan says so.`;
  const code = codes[service][status] ?? (status >= 500 ? "InternalServerError" : "BadRequest");
  const headers = retryAfterSeconds === undefined ? {} : { "Retry-After": String(retryAfterSeconds) };
  const body =
    service === "entra"
      ? { error: codes.entra[status] ?? "server_error", error_description: message, error_codes: [] }
      : { error: { code, message } };
  return json(status, body, headers);
}
