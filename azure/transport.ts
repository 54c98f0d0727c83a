import http from "node:http";
import https from "node:https";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import { ConnectionError, connectionError } from "./connectionError";
import type { Exchange, HttpAnswer, HttpRequest } from "./http";
import { answerBytes, shortened } from "./limits";
import { percentDecoded, proxyFor, type Environment } from "./proxy";
import { Slots } from "./slots";

/** Connections kept per host: enough for a hundred apps at once, few enough for a small machine. */
const connectionsPerHost = 24;

export interface Transport {
  readonly exchange: Exchange;
  /** Closes idle connections, which would keep the process alive. */
  close(): void;
}

/**
 * HTTPS over Node's own client, through the environment's proxy.
 *
 * Node's `fetch` cannot use a proxy on Node 20, and undici costs 75 ms at every start, more than the rest
 * of a command together; it also hides why a proxy refused.
 *
 * @param options.ca A certificate in PEM to trust instead of the system's.
 * @param options.mostBytes Limit for one answer's body. Default: {@link answerBytes}.
 */
export function httpsTransport(
  env: Environment,
  { mostBytes = answerBytes, ...tlsOptions }: { readonly ca?: string; readonly mostBytes?: number } = {},
): Transport {
  const agent = new TunnelAgent(env, tlsOptions);
  // Node's agent counts a connection once it is open, so a burst through a proxy would open one a request.
  const slotsOf = new Map<string, Slots>();
  const slotsFor = (host: string): Slots => {
    const slots = slotsOf.get(host) ?? new Slots(connectionsPerHost);
    slotsOf.set(host, slots);
    return slots;
  };
  return {
    exchange: (request, timeoutMilliseconds) => {
      const url = new URL(request.url);
      return slotsFor(url.host).hold(() => send(agent, url, request, { timeoutMilliseconds, mostBytes }));
    },
    close: () => {
      agent.destroy();
    },
  };
}

function send(
  agent: TunnelAgent,
  url: URL,
  request: HttpRequest,
  { timeoutMilliseconds, mostBytes }: { readonly timeoutMilliseconds: number; readonly mostBytes: number },
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const proxy = agent.proxyOf(url.hostname);
    const fail = (cause: unknown): void => {
      reject(connectionError(cause, url.host, proxy));
    };
    const outgoing = https.request(url, {
      method: request.method,
      agent,
      // Of a name that is no address of a network; otherwise Node would find that out for each request.
      ...(/[a-z]$/.test(url.hostname) && { servername: url.hostname }),
      headers: {
        "User-Agent": "copilot-token",
        "Accept-Encoding": "identity",
        ...request.headers,
        ...(request.body === undefined ? {} : { "Content-Length": Buffer.byteLength(request.body) }),
      },
    });
    const timer = setTimeout(() => {
      const seconds = Math.round(timeoutMilliseconds / 100) / 10;
      // Without a socket yet, because the proxy is silent, a destroyed request reports nothing.
      fail(
        new ConnectionError("CONNECTION_TIMEOUT", `${url.host} gave no whole answer within ${seconds} s.`),
      );
      outgoing.destroy();
    }, timeoutMilliseconds);
    outgoing.on("error", fail);
    outgoing.on("upgrade", (incoming, socket) => {
      socket.destroy();
      fail(unreadable(url.host, `switched protocols (${incoming.statusCode ?? 101})`));
    });
    let answering: Promise<void> | undefined;
    outgoing.on("response", (incoming) => {
      answering = readAnswer(incoming, url.host, mostBytes).then(resolve, (cause: unknown) => {
        fail(cause);
        outgoing.destroy();
      });
    });
    outgoing.on("close", () => {
      clearTimeout(timer);
      // The exchange ends with the connection. An answer that is still being read reports its own end.
      if (answering === undefined) fail(new Error("closed without an answer"));
    });
    outgoing.end(request.body);
  });
}

/** @throws {ConnectionError} `ANSWER_TOO_LARGE`, `ANSWER_UNREADABLE`. */
async function readAnswer(
  incoming: http.IncomingMessage,
  host: string,
  mostBytes: number,
): Promise<HttpAnswer> {
  const encoding = incoming.headers["content-encoding"] ?? "identity";
  // None was asked for. What is never unpacked can never be a bomb.
  if (encoding !== "identity") throw unreadable(host, `packed its answer (${shortened(encoding, 40)})`);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += (chunk as Buffer).length;
    if (bytes > mostBytes) throw tooLarge(host, mostBytes);
    chunks.push(chunk as Buffer);
  }
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
  return { status: incoming.statusCode ?? 0, headers, body: Buffer.concat(chunks).toString("utf8") };
}

function tooLarge(host: string, mostBytes: number): ConnectionError {
  return new ConnectionError(
    "ANSWER_TOO_LARGE",
    `${host} gave an answer of more than ${mostBytes / 1024 / 1024} MiB, which no Azure service does; the rest was not ` +
      "read. Something between this machine and Azure answers in its place.",
  );
}

