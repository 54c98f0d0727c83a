import { once } from "node:events";
import { createServer, connect, type AddressInfo } from "node:net";
import { connect as tlsConnect, type TLSSocket } from "node:tls";
import { ProxyAgent, fetch, request as undiciRequest } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import { azure } from "../../../emulator/server/azure";
import { DroppedConnection } from "../../../emulator/server/disturbances";
import { formatLogEntry, type RequestLogEntry } from "../../../emulator/server/requestLog";
import { startServer, type RunningServer, type ServerOptions } from "../../../emulator/server/server";
import { createTenant } from "../../../emulator/tenant/tenant";
import { without } from "../../support/directory";

type Handler = (request: Request) => Promise<Response>;

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(
  handler: Handler,
  options: ServerOptions = {},
): Promise<{ server: RunningServer; agent: ProxyAgent }> {
  const server = await startServer(handler, options);
  const agent = new ProxyAgent({ uri: server.proxyUrl, requestTls: { ca: server.caPem } });
  closers.push(
    () => server.close(),
    () => agent.destroy(),
  );
  return { server, agent };
}

/** Sends raw text to the proxy and gives back all that comes until it hangs up. */
async function talk(server: RunningServer, text: string): Promise<string> {
  const socket = connect(Number(new URL(server.proxyUrl).port), "127.0.0.1");
  socket.write(text);
  let answer = "";
  socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
  await once(socket, "close");
  return answer;
}

