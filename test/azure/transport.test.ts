import http, { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Duplex } from "node:stream";
import { createServer, type AddressInfo, type Server as NetServer, type Socket } from "node:net";
import tls from "node:tls";
import { afterEach, describe, expect, it, vi } from "vitest";
import { azure } from "../../emulator/server/azure";
import { createCertificates } from "../../emulator/server/certificates";
import { startServer } from "../../emulator/server/server";
import { createTenant } from "../../emulator/tenant/tenant";
import { ConnectionError, connectionError } from "../../azure/connectionError";
import { proxyFor, type Environment } from "../../azure/proxy";
import { httpsTransport } from "../../azure/transport";

const servers: (Server | NetServer)[] = [];
const silent: Socket[] = [];

afterEach(async () => {
  for (const socket of silent.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((closed) => server.close(closed))));
});

async function listen(server: Server | NetServer): Promise<string> {
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A proxy that answers every CONNECT alike and keeps what it was sent. */
async function proxyAnswering(status: string): Promise<{ address: string; connects: string[] }> {
  const connects: string[] = [];
  const proxy = createHttpServer();
  proxy.on("connect", ({ url, headers }, socket) => {
    connects.push(`${url ?? ""} ${headers["proxy-authorization"] ?? ""}`.trim());
    socket.end(`HTTP/1.1 ${status}\r\n\r\n`);
  });
  return { address: await listen(proxy), connects };
}

/** A host whose certificate is for the given names. `reach` connects to it, as a listener for CONNECT requests. */
async function hostFor(...names: string[]) {
  const { caPem: ca, certificatePem: cert, privateKeyPem: key } = await createCertificates(names);
  const host = createHttpsServer({ cert, key }, (_request, response) => response.writeHead(401).end());
  const open = new Set<Duplex>();
  /** Which names were asked for by SNI. */
  const asked: unknown[] = [];
  host.on("secureConnection", (socket: tls.TLSSocket) => {
    asked.push(socket.servername);
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  const targets: string[] = [];
  const reach = ({ url = "" }: { url?: string }, socket: Duplex): void => {
    targets.push(url);
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    host.emit("connection", socket);
  };
  /** Waits until so many connections are open. */
  const opened = async (count: number): Promise<void> => {
    await expect.poll(() => open.size, { interval: 1, timeout: 60_000 }).toBe(count);
  };
  return { ca, cert, key, targets, asked, open, opened, reach };
}

async function failure(
  env: Environment,
  url: string,
  timeoutMilliseconds = 10_000,
  ca?: string,
): Promise<ConnectionError> {
  const transport = httpsTransport(env, ca === undefined ? {} : { ca });
  try {
    await transport.exchange({ method: "GET", url }, timeoutMilliseconds);
  } catch (error) {
    if (error instanceof ConnectionError) return error;
    throw error;
  } finally {
    transport.close();
  }
  throw new Error("an answer came");
}

const graph = "https://graph.microsoft.com/v1.0/users";

describe("httpsTransport", () => {
  it("resumes the TLS session of a host with each further connection through the proxy", async () => {
    const tenant = createTenant();
    const server = await startServer(azure(tenant));
    const connect = vi.spyOn(tls, "connect");
    const transport = httpsTransport({ HTTPS_PROXY: server.proxyUrl }, { ca: server.caPem });
    const read = (url = graph) => transport.exchange({ method: "GET", url }, 10_000);
    const resumed: boolean[] = [];
    try {
      await read();
      await Promise.all([read(), read()]);
      await read("https://management.azure.com/subscriptions");
      for (const { value } of connect.mock.results) resumed.push((value as tls.TLSSocket).isSessionReused());
    } finally {
      connect.mockRestore();
      transport.close();
      await server.close();
    }
    // The first connection stays open and takes one of the two; each host has sessions of its own.
    expect(resumed).toEqual([false, true, false]);
  });

  it("ends an idle connection, and no request that takes longer than one may be idle", async () => {
    const { certificatePem: cert, privateKeyPem: key, caPem: ca } = await createCertificates(["localhost"]);
    const host = createHttpsServer({ cert, key }, (_request, response) => {
      setTimeout(() => response.writeHead(204).end(), 100);
    });
    const ended = new Promise((resolve) => {
      host.on("secureConnection", (socket: tls.TLSSocket) => socket.once("close", resolve));
    });
    const url = `https://${(await listen(host)).replace("127.0.0.1", "localhost")}/`;
    const transport = httpsTransport({}, { ca, idleMilliseconds: 20 });
    expect((await transport.exchange({ method: "GET", url }, 10_000)).status).toBe(204);
    await ended;
  });

  it("forgets a TLS session when the host ends the connection", async () => {
    const { certificatePem: cert, privateKeyPem: key, caPem: ca } = await createCertificates(["localhost"]);
    const host = createHttpsServer({ cert, key, maxVersion: "TLSv1.2" }, (_request, response) => {
      response.writeHead(200, { Connection: "close" }).end();
    });
    host.on("secureConnection", (socket: tls.TLSSocket) => {
      if (socket.isSessionReused()) socket.destroy();
    });
    const address = (await listen(host)).replace("127.0.0.1", "localhost");
    const transport = httpsTransport({}, { ca });
    const seen: unknown[] = [];
    while (seen.length < 4) {
      const url = `https://${address}/`;
      const answer = await transport
        .exchange({ method: "GET", url }, 10_000)
        .catch((error: unknown) => error);
      seen.push(answer instanceof ConnectionError ? answer.code : 200);
    }
    transport.close();
    expect(seen).toEqual([200, "CONNECTION_RESET", 200, "CONNECTION_RESET"]);
  });

  it("sends SNI for a name that ends in a digit", async () => {
    const { asked, ca, reach } = await hostFor("api1");
    const proxy = createHttpServer().on("connect", reach);
    const transport = httpsTransport({ HTTPS_PROXY: `http://${await listen(proxy)}` }, { ca });
    const { status } = await transport.exchange({ method: "GET", url: "https://api1/" }, 10_000);
    transport.close();
    expect([status, asked]).toEqual([401, ["api1"]]);
  });

  it("names the host and the proxy when the proxy refuses", async () => {
    const { address, connects } = await proxyAnswering("403 Blocked");
    const error = await failure({ HTTPS_PROXY: `http://${address}` }, graph);

    expect([error.code, error.passesByItself]).toEqual(["PROXY_REFUSED", false]);
    expect(error.message).toBe(
      `The proxy ${address} (HTTPS_PROXY) refused to connect to graph.microsoft.com: 403 Blocked. ` +
        "Allow this host there, or name it in NO_PROXY if it can be reached directly.",
    );
    expect(connects).toEqual(["graph.microsoft.com:443"]);
  });

  it("sends the proxy's user and password there, and repeats them in no message", async () => {
    const { address, connects } = await proxyAnswering("407 Proxy Authentication Required");
    const error = await failure({ HTTPS_PROXY: `http://ada:p%40ss@${address}` }, graph);

    expect(connects).toEqual([`graph.microsoft.com:443 Basic ${Buffer.from("ada:p@ss").toString("base64")}`]);
    expect(error.message).toContain("Put user and password into HTTPS_PROXY");
    expect(error.message).not.toMatch(/p%40ss|p@ss/);
  });

  it("names a proxy that is not there", async () => {
    const error = await failure({ HTTPS_PROXY: "http://127.0.0.1:1" }, graph);
    expect(error.code).toBe("PROXY_UNREACHABLE");
    expect(error.message).toContain("127.0.0.1:1");
  });

  it.each(["1", "0"])(
    "refuses a certificate of an unknown CA, NODE_TLS_REJECT_UNAUTHORIZED=%s",
    async (value) => {
      const server = await startServer(azure(createTenant()));
      vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", value);
      const error = await failure({ HTTPS_PROXY: server.proxyUrl }, graph);
      vi.unstubAllEnvs();
      await server.close();

      expect(error.code).toBe("CERTIFICATE_REFUSED");
      expect(error.message).toContain("NODE_EXTRA_CA_CERTS");
    },
  );

  it("calls a connection that breaks off a passing trouble", async () => {
    const address = await listen(createServer((socket) => socket.destroy()));
    const error = await failure({}, `https://${address}/`);
    expect([error.code, error.passesByItself]).toEqual(["CONNECTION_RESET", true]);
  });

  it("gives up on a host that says nothing", async () => {
    const address = await listen(createServer((socket) => silent.push(socket)));
    const error = await failure({}, `https://${address}/`, 50);

    expect([error.code, error.passesByItself]).toEqual(["CONNECTION_TIMEOUT", true]);
    expect(error.message).toBe(`${address} gave no whole answer within 0.1 s.`);
  });

  it("gives up on a proxy that says nothing", async () => {
    const address = await listen(createServer((socket) => silent.push(socket)));
    const error = await failure({ HTTPS_PROXY: `http://${address}` }, graph, 50);

    expect(error.code).toBe("CONNECTION_TIMEOUT");
  });

  it("opens only so many connections in a burst, and the rest as they end", async () => {
    const held: Duplex[] = [];
    const seen: string[] = [];
    const refuse = (socket: Duplex): void => void socket.end("HTTP/1.1 403 Blocked\r\n\r\n");
    const proxy = createHttpServer().on("connect", ({ url = "" }, socket) => {
      seen.push(url);
      if (url.startsWith("graph.")) held.push(socket);
      else refuse(socket);
    });
    const env = { HTTPS_PROXY: `http://${await listen(proxy)}` };
    const transport = httpsTransport(env);
    const burst = Array.from({ length: 30 }, () =>
      transport.exchange({ method: "GET", url: graph }, 30_000).catch((error: unknown) => error),
    );
    // Asked last, so whatever the burst opens has come when this is answered.
    await failure(env, "https://management.azure.com/");
    expect(seen.filter((url) => url.startsWith("graph."))).toHaveLength(24);

    proxy.removeAllListeners("connect").on("connect", (_request, socket) => {
      refuse(socket);
    });
    for (const socket of held) refuse(socket);
    expect(await Promise.all(burst)).toEqual(burst.map(() => expect.any(ConnectionError) as unknown));
    transport.close();
  });

  describe("behind an https:// proxy", () => {
    const start = async () => {
      const host = await hostFor("localhost", "graph.microsoft.com");
      const address = await listen(createHttpsServer(host).on("connect", host.reach));
      return { ...host, address };
    };

    it("takes the proxy's certificate for the proxy's name, and the host's for the host's", async () => {
      const { address, ca, targets } = await start();
      const byName = `https://${address.replace("127.0.0.1", "localhost")}`;
      const transport = httpsTransport({ HTTPS_PROXY: byName }, { ca });
      const { status } = await transport.exchange({ method: "GET", url: graph }, 10_000);
      transport.close();
      expect([status, targets]).toEqual([401, ["graph.microsoft.com:443"]]);
    });

    it("refuses a certificate that is not for the proxy's address", async () => {
      const { address, ca, targets } = await start();
      const error = await failure({ HTTPS_PROXY: `https://${address}` }, graph, 10_000, ca);
      expect([error.code, targets]).toEqual(["CERTIFICATE_REFUSED", []]);
      expect(error.message).toBe(
        `The certificate of the proxy ${address} (HTTPS_PROXY) is for another host (ERR_TLS_CERT_ALTNAME_INVALID). ` +
          "Something else answers at its address. Check HTTPS_PROXY and this machine's DNS.",
      );
    });

    it("refuses a certificate of an unknown CA", async () => {
      const { address, targets } = await start();
      const error = await failure({ HTTPS_PROXY: `https://${address}` }, graph);
      expect([error.code, error.passesByItself, targets]).toEqual(["CERTIFICATE_REFUSED", false, []]);
      expect(error.message).toContain(`The certificate of the proxy ${address} (HTTPS_PROXY) is not trusted`);
    });
  });

  describe("preconnect", () => {
    const read = { method: "GET", url: graph } as const;
    const start = async () => {
      const host = await hostFor("graph.microsoft.com");
      const address = await listen(createHttpServer().on("connect", host.reach));
      const transport = httpsTransport({ HTTPS_PROXY: `http://${address}` }, { ca: host.ca });
      transport.preconnect("https://graph.microsoft.com");
      await host.opened(1);
      return { ...host, transport };
    };

    it("opens the connection that the next request uses", async () => {
      const { targets, transport } = await start();
      const { status } = await transport.exchange(read, 10_000);
      transport.close();
      expect([status, targets]).toEqual([401, ["graph.microsoft.com:443"]]);
    });

    it("opens one connection to a host, and none when a request has opened one", async () => {
      const { targets, opened, transport } = await start();
      const connect = vi.spyOn(http, "request");
      transport.preconnect("https://graph.microsoft.com");
      await transport.exchange(read, 10_000);
      transport.preconnect("https://graph.microsoft.com");
      expect(connect).not.toHaveBeenCalled();
      connect.mockRestore();
      transport.close();
      await opened(0);
      expect(targets).toEqual(["graph.microsoft.com:443"]);
    });

    it("opens another connection when the first one ends before a request", async () => {
      const { targets, open, opened, transport } = await start();
      for (const socket of open) socket.destroy();
      await opened(0);
      // The end may arrive after the request was sent. The client then sends it again.
      const answer = await transport.exchange(read, 10_000).catch(() => transport.exchange(read, 10_000));
      transport.close();
      expect(answer.status).toBe(401);
      expect(targets).toEqual(["graph.microsoft.com:443", "graph.microsoft.com:443"]);
    });

    it("lets the request report why no connection could be opened", async () => {
      const { address, connects } = await proxyAnswering("403 Blocked");
      const transport = httpsTransport({ HTTPS_PROXY: `http://${address}` });
      transport.preconnect("https://graph.microsoft.com");
      await expect(transport.exchange(read, 10_000)).rejects.toMatchObject({ code: "PROXY_REFUSED" });
      transport.close();
      expect(connects).toHaveLength(2);
    });

    it("opens no connection after close for a request that waited", async () => {
      const connects: string[] = [];
      const proxy = createHttpServer().on("connect", ({ url }, socket: Socket) => {
        connects.push(url ?? "");
        silent.push(socket);
        transport.close();
      });
      const transport = httpsTransport({ HTTPS_PROXY: `http://${await listen(proxy)}` });
      transport.preconnect("https://graph.microsoft.com");
      await expect(transport.exchange(read, 10_000)).rejects.toMatchObject({
        code: "CONNECTION_REFUSED",
        passesByItself: false,
      });
      expect(connects).toEqual(["graph.microsoft.com:443"]);
    });

    it("keeps no connection after close when a request has just begun", async () => {
      const { opened, transport } = await start();
      const asked = transport.exchange(read, 10_000);
      transport.close();
      await expect(asked).rejects.toMatchObject({ code: "CONNECTION_REFUSED" });
      await opened(0);
    });

    it("does not use a connection on which the host has sent bytes before the request", async () => {
      const { targets, open, transport } = await start();
      for (const socket of open) socket.write("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
      await new Promise((turn) => setImmediate(turn));
      await expect.poll(async () => (await transport.exchange(read, 10_000)).status).toBe(401);
      transport.close();
      expect(targets.length).toBeLessThanOrEqual(2);
    });

    it("keeps no connection after close when there was no request", async () => {
      const { opened, transport } = await start();
      transport.close();
      await opened(0);
    });
  });

  it("says that a port is closed", async () => {
    const error = await failure({}, "https://127.0.0.1:1/");
    expect([error.code, error.passesByItself]).toEqual(["CONNECTION_REFUSED", false]);
  });
});

describe("connectionError", () => {
  it("tells an unknown name from a name server that is out", () => {
    const error = connectionError(Object.assign(new Error("x"), { code: "ENOTFOUND" }), "x.vault.azure.net");
    expect(error.code).toBe("HOST_UNKNOWN");
  });
});

describe("proxyFor", () => {
  const proxies = { https_proxy: "http://lower:1", HTTPS_PROXY: "http://upper:2" };

  it.each<[string, Environment, string | undefined]>([
    ["lower case wins", proxies, "lower:1"],
    ["an empty variable counts as none", { https_proxy: "", HTTPS_PROXY: "http://upper:2" }, "upper:2"],
    ["no proxy", {}, undefined],
    ["excluded by name", { ...proxies, NO_PROXY: "graph.microsoft.com" }, undefined],
    ["excluded by domain", { ...proxies, NO_PROXY: "example.org, .microsoft.com" }, undefined],
    ["excluded with the port", { ...proxies, no_proxy: "graph.microsoft.com:443" }, undefined],
    ["excluded altogether", { ...proxies, NO_PROXY: "*" }, undefined],
    ["another domain with the same end", { ...proxies, NO_PROXY: "soft.com" }, "lower:1"],
  ])("%s", (_name, env, host) => {
    expect(proxyFor("graph.microsoft.com", env)?.host).toBe(host);
  });

  it("refuses what is no address", () => {
    expect(() => proxyFor("graph.microsoft.com", { HTTPS_PROXY: "socks5://x:1" })).toThrow(
      /HTTPS_PROXY holds no address/,
    );
  });
});
