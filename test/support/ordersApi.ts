import { createServer, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from "jose";
import { createCertificates } from "../../emulator/server/certificates";

/** What the API accepts tokens of. */
export interface OrdersApiTrust {
  /** Client ID of its app registration. */
  readonly clientId: string;
  readonly tenantId: string;
  /** The tenant's published keys. */
  readonly keys: () => Promise<JSONWebKeySet>;
  readonly now: () => Date;
}

/** A company's own API at `https://orders.contoso.com`, on this machine. */
export interface OrdersApi {
  /** What came in, such as `GET /v1/orders?status=open 200`. */
  readonly calls: string[];
  send(request: Request): Promise<Response>;
  close(): Promise<void>;
}

export const ordersHost = "orders.contoso.com";

/**
 * An HTTPS server that checks each token as Microsoft documents it: signature, issuer, audience, lifetime, tenant, and then
 * whether its roles allow the request.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/claims-validation (read 2026-11)
 */
export async function startOrdersApi(trust: OrdersApiTrust): Promise<OrdersApi> {
  const { caPem, certificatePem, privateKeyPem } = await createCertificates([ordersHost]);
  const calls: string[] = [];
  const server = createServer({ cert: certificatePem, key: privateKeyPem }, (message, response) => {
    void answer(trust, message.method ?? "", message.headers.authorization).then(({ status, body }) => {
      calls.push(`${message.method ?? ""} ${message.url ?? ""} ${status}`);
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    calls,
    send: ({ url, method, headers }) =>
      new Promise((resolve, reject) => {
        const { pathname, search, host } = new URL(url);
        const sent = httpsRequest(
          {
            host: "127.0.0.1",
            port,
            servername: ordersHost,
            ca: caPem,
            method,
            path: `${pathname}${search}`,
            headers: { ...Object.fromEntries(headers), host },
            agent: false,
          },
          (reply) => {
            const chunks: Buffer[] = [];
            reply.on("data", (chunk: Buffer) => chunks.push(chunk));
            reply.on("end", () => {
              const type = reply.headers["content-type"] ?? "";
              resolve(
                new Response(Buffer.concat(chunks), {
                  status: reply.statusCode ?? 0,
                  headers: { "Content-Type": type },
                }),
              );
            });
          },
        );
        sent.on("error", reject).end();
      }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

async function answer(trust: OrdersApiTrust, method: string, authorization = ""): Promise<Answer> {
  const refusal = (status: number, code: string, message: string): Answer => ({
    status,
    body: { error: { code, message } },
  });
  const [, token = ""] = /^Bearer (\S+)$/.exec(authorization) ?? [];
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(await trust.keys()), {
      algorithms: ["RS256"],
      issuer: `https://login.microsoftonline.com/${trust.tenantId}/v2.0`,
      audience: trust.clientId,
      currentDate: trust.now(),
      requiredClaims: ["exp", "nbf", "tid", "oid"],
    });
    if (payload["tid"] !== trust.tenantId) return refusal(401, "InvalidToken", "another tenant");
    const roles: unknown = payload["roles"];
    const allowed = method === "GET" ? ["Orders.Read", "Orders.ReadWrite"] : ["Orders.ReadWrite"];
    if (!Array.isArray(roles) || !allowed.some((role) => roles.includes(role))) {
      return refusal(403, "RoleMissing", `one of ${allowed.join(", ")} is needed`);
    }
    return { status: 200, body: { orders: [{ number: "A-1001" }, { number: "A-1002" }] } };
  } catch (error) {
    return refusal(401, "InvalidToken", error instanceof Error ? error.message : "no token");
  }
}
