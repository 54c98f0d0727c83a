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

/** After which an idle connection ends. A service waits for longer, so it closes none just as a request goes out. */
const usualIdleMilliseconds = 4_000;

export interface Transport {
  readonly exchange: Exchange;
  /**
   * Opens a connection to the host of an `https://` address. The next request to that host uses it. If it could not be
   * opened, the request opens its own.
   */
  readonly preconnect: (url: string) => void;
  /**
   * Ends every connection, and what still waits for one. A connection that a request has used ends by itself once it has
   * been idle, and does not keep the process alive meanwhile.
   */
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
 * @param options.idleMilliseconds After which an idle connection ends. Default: 4 s.
 */
export function httpsTransport(
  env: Environment,
  {
    mostBytes = answerBytes,
    idleMilliseconds = usualIdleMilliseconds,
    ...tlsOptions
  }: { readonly ca?: string; readonly mostBytes?: number; readonly idleMilliseconds?: number } = {},
): Transport {
  const agent = new TunnelAgent(env, tlsOptions, idleMilliseconds);
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
    preconnect: (url) => {
      agent.preconnect(new URL(url));
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
    const server = serverAt(url);
    const fail = (cause: unknown): void => {
      agent.forgetSession(server);
      reject(connectionError(cause, url.host, proxy));
    };
    const outgoing = https.request(url, {
      method: request.method,
      agent,
      // Without it, Node computes the name for each request.
      servername: server.servername,
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

  /**
   * Connections that {@link preconnect} opened, by `host:port`. The promise gives undefined when the connection failed.
   * There is no promise when a request has taken the connection or opened its own.
   */
  readonly #ahead = new Map<string, Promise<Duplex | undefined> | undefined>();

  /** Number of calls of {@link destroy}. Each ends the requests that wait for a connection, and no later request. */
  #closes = 0;

  /** What a host's last connection left behind, with which the next one is opened in a fraction of the work. */
  readonly #sessions = new Map<string, Buffer>();

  /** Not for inspection: Node's own debug output shows an agent with all that it holds. */
  readonly #env: Environment;

  readonly #trusted: { readonly ca?: string };
  /** Of all connections: otherwise each makes one of its own. */
  #secureContext: tls.SecureContext | undefined;

  constructor(env: Environment, trusted: { readonly ca?: string }, idleMilliseconds: number) {
    super({
      keepAlive: true,
      // Of an idle connection: a request that takes longer goes on.
      timeout: idleMilliseconds,
      maxSockets: connectionsPerHost,
      rejectUnauthorized: true,
    });
    this.#env = env;
    this.#trusted = trusted;
  }

  get #trust(): tls.SecureContext {
    return (this.#secureContext ??= tls.createSecureContext(this.#trusted));
  }

  /** `host:port` of the proxy in front of a host, without its password. */
  proxyOf(host: string): string | undefined {
    return proxyFor(host, this.#env)?.host;
  }

  /** Called after a request failed, since the host may no longer accept the session. */
  forgetSession(server: Server): void {
    this.#sessions.delete(targetOf(server));
  }

  /** Does nothing when there was a connection to the host before, since that one was kept. */
  preconnect(url: URL): void {
    const options = { ...this.options, ...serverAt(url) };
    const target = targetOf(options);
    if (this.#ahead.has(target)) return;
    const opened = this.#open(options).then(
      // If it ends before a request takes it, `destroyed` says so.
      (socket) => socket.on("error", () => undefined),
      // The request opens its own and reports why that fails.
      () => undefined,
    );
    this.#ahead.set(target, opened);
  }

  override destroy(): void {
    this.#closes += 1;
    for (const tunnel of this.#opening) tunnel.destroy();
    for (const opened of this.#ahead.values()) void opened?.then((socket) => socket?.destroy());
    super.destroy();
  }

  override createConnection(options: https.RequestOptions, connected: Connected): undefined {
    // Node's types want a stream beside the error; on failure there is none.
    this.#connection(options).then(
      (socket) => {
        connected(null, socket);
      },
      connected as (error: Error) => void,
    );
  }

  async #connection(options: https.RequestOptions): Promise<Duplex> {
    const target = targetOf(options);
    const ahead = this.#ahead.get(target);
    this.#ahead.set(target, undefined);
    if (ahead === undefined) return this.#open(options);
    const closes = this.#closes;
    const socket = await ahead;
    if (this.#closes > closes) {
      socket?.destroy();
      throw new ConnectionError("CONNECTION_REFUSED", `${target} was not asked: the command has ended.`);
    }
    // Bytes that arrive before a request do not answer it. They announce that the host closes the connection.
    if (socket !== undefined && !socket.destroyed && socket.readableLength === 0) return socket;
    socket?.destroy();
    return this.#open(options);
  }

  async #open(options: https.RequestOptions): Promise<Duplex> {
    const target = targetOf(options);
    const proxy = proxyFor(options.host ?? "", this.#env);
    const tunnel = proxy && (await this.#tunnel(proxy, options.host ?? "", target));
    const session = this.#sessions.get(target);
    const socket = tls.connect({
      ...(options as tls.ConnectionOptions),
      secureContext: this.#trust,
      ...(tunnel && { socket: tunnel }),
      ...(session && { session }),
    });
    socket.on("session", (next) => {
      if (socket.authorized) this.#sessions.set(target, next);
    });
    return socket;
  }

  /** @throws {ConnectionError} */
  #tunnel(proxy: URL, host: string, target: string): Promise<Duplex> {
    const tunnel = (proxy.protocol === "https:" ? https : http).request({
      // Without the name for SNI, Node compares the proxy's certificate with the Host header, which names another host.
      ...serverAt(proxy),
      method: "CONNECT",
      path: target,
      headers: { Host: target, ...proxyAuthorization(proxy) },
      agent: false,
      // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
      rejectUnauthorized: true,
      // Spread, since Node's types do not know it here.
      ...{ secureContext: this.#trust },
    });
    this.#opening.add(tunnel);
    return new Promise((resolve, reject) => {
      tunnel.on("close", () => {
        this.#opening.delete(tunnel);
        reject(new Error("the proxy closed the connection"));
      });
      tunnel.on("connect", (answer, socket) => {
        if (answer.statusCode === 200) {
          resolve(socket);
          return;
        }
        socket.destroy();
        reject(refusedBy(proxy, host, answer));
      });
      tunnel.on("error", (cause) => {
        reject(tunnelError(proxy, host, cause));
      });
      tunnel.end();
    });
  }
}

/** How Node's clients name a server. */
interface Server {
  readonly host: string;
  readonly port: number;
  /** The name for SNI; empty for an IP address, for which there is none. */
  readonly servername: string;
}

function serverAt(url: URL): Server {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const usualPort = url.protocol === "https:" ? 443 : 80;
  return {
    host,
    port: url.port === "" ? usualPort : Number(url.port),
    servername: /^[\d.]+$|:/.test(host) ? "" : host,
  };
}

function targetOf({ host, port }: https.RequestOptions): string {
  return `${host ?? ""}:${port ?? 443}`;
}

function tunnelError(proxy: URL, host: string, cause: Error): ConnectionError {
  const known = connectionError(cause, host, proxy.host);
  // A proxy that closes in the middle is there: the same request may succeed a moment later.
  if ("code" in cause && cause.code === "ECONNRESET") return known;
  if (known.code === "CERTIFICATE_REFUSED")
    return connectionError(cause, `the proxy ${proxy.host} (HTTPS_PROXY)`);
  return new ConnectionError(
    "PROXY_UNREACHABLE",
    `The proxy ${proxy.host} (HTTPS_PROXY), asked for ${host}, could not be reached (${cause.message}). ` +
      "Start it, or correct HTTPS_PROXY.",
    { cause },
  );
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