function unreadable(host: string, what: string): ConnectionError {
  return new ConnectionError(
    "ANSWER_UNREADABLE",
    `${host} ${what}, which was not asked for and no Azure service does. Something between this machine and Azure ` +
      "answers in its place.",
  );
}

type Connected = (error: Error | null, stream: Duplex) => void;

/** Keeps connections alive and makes each one through a CONNECT tunnel where the environment wants that. */
class TunnelAgent extends https.Agent {
  /** Asked for and not yet open: Node's agent does not know them. */
  readonly #opening = new Set<http.ClientRequest>();

  /** What a host's last connection left behind, with which the next one is opened in a fraction of the work. */
  readonly #sessions = new Map<string, Buffer>();

  /** Not for inspection: Node's own debug output shows an agent with all that it holds. */
  readonly #env: Environment;

  readonly #trusted: { readonly ca?: string };
  /** Of all connections: otherwise each makes one of its own. */
  #secureContext: tls.SecureContext | undefined;

  constructor(env: Environment, trusted: { readonly ca?: string }) {
    super({ keepAlive: true, maxSockets: connectionsPerHost, rejectUnauthorized: true });
    this.#env = env;
    this.#trusted = trusted;
  }

  /** `host:port` of the proxy in front of a host, without its password. */
  proxyOf(host: string): string | undefined {
    return proxyFor(host, this.#env)?.host;
  }

  override destroy(): void {
    for (const tunnel of this.#opening) tunnel.destroy();
    super.destroy();
  }

  override createConnection(asked: https.RequestOptions, connected?: Connected): Duplex | null | undefined {
    this.#secureContext ??= tls.createSecureContext(this.#trusted);
    const options = { ...asked, secureContext: this.#secureContext };
    const host = options.host ?? "";
    const proxy = proxyFor(host, this.#env);
    if (proxy === undefined || connected === undefined) return super.createConnection(options, connected);
    const target = `${host}:${options.port ?? 443}`;
    const secureProxy = proxy.protocol === "https:";
    const tunnel = (secureProxy ? https : http).request({
      host: proxy.hostname,
      port: proxy.port === "" ? (secureProxy ? 443 : 80) : proxy.port,
      method: "CONNECT",
      path: target,
      headers: { Host: target, ...proxyAuthorization(proxy) },
      agent: false,
      // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
      rejectUnauthorized: true,
    });
    // Node's types want a stream beside the error; on failure there is none.
    const failed = connected as (error: Error) => void;
    this.#opening.add(tunnel);
    let isConnected = false;
    tunnel.on("close", () => {
      this.#opening.delete(tunnel);
      if (!isConnected) failed(new Error("the proxy closed the connection"));
    });
    tunnel.on("connect", (answer, socket) => {
      isConnected = true;
      if (answer.statusCode === 200) {
        const session = this.#sessions.get(target);
        const secure = tls.connect({
          ...(options as tls.ConnectionOptions),
          socket,
          servername: host,
          ...(session && { session }),
        });
        secure.on("session", (next) => {
          if (secure.authorized) this.#sessions.set(target, next);
        });
        connected(null, secure);
        return;
      }
      socket.destroy();
      failed(refusedBy(proxy, host, answer));
    });
    tunnel.on("error", (cause) => {
      // A proxy that closes in the middle is there: the same request may succeed a moment later.
      if ("code" in cause && cause.code === "ECONNRESET") {
        failed(connectionError(cause, host, proxy.host));
        return;
      }
      failed(
        new ConnectionError(
          "PROXY_UNREACHABLE",
          `The proxy ${proxy.host} (HTTPS_PROXY), asked for ${host}, could not be reached (${cause.message}). ` +
            "Start it, or correct HTTPS_PROXY.",
          { cause },
        ),
      );
    });
    tunnel.end();
    return undefined;
  }
}

function proxyAuthorization(proxy: URL): Record<string, string> {
  if (proxy.username === "") return {};
  const credentials = `${percentDecoded(proxy.username) ?? ""}:${percentDecoded(proxy.password) ?? ""}`;
  return { "Proxy-Authorization": `Basic ${Buffer.from(credentials).toString("base64")}` };
}

function refusedBy(proxy: URL, host: string, answer: http.IncomingMessage): ConnectionError {
  const status = `${answer.statusCode ?? 0} ${answer.statusMessage ?? ""}`.trim();
  const repair =
    answer.statusCode === 407
      ? "Put user and password into HTTPS_PROXY."
      : "Allow this host there, or name it in NO_PROXY if it can be reached directly.";
  return new ConnectionError(
    "PROXY_REFUSED",
    `The proxy ${proxy.host} (HTTPS_PROXY) refused to connect to ${host}: ${status}. ${repair}`,
  );
}
