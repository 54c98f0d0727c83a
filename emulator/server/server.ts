import { clouds, type CloudName } from "../tenant/clouds";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { connect, type AddressInfo, type Server, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Duplex } from "node:stream";
import { EmulatorError } from "../errors";
import { createCertificates } from "./certificates";
import { DroppedConnection } from "./disturbances";
import { certificateHosts, serviceFor } from "./hosts";
import { identityEndpointPath } from "../entra/managedIdentity";
import { logEntry, type RequestLogEntry } from "./requestLog";
import { wholeRequest } from "./wholeBodies";

export interface ServerOptions {
  /** Whose hosts are served. Default: the public cloud's. */
  readonly cloud?: CloudName;
  /** Loopback port of the proxy; default any free one. */
  readonly port?: number;
  /** Called after each answered request. */
  readonly log?: (entry: RequestLogEntry) => void;
  /** Called when a client asks for a host that is not emulated, before it is refused. */
  readonly onRefusedHost?: (host: string) => void;
  /** Real hosts that may be reached, such as those of plugin downloads; `*.` matches any labels. */
  readonly allowTunnelsTo?: readonly string[];
  /** Answers at {@link RunningServer.identityEndpoint}. Default: nothing does. */
  readonly managedIdentity?: (request: Request) => Promise<Response>;
}

export interface RunningServer {
  /** `http://127.0.0.1:<port>`: what clients take as their HTTPS proxy. */
  readonly proxyUrl: string;
  /** Where the code of an app asks for tokens of managed identities: plain HTTP on loopback, as on App Service. */
  readonly identityEndpoint: string;
  /** The CA that clients must trust. */
  readonly caPem: string;
  /** Hosts that clients asked for in vain, in order, each once. */
  readonly refusedHosts: ReadonlySet<string>;
  /** Ends every connection; afterwards nothing of the server is left. */
  close(): Promise<void>;
}

/**
 * Serves the emulated Azure on loopback: a CONNECT proxy that ends TLS itself for Azure's host names, and at its own
 * address the endpoint of managed identities.
 *
 * @throws {EmulatorError} `PORT_IN_USE`.
 */
