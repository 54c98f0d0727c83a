import { clouds } from "../../emulator/tenant/clouds";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { gzipSync } from "node:zlib";
import type { Exchange } from "../../azure/http";
import { httpsTransport } from "../../azure/transport";
import { azure } from "../../emulator/server/azure";
import { createCertificates } from "../../emulator/server/certificates";
import { certificateHosts } from "../../emulator/server/hosts";
import type { Tenant } from "../../emulator/tenant/tenant";
import { azureExchange } from "./testWorld";

/** One request to the spoiled host, and what the service itself would answer. */
interface Spoiled {
  readonly socket: Duplex;
  readonly outgoing: ServerResponse;
  readonly url: URL;
  /** The request's body. */
  readonly asked: string;
  /** @returns the service's own status, headers and JSON text. */
  readonly healthy: () => Promise<{ status: number; headers: Record<string, string>; body: string }>;
}

type BadAnswer = (spoiled: Spoiled) => unknown;

const json = { "Content-Type": "application/json; charset=utf-8" };
const requestId = "6f0b2c1d-3e4a-4b5c-8d7e-9f0a1b2c3d4e";
const own = { ...json, "request-id": requestId, "x-ms-request-id": requestId };

/** A refusal in the service's own form: the one answer after which a command may go on without what it asked for. */
function refusal(status: number, headers: Record<string, string> = {}): BadAnswer {
  return ({ outgoing, url }) => {
    const error = { code: `Code${status}`, message: `Refused with ${status}.` };
    const body =
      url.hostname === "login.microsoftonline.com"
        ? {
            error: "invalid_request",
            error_description: `AADSTS90000: ${error.message}`,
            error_codes: [90000],
          }
        : { error };
    outgoing.writeHead(status, { ...own, ...headers }).end(JSON.stringify(body));
  };
}

function bare(status: number, headers: Record<string, string> = {}): BadAnswer {
  return ({ outgoing }) => void outgoing.writeHead(status, headers).end();
}

function page(status: number): BadAnswer {
  return ({ outgoing }) =>
    void outgoing
      .writeHead(status, { "Content-Type": "text/html" })
      .end("<!doctype html><title>Sign in</title><p>Accept the terms of this network.</p>");
}

function text(body: string): BadAnswer {
  return ({ outgoing }) => void outgoing.writeHead(200, own).end(body);
}

/** The service's own answer with a link to a next page, where it is a list or a batch with a list in it. */
function linked(link: (url: URL) => string): BadAnswer {
  return async ({ outgoing, url, asked, healthy }) => {
    const { status, headers, body } = await healthy();
    let lists = 0;
    const withLink = (answer: Answer | undefined, from: URL): Answer | undefined => {
      if (!Array.isArray(answer?.["value"])) return answer;
      lists += 1;
      const next = link(from);
      return { ...answer, nextLink: next, "@odata.nextLink": next };
    };
    const parsed = body === "" ? undefined : (JSON.parse(body) as Answer & Partial<BatchAnswer>);
    const { requests } = JSON.parse(
      asked === "" || parsed?.responses === undefined ? "{}" : asked,
    ) as BatchAsked;
    const spoilt =
      parsed?.responses === undefined
        ? withLink(parsed, url)
        : {
            responses: parsed.responses.map((one) => {
              const path = requests?.find(({ id }) => id === one.id)?.url ?? "";
              return { ...one, body: withLink(one.body, new URL(`${url.origin}/v1.0${path}`)) };
            }),
          };
    outgoing.writeHead(status, headers).end(lists > 0 ? JSON.stringify(spoilt) : body);
    return lists > 0 ? undefined : "as it was";
  };
}

type Answer = Readonly<Record<string, unknown>>;
interface BatchAsked {
  readonly requests?: readonly { readonly id: string; readonly url: string }[];
}
interface BatchAnswer {
  readonly responses: readonly { readonly id: string; readonly body?: Answer }[];
}

/** So that an endless answer ends soon. */
const mostBytes = 256 * 1024;

const zeros = gzipSync(Buffer.alloc(8 * 1024 * 1024));

/** Every way in which a host can answer badly, as bytes on a real connection. */
export const badAnswers = {
  refused: undefined,
  reset: undefined,
  silent: undefined,
  "closed early": ({ socket }) =>
    void socket.end(
      'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"value":[',
    ),
  "not HTTP": ({ socket }) => void socket.end("SSH-2.0-OpenSSH_9.6\r\n"),
  "101": ({ socket }) =>
    void socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    ),
  "204": bare(204),
  "204 with a request ID": bare(204, { "request-id": requestId, "x-ms-request-id": requestId }),
  "302": bare(302, { Location: "https://evil.example/login" }),
  "304": bare(304),
  "308": bare(308, { Location: "https://evil.example/login" }),
  "400": refusal(400),
  "401": refusal(401, { "WWW-Authenticate": 'Bearer authorization="https://evil.example", resource="x"' }),
  "403": refusal(403),
  "403 of a portal": page(403),
  "404": refusal(404),
  "404 of a portal": page(404),
  "409": refusal(409),
  "429 for ever": refusal(429, { "Retry-After": "1" }),
  "429 for a century": refusal(429, { "Retry-After": "3155760000" }),
  "500": refusal(500),
  "501 of a portal": page(501),
  "503": page(503),
  "200 HTML": page(200),
  "200 empty": text(""),
  "200 null": text("null"),
  "200 truncated": async ({ outgoing, healthy }) => {
    const { headers, body } = await healthy();
    outgoing.writeHead(200, headers).end(body.slice(0, Math.max(1, Math.floor(body.length / 2))));
  },
  "200 wrong shape": text(
    '{"value":{"id":7},"access_token":9,"properties":[],"id":{},"keys":"none","error":[]}',
  ),
  "200 empty object": text("{}"),
  "200 empty list": text('{"value":[]}'),
  "200 deep": text(`${'{"value":['.repeat(2_000)}${"]}".repeat(2_000)}`),
  "gzip of zeros": ({ outgoing }) =>
    void outgoing.writeHead(200, { ...json, "Content-Encoding": "gzip" }).end(zeros),
  endless: ({ outgoing }) => {
    outgoing.writeHead(200, own).write('{"value":["');
    const chunk = Buffer.alloc(64 * 1024, "x");
    const more = (): void => {
      while (!outgoing.destroyed && outgoing.write(chunk));
    };
    outgoing.on("drain", more);
    more();
  },
  "endless headers": ({ socket }) =>
    void socket.write(`HTTP/1.1 200 OK\r\n${"X-Padding: xxxxxxxxxxxxxxxx\r\n".repeat(4000)}`),
  "self-link": linked(({ href }) => href),
  "foreign link": linked(() => "https://evil.example/next"),
  "foreign link as a path": linked(({ origin }) => `${origin}//evil.example/next`),
  "malformed link": linked(() => "https://[/next"),
} satisfies Record<string, BadAnswer | undefined>;

