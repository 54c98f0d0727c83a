import { OperatorError } from "../core/errors";

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for an HTTPS host: `https_proxy`, else `HTTPS_PROXY`, unless
 * `no_proxy` (else `NO_PROXY`) excludes the host.
 *
 * @returns undefined for a direct connection.
 * @throws {OperatorError} `PROXY_INVALID` when the variable holds no `http://` or `https://` address.
 * @see https://undici.nodejs.org/#/docs/api/EnvHttpProxyAgent (read 2026-11): lower case wins
 */
export function proxyFor(host: string, env: Environment): URL | undefined {
  const text = firstSet(env["https_proxy"], env["HTTPS_PROXY"]);
  if (text === undefined || excludes(firstSet(env["no_proxy"], env["NO_PROXY"]) ?? "", host))
    return undefined;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  const isUsable =
    proxy !== undefined &&
    ["http:", "https:"].includes(proxy.protocol) &&
    [proxy.username, proxy.password].every((part) => percentDecoded(part) !== undefined);
  if (!isUsable) {
    throw new OperatorError(
      "PROXY_INVALID",
      "HTTPS_PROXY holds no address of a proxy. It must look like http://proxy.example.com:8080, or " +
        "http://user:password@proxy.example.com:8080 with each special character as % and two digits (%40 for @, %25 for %).",
    );
  }
  return proxy;
}

/** undefined for a `%` without two hexadecimal digits, or bytes that are no UTF-8. */
export function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function firstSet(...values: (string | undefined)[]): string | undefined {
  return values.find((value) => value !== undefined && value !== "");
}

/** `example.com` covers itself and its subdomains, as `.example.com` does; `*` covers everything. */
function excludes(list: string, host: string): boolean {
  return list
    .split(/[\s,]+/)
    .map((entry) =>
      entry
        .toLowerCase()
        .replace(/:443$/, "")
        .replace(/^\*?\./, ""),
    )
    .some(
      (entry) =>
        entry === "*" || (entry !== "" && (host === entry || host.toLowerCase().endsWith(`.${entry}`))),
    );
}