export async function startServer(
  handler: (request: Request) => Promise<Response>,
  options: ServerOptions = {},
): Promise<RunningServer> {
  const cloud = clouds[options.cloud ?? "public"];
  const certificates = await createCertificates(certificateHosts(cloud));
  const refusedHosts = new Set<string>();
  const sockets = new Set<Duplex>();

  function track(socket: Duplex): void {
    sockets.add(socket);
    // A client that goes away in the middle is no error of ours.
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
  }

  function refuse(host: string): string {
    refusedHosts.add(host);
    options.onRefusedHost?.(host);
    return `${host} is unreachable: it is not part of the emulated Azure, and nothing was sent to it.`;
  }

  const tls = createHttpsServer(
    { key: certificates.privateKeyPem, cert: certificates.certificatePem, ALPNProtocols: ["http/1.1"] },
    (incoming, outgoing) => {
      void answer(handler, incoming, outgoing, options.log);
    },
  );
  // An idle connection stays: a client that reuses one just as it is closed would see a failure Azure hides.
  tls.keepAliveTimeout = 0;
  tls.on("tlsClientError", (_error, socket) => socket.destroy());

  const proxy = createHttpServer((incoming, outgoing) => {
    const host = hostOf(incoming.url ?? "") ?? incoming.headers.host ?? "(no host)";
    if (options.managedIdentity !== undefined && host === addressOf(proxy)) {
      void answer(options.managedIdentity, incoming, outgoing, options.log);
      return;
    }
    outgoing.writeHead(403, { "Content-Type": "text/plain" }).end(`${refuse(host)}\n`);
  });
  proxy.on("connection", track);
  proxy.on("connect", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const [host = "", port = "443"] = (request.url ?? "").split(":");
    socket.setNoDelay(true);
    if (serviceFor(host, cloud) !== undefined && port === "443") {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      if (head.length > 0) socket.unshift(head);
      tls.emit("connection", socket);
    } else if (isAllowed(host, options.allowTunnelsTo ?? [])) {
      openTunnel(host, Number(port), socket, head, track);
    } else {
      const message = refuse(host);
      // Go's HTTP client shows the reason phrase and nothing else.
      socket.end(
        `HTTP/1.1 403 ${message}\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n${message}\n`,
      );
    }
  });

  await new Promise<void>((resolve, reject) => {
    proxy.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? portInUse(options.port ?? 0, error) : error);
    });
    proxy.listen(options.port ?? 0, "127.0.0.1", resolve);
  });

  const proxyUrl = `http://${addressOf(proxy)}`;
  return {
    proxyUrl,
    identityEndpoint: `${proxyUrl}${identityEndpointPath}`,
    caPem: certificates.caPem,
    refusedHosts,
    close: async () => {
      const closed = new Promise<void>((resolve) =>
        proxy.close(() => {
          resolve();
        }),
      );
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function answer(
  handler: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  log: ServerOptions["log"],
): Promise<void> {
  const startedAt = performance.now();
  let request: Request | undefined;
  let status = 0;
  try {
    request = await readRequest(incoming);
    const response = await handler(request);
    status = response.status;
    await writeResponse(response, outgoing);
  } catch (error) {
    if (error instanceof DroppedConnection || request === undefined) {
      incoming.socket.destroy();
    } else {
      // A fault of the emulator's own. 501, since clients repeat a 500 for minutes.
      status = 501;
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const body = JSON.stringify({ error: { code: "EmulatorFailed", message } });
      outgoing.writeHead(status, { "Content-Type": "application/json" }).end(body);
    }
  }
  if (request !== undefined) log?.(logEntry(request, status, performance.now() - startedAt));
}

async function readRequest(incoming: IncomingMessage): Promise<Request> {
  const body = await readBody(incoming);
  const headers: [string, string][] = [];
  for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
    headers.push([incoming.rawHeaders[index] ?? "", incoming.rawHeaders[index + 1] ?? ""]);
  }
  const method = incoming.method ?? "GET";
  const host = (incoming.headers.host ?? "").replace(/:443$/, "");
  const origin = `${incoming.socket instanceof TLSSocket ? "https" : "http"}://${host}`;
  const path = incoming.url ?? "/";
  // A client that sends everything through the proxy names the whole address, even of the proxy itself.
  return wholeRequest(path.startsWith("/") ? origin + path : path, method, headers, body);
}

/** By events: an async iterator takes several times as long. */
function readBody(incoming: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.once("end", () => {
      resolve(Buffer.concat(chunks));
    });
    incoming.once("error", reject);
  });
}

async function writeResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  const body = await response.text();
  const headers: string[] = [];
  for (const [name, value] of response.headers) headers.push(name, value);
  if (response.status !== 204) headers.push("Content-Length", String(Buffer.byteLength(body)));
  outgoing.writeHead(response.status, headers);
  outgoing.end(body);
}

function openTunnel(
  host: string,
  port: number,
  socket: Socket,
  head: Buffer,
  track: (socket: Duplex) => void,
): void {
  const upstream = connect(port, host, () => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    upstream.write(head);
    upstream.pipe(socket);
    socket.pipe(upstream);
  });
  track(upstream);
  upstream.once("close", () => socket.destroy());
  socket.once("close", () => upstream.destroy());
}

function isAllowed(host: string, allowed: readonly string[]): boolean {
  return allowed.some((pattern) =>
    pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern,
  );
}

function addressOf(server: Server): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function hostOf(url: string): string | undefined {
  try {
    return new URL(url).host;
  } catch {
    return undefined;
  }
}

function portInUse(port: number, cause: Error): EmulatorError {
  return new EmulatorError(
    "PORT_IN_USE",
    `Port ${port} on 127.0.0.1 is taken by another program. Choose another with --port, or leave it out for any free one.`,
    { cause },
  );
}