export type BadAnswerName = keyof typeof badAnswers;
export const badAnswerNames = Object.keys(badAnswers) as BadAnswerName[];

/** Which requests are spoiled, and how. */
export interface Spoiling {
  readonly host: string;
  readonly how: BadAnswerName;
  /** Only requests that change something. */
  readonly writesOnly?: boolean;
}

/** A network in which one host answers badly; all others are the emulated Azure, in this process. */
export interface SpoiledNetwork {
  /** For one run of a command: its network, and what was sent on it. */
  open(tenant: Tenant, spoiling: Spoiling | undefined): OpenNetwork;
  close(): Promise<void>;
}

export interface OpenNetwork {
  readonly exchange: Exchange;
  /** Hosts that requests went to, and hosts that the proxy was asked for. */
  readonly hosts: ReadonlySet<string>;
  /** Of them, those that got a request which changes something. */
  readonly written: ReadonlySet<string>;
  /** How many requests got another answer than the service's own. */
  changed(): number;
  close(): void;
}

export async function spoiledNetwork(): Promise<SpoiledNetwork> {
  const certificates = await createCertificates(certificateHosts(clouds.public));
  const sockets = new Set<Socket>();
  let current: { tenant: Tenant; spoiling: Spoiling; hosts: Set<string>; kept: number } | undefined;
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    if (current === undefined) return;
    const { tenant, spoiling } = current;
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method = "GET" } = incoming;
    const url = new URL(`https://${incoming.headers.host ?? ""}${incoming.url ?? "/"}`);
    const healthy = async () => {
      const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
      const headers = incoming.headers as Record<string, string>;
      const response = await azure(tenant)(new Request(url, { method, headers, ...body }));
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      };
    };
    const spoilt = await badAnswers[spoiling.how]?.({
      socket: incoming.socket,
      outgoing,
      url,
      asked: Buffer.concat(chunks).toString("utf8"),
      healthy,
    });
    if (spoilt === "as it was") current.kept += 1;
  };
  const tls = createHttpsServer(
    { key: certificates.privateKeyPem, cert: certificates.certificatePem },
    (incoming, outgoing) => {
      outgoing.on("error", () => undefined);
      void answer(incoming, outgoing);
    },
  );
  tls.on("tlsClientError", (_error, socket) => socket.destroy());
  const proxy = createHttpServer();
  proxy.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  proxy.on("connect", ({ url = "" }: IncomingMessage, socket: Socket) => {
    current?.hosts.add(url.replace(/:443$/, ""));
    const { how } = current?.spoiling ?? {};
    if (how === "silent") return;
    if (how === "reset") {
      socket.destroy();
      return;
    }
    if (how === "refused") {
      socket.end("HTTP/1.1 502 Bad gateway\r\n\r\n");
      return;
    }
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    tls.emit("connection", socket);
  });
  await new Promise<void>((listening) => proxy.listen(0, "127.0.0.1", listening));
  const env = { HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
  return {
    open: (tenant, spoiling) => {
      const hosts = new Set<string>();
      const written = new Set<string>();
      let spoiled = 0;
      const run = spoiling === undefined ? undefined : { tenant, spoiling, hosts, kept: 0 };
      current = run;
      const transport = httpsTransport(env, { ca: certificates.caPem, mostBytes });
      const healthy = azureExchange(tenant);
      return {
        hosts,
        written,
        changed: () => spoiled - (run?.kept ?? 0),
        exchange: (request, limit) => {
          const { host } = new URL(request.url);
          const isWrite =
            request.method !== "GET" &&
            !/\/(token|getByIds|checkNameAvailability|\$batch)\b/.test(request.url);
          hosts.add(host);
          if (isWrite) written.add(host);
          if (host !== spoiling?.host || (spoiling.writesOnly === true && !isWrite)) {
            return healthy(request, limit);
          }
          spoiled += 1;
          return transport.exchange(request, spoiling.how === "silent" ? 5 : limit);
        },
        close: () => {
          transport.close();
          for (const socket of sockets) socket.destroy();
        },
      };
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => proxy.close(closed));
    },
  };
}