/** A TLS connection to Graph through the proxy. */
async function openTls(server: RunningServer): Promise<TLSSocket> {
  const socket = connect(Number(new URL(server.proxyUrl).port), "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write("CONNECT graph.microsoft.com:443 HTTP/1.1\r\nHost: x\r\n\r\n");
  await once(socket, "data");
  const secure = tlsConnect({ socket, ca: server.caPem, servername: "graph.microsoft.com" });
  secure.on("error", () => undefined);
  await once(secure, "secureConnect");
  return secure;
}

const echo: Handler = async (request) =>
  Response.json({
    method: request.method,
    url: request.url,
    agent: request.headers.get("x-test"),
    body: await request.text(),
  });

describe("the server", () => {
  it("ends TLS for Azure's hosts with a certificate of its own CA, and hands requests on whole", async () => {
    const { agent } = await start(echo);
    const hosts = [
      "login.microsoftonline.com",
      "graph.microsoft.com",
      "management.azure.com",
      "any-vault.vault.azure.net",
    ];
    for (const host of hosts) {
      const url = `https://${host}/path?$filter=a%20eq%20b&x=%2F`;
      const response = await fetch(url, {
        method: "POST",
        headers: { "x-test": "yes" },
        body: "hello",
        dispatcher: agent,
      });
      expect(await response.json()).toEqual({ method: "POST", url, agent: "yes", body: "hello" });
    }
  });

  it("answers for managed identities at its own address, without TLS, where they are served", async () => {
    const { server } = await start(echo, { managedIdentity: echo });
    const url = `${server.identityEndpoint}?resource=x`;
    const seen = { method: "GET", url, agent: null, body: "" };
    expect(await (await fetch(url)).json()).toEqual(seen);
    // As a client asks that sends everything through the proxy.
    const { host } = new URL(url);
    const throughProxy = await talk(
      server,
      `GET ${url} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    expect(throughProxy).toContain(JSON.stringify(seen));

    const { server: without } = await start(echo);
    expect((await fetch(without.identityEndpoint)).status).toBe(403);
  });

  it("is not trusted without its CA", async () => {
    const { server } = await start(echo);
    const agent = new ProxyAgent({ uri: server.proxyUrl });
    closers.push(() => agent.destroy());
    await expect(undiciRequest("https://graph.microsoft.com/", { dispatcher: agent })).rejects.toThrow(
      /certificate/,
    );
  });

  it("keeps a connection open for the next request", async () => {
    const { server } = await start(echo);
    const secure = await openTls(server);
    for (const path of ["/first", "/second"]) {
      secure.write(`GET ${path} HTTP/1.1\r\nHost: graph.microsoft.com\r\n\r\n`);
      const [answer] = (await once(secure, "data")) as [Buffer];
      expect(answer.toString()).toContain(`"url":"https://graph.microsoft.com${path}"`);
    }
    secure.destroy();
  });

  it("passes on status, headers and empty bodies", async () => {
    const { agent } = await start(() =>
      Promise.resolve(new Response(null, { status: 204, headers: { "x-a": "b" } })),
    );
    const response = await fetch("https://graph.microsoft.com/", { dispatcher: agent });
    expect([response.status, response.headers.get("x-a"), await response.text()]).toEqual([204, "b", ""]);
  });

  it("refuses any other host with a message that names it, in the reason phrase too, and remembers it", async () => {
    const asked: string[] = [];
    const { server } = await start(echo, { onRefusedHost: (host) => asked.push(host) });
    const message =
      "example.com is unreachable: it is not part of the emulated Azure, and nothing was sent to it.";
    const answer = await talk(server, "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n");
    expect(answer).toBe(
      `HTTP/1.1 403 ${message}\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n${message}\n`,
    );
    await talk(server, "CONNECT graph.microsoft.com.evil.com:443 HTTP/1.1\r\nHost: x\r\n\r\n");
    await talk(server, "CONNECT a.b.vault.azure.net:443 HTTP/1.1\r\nHost: x\r\n\r\n");
    await talk(server, "CONNECT graph.microsoft.com:8443 HTTP/1.1\r\nHost: x\r\n\r\n");
    const refused = [
      "example.com",
      "graph.microsoft.com.evil.com",
      "a.b.vault.azure.net",
      "graph.microsoft.com",
    ];
    expect([[...server.refusedHosts], asked]).toEqual([refused, refused]);
  });

  it("refuses plain HTTP, as the search for a managed identity sends it", async () => {
    const { server } = await start(echo);
    const answer = await talk(
      server,
      "GET http://169.254.169.254/metadata/identity HTTP/1.1\r\nHost: 169.254.169.254\r\nConnection: close\r\n\r\n",
    );
    expect(answer).toContain("HTTP/1.1 403 Forbidden");
    expect(answer).toContain("169.254.169.254 is unreachable");
  });

  it("opens a real tunnel to a host that is allowed by name, and to no other", async () => {
    const upstream = createServer((socket) => socket.end("from upstream"));
    upstream.listen(0, "127.0.0.1");
    await once(upstream, "listening");
    closers.push(() => new Promise((resolve) => upstream.close(resolve)));
    const { port } = upstream.address() as AddressInfo;
    const { server } = await start(echo, { allowTunnelsTo: ["localhost", "*.pulumi.com"] });
    const answer = await talk(server, `CONNECT localhost:${port} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    expect(answer).toBe("HTTP/1.1 200 Connection established\r\n\r\nfrom upstream");
    expect(await talk(server, "CONNECT evilpulumi.com:443 HTTP/1.1\r\nHost: x\r\n\r\n")).toContain("403");
  });

  it("cuts the connection when the handler says so", async () => {
    const { agent } = await start(() => Promise.reject(new DroppedConnection()));
    await expect(undiciRequest("https://graph.microsoft.com/", { dispatcher: agent })).rejects.toThrow();
  });

  it("answers a fault of its own with 501, which no client repeats", async () => {
    const { agent } = await start(() => Promise.reject(new Error("a bug")));
    const response = await fetch("https://graph.microsoft.com/", { dispatcher: agent });
    expect([response.status, await response.text()]).toEqual([501, expect.stringContaining("a bug")]);
  });

  it("stays up when a client hangs up in the middle of the handshake", async () => {
    const { server, agent } = await start(echo);
    const socket = connect(Number(new URL(server.proxyUrl).port), "127.0.0.1");
    socket.write("CONNECT graph.microsoft.com:443 HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(socket, "data");
    socket.write("no TLS at all");
    socket.resetAndDestroy();
    expect((await fetch("https://graph.microsoft.com/", { dispatcher: agent })).status).toBe(200);
  });

  it("leaves nothing behind when closed, open connections included", async () => {
    const { server } = await start(echo);
    const secure = await openTls(server);
    await server.close();
    await once(secure, "close");
    const refused = connect(Number(new URL(server.proxyUrl).port), "127.0.0.1");
    const [error] = (await once(refused, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNREFUSED");
    expect(process.getActiveResourcesInfo().filter((name) => name === "TCPServerWrap")).toEqual([]);
  });

  it("says which port is taken", async () => {
    const { server } = await start(echo);
    const port = Number(new URL(server.proxyUrl).port);
    await expect(startServer(echo, { port })).rejects.toMatchObject({
      code: "PORT_IN_USE",
      message: expect.stringContaining(`Port ${port} on 127.0.0.1`),
    });
  });
});

describe("the log", () => {
  it("tells method, path, status and who, and never a secret or a token", async () => {
    const tenant = createTenant();
    const entries: RequestLogEntry[] = [];
    const { agent } = await start(azure(tenant), { log: (entry) => entries.push(entry) });
    const { clientId, clientSecret } = tenant.identities.deployer;
    const form = { client_id: clientId, client_secret: clientSecret, grant_type: "client_credentials" };
    const address = `https://login.microsoftonline.com/${tenant.state.tenantId}/oauth2/v2.0/token?secret=${encodeURIComponent(clientSecret)}`;
    const post = async (client_secret: string) => {
      const body = new URLSearchParams({
        ...form,
        client_secret,
        scope: "https://graph.microsoft.com/.default",
      });
      return (await fetch(address, { method: "POST", body, dispatcher: agent })).json() as Promise<
        Record<string, string>
      >;
    };
    const { access_token: token = "" } = await post(clientSecret);
    await post("wrong");
    const headers = { Authorization: `Bearer ${token}` };
    await fetch("https://graph.microsoft.com/v1.0/servicePrincipals?$top=1&token=x", {
      headers,
      dispatcher: agent,
    });
    const tokenPath = `/${tenant.state.tenantId}/oauth2/v2.0/token`;
    expect(entries.map((entry) => without({ ...entry }, "milliseconds"))).toEqual([
      {
        method: "POST",
        scheme: "https",
        host: "login.microsoftonline.com",
        path: tokenPath,
        status: 200,
        who: clientId,
      },
      {
        method: "POST",
        scheme: "https",
        host: "login.microsoftonline.com",
        path: tokenPath,
        status: 401,
      },
      {
        method: "GET",
        scheme: "https",
        host: "graph.microsoft.com",
        path: "/v1.0/servicePrincipals?$top=1",
        status: 200,
        who: clientId,
      },
    ]);
    const lines = entries.map(formatLogEntry).join("\n");
    expect(lines).toContain(`POST https://login.microsoftonline.com${tokenPath} -> 401 (anonymous, `);
    expect(lines).not.toContain(clientSecret);
    expect(lines).not.toContain(token);
  });

  it("shows a dropped connection as such", async () => {
    const entries: RequestLogEntry[] = [];
    const { agent } = await start(() => Promise.reject(new DroppedConnection()), {
      log: (entry) => entries.push(entry),
    });
    await undiciRequest("https://graph.microsoft.com/x", { dispatcher: agent }).catch(() => undefined);
    expect(entries.map(formatLogEntry)[0]).toMatch(
      /^GET https:\/\/graph\.microsoft\.com\/x -> dropped \(anonymous, \d+ ms\)$/,
    );
  });
});
