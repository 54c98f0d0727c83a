import { isRecord } from "../server/http";
import type { Client } from "./clients";
import { EntraError } from "./entraError";

/** An address to which a sign-in may answer. */
export interface ReplyAddress {
  readonly uri: string;
  /** Whether it belongs to a client that has no credential: a browser's or a native one's. */
  readonly isPublic: boolean;
}

/**
 * Compares the address that a client names with those of its registration, letter by letter. On loopback any port
 * fits.
 *
 * @param asked Absent where the client names none: then it has to have just one.
 * @throws {EntraError} AADSTS50011 for another, AADSTS500113 where the client has none.
 * @see https://learn.microsoft.com/entra/identity-platform/reply-url (read 2026-11)
 */
export function requireReplyAddress(client: Client, asked: string | null): ReplyAddress {
  const registered = replyAddresses(client);
  const [only] = registered;
  if (only === undefined) {
    throw new EntraError(
      400,
      "invalid_request",
      500113,
      "No reply address is registered for the application.",
    );
  }
  if (asked === null || asked === "") {
    if (registered.length === 1) return only;
  } else {
    const found = registered.find(({ uri }) => uri === asked || isSameLoopback(uri, asked));
    if (found !== undefined) return { ...found, uri: asked };
  }
  throw new EntraError(
    400,
    "invalid_request",
    50011,
    `The redirect URI '${asked ?? ""}' specified in the request does not match the redirect URIs configured for the application '${client.appId}'. Make sure the redirect URI sent in the request matches one added to your application in the Azure portal. Navigate to https://aka.ms/redirectUriMismatchError to learn more about how to troubleshoot this error.`,
  );
}

function replyAddresses({ application, servicePrincipal }: Client): ReplyAddress[] {
  if (servicePrincipal === undefined) return [{ uri: "http://localhost", isPublic: true }];
  return (["web", "spa", "publicClient"] as const).flatMap((platform) => {
    const part = application?.[platform];
    const uris = isRecord(part) ? part["redirectUris"] : undefined;
    return (Array.isArray(uris) ? uris : []).map((uri) => ({
      uri: String(uri),
      isPublic: platform !== "web",
    }));
  });
}

function isSameLoopback(registered: string, asked: string): boolean {
  if (!URL.canParse(registered) || !URL.canParse(asked)) return false;
  const [one, other] = [new URL(registered), new URL(asked)];
  const isLoopback = one.protocol === "http:" && ["localhost", "127.0.0.1"].includes(one.hostname);
  return (
    isLoopback &&
    other.protocol === "http:" &&
    one.hostname === other.hostname &&
    one.pathname === other.pathname &&
    one.search === other.search
  );
}
