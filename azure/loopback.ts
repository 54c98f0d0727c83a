import { createServer, type Server, type ServerResponse } from "node:http";
import { OperatorError } from "../core/errors";

/** Waits on this machine for the answer of a browser's sign-in. */
export interface LoopbackListener {
  /** The redirect URI with the port that listens. */
  readonly redirectUri: string;
  /**
   * What the browser brings: the query of the first request that has the expected state.
   *
   * @returns Undefined when none came in time.
   */
  answer(state: string, limitSeconds: number): Promise<URLSearchParams | undefined>;
  close(): void;
}

/** What the browser shows when it has brought the answer. */
const donePage =
  "<!DOCTYPE html><title>copilot-token</title><p>This window can be closed. The terminal shows what came of the sign-in.</p>";

/**
 * Listens on the loopback interface, so that no other machine can bring an answer.
 *
 * @param registered Redirect URI of the app registration, such as `http://localhost`: Entra takes any port of it.
 * @see https://www.rfc-editor.org/rfc/rfc8252#section-7.3
 */
export async function listenOnLoopback(registered: string): Promise<LoopbackListener> {
  const address = new URL(registered);
  let bring: (query: URLSearchParams) => void = () => undefined;
  let expected: string | undefined;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", address);
    if (
      request.method !== "GET" ||
      url.pathname !== address.pathname ||
      url.searchParams.get("state") !== expected
    ) {
      respond(response, 404, "");
      return;
    }
    respond(response, 200, donePage);
    bring(url.searchParams);
  });
  await listen(server);
  const bound = server.address();
  address.port = String(typeof bound === "object" && bound !== null ? bound.port : "");
  return {
    // Entra compares letter by letter, and an empty path is not "/".
    redirectUri: /^http:\/\/[^/]+$/.test(registered) ? address.origin : address.href,
    answer: (state, limitSeconds) =>
      new Promise((resolve) => {
        expected = state;
        const timer = setTimeout(resolve, limitSeconds * 1000, undefined);
        bring = (query) => {
          clearTimeout(timer);
          resolve(query);
        };
      }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      reject(
        new OperatorError(
          "SIGN_IN_NO_LISTENER",
          `This machine cannot listen on 127.0.0.1: ${cause.message}.`,
          {
            cause,
          },
        ),
      );
    });
    server.listen(0, "127.0.0.1", resolve);
  });
}

function respond(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    Connection: "close",
  });
  response.end(page);
}
