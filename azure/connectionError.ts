import { OperatorError } from "../core/errors";

/** What kept a whole answer from arriving. */
export type ConnectionFault =
  | "CONNECTION_RESET"
  | "CONNECTION_REFUSED"
  | "CONNECTION_TIMEOUT"
  | "HOST_UNKNOWN"
  | "CERTIFICATE_REFUSED"
  | "PROXY_REFUSED"
  | "PROXY_UNREACHABLE"
  | "ANSWER_TOO_LARGE"
  | "ANSWER_UNREADABLE"
  | "TIME_LIMIT";

/** No whole answer came from a host. Its message names the host and, where there is one, the proxy. */
export class ConnectionError extends OperatorError {
  constructor(
    override readonly code: ConnectionFault,
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
    this.name = "ConnectionError";
  }

  /** Whether the same request may well succeed a moment later. */
  get passesByItself(): boolean {
    return this.code === "CONNECTION_RESET" || this.code === "CONNECTION_TIMEOUT";
  }
}

/**
 * Names what Node reports only by a system code.
 *
 * @param host The host that was asked.
 * @param proxy `host:port` of the proxy in between, if any.
 */
export function connectionError(cause: unknown, host: string, proxy?: string): ConnectionError {
  if (cause instanceof ConnectionError) return cause;
  const systemCode = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const detail = cause instanceof Error ? cause.message : String(cause);
  const through = proxy === undefined ? "" : ` through the proxy ${proxy}`;
  const because = { cause };
  if (systemCode === "ENOTFOUND" || systemCode === "EAI_AGAIN") {
    return new ConnectionError(
      "HOST_UNKNOWN",
      `The name ${host} is not known here (${systemCode}). Check the name and this machine's DNS; behind a ` +
        "company proxy, set HTTPS_PROXY.",
      because,
    );
  }
  if (systemCode === "ECONNREFUSED" || systemCode === "EHOSTUNREACH" || systemCode === "ENETUNREACH") {
    return new ConnectionError(
      "CONNECTION_REFUSED",
      `${host} could not be reached${through} (${systemCode}). Check the network, the firewall and HTTPS_PROXY.`,
      because,
    );
  }
  if (systemCode === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return new ConnectionError(
      "CERTIFICATE_REFUSED",
      `The certificate of ${host}${through} is for another host (${systemCode}). Something else answers at its address. ` +
        "Check HTTPS_PROXY and this machine's DNS.",
      because,
    );
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS/.test(systemCode)) {
    return new ConnectionError(
      "CERTIFICATE_REFUSED",
      `The certificate of ${host}${through} is not trusted (${systemCode}). A proxy that inspects TLS shows its ` +
        "own: set NODE_EXTRA_CA_CERTS to its CA's PEM file before the command starts.",
      because,
    );
  }
  return new ConnectionError(
    "CONNECTION_RESET",
    `The connection to ${host}${through} ended before a whole answer came (${systemCode || detail}).`,
    because,
  );
}
