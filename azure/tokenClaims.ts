import { OperatorError } from "../core/errors";
import { parseJson } from "./json";

/** A token's two readable parts. Nothing here says that they are true: no signature was looked at. */
export interface DecodedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Entra's tokens stay under 64 KB; whatever is longer is something else. */
const longestToken = 100_000;

/** A token as people copy it, without quotes, blanks and a leading "Bearer". */
export function bareToken(text: string): string {
  return text
    .trim()
    .replace(/^"(.*)"$/s, "$1")
    .replace(/^(?:Authorization:\s*)?Bearer\s+/i, "")
    .trim();
}

/**
 * Splits and decodes a JWT without verifying it: only Microsoft Graph can verify a Graph token.
 *
 * @throws {OperatorError} `TOKEN_TOO_LONG`, `TOKEN_ENCRYPTED` or `TOKEN_MALFORMED`; never quoting the input.
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens (read 2026-11)
 */
export function decodeToken(token: string): DecodedToken {
  if (token.length > longestToken) {
    throw new OperatorError(
      "TOKEN_TOO_LONG",
      `This is ${token.length} characters long; a token has a few thousand. Give only the access_token.`,
    );
  }
  const parts = token.split(".");
  if (parts.length === 5) {
    throw new OperatorError(
      "TOKEN_ENCRYPTED",
      "This token is encrypted (five parts, JWE): only the API that it is meant for can read it.",
    );
  }
  const [header, claims] = [readPart(parts[0]), readPart(parts[1])];
  if (parts.length !== 3 || header === undefined || claims === undefined) {
    throw new OperatorError(
      "TOKEN_MALFORMED",
      `This is not a JSON web token: it has ${parts.length} part${parts.length === 1 ? "" : "s"} between dots, and a token ` +
        "has three, the first two of them JSON in base64url. Give only the access_token, complete and without quotes.",
    );
  }
  return { header, claims };
}

function readPart(part: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (part === undefined || !/^[A-Za-z0-9_-]+$/.test(part)) return undefined;
  const value = parseJson(Buffer.from(part, "base64url").toString("utf8"));
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

/** A claim that is text; undefined when absent or of another type. */
export function textClaim(token: DecodedToken, name: string): string | undefined {
  const value = token.claims[name];
  return typeof value === "string" ? value : undefined;
}

/** A claim that is an instant (Unix seconds); undefined when absent, of another type, or no instant of any calendar. */
export function instantClaim(token: DecodedToken, name: string): Date | undefined {
  return unixInstant(token.claims[name]);
}

/** Unix seconds as an instant; undefined for what is none, such as 1e300. */
export function unixInstant(seconds: unknown): Date | undefined {
  if (typeof seconds !== "number") return undefined;
  const instant = new Date(seconds * 1000);
  // Beyond the year 9999 ISO 8601 has another form, which no reader of ours takes.
  return instant.getTime() >= 0 && instant.getTime() < Date.UTC(10_000, 0) ? instant : undefined;
}

/** App roles in the token; a client without any gets a token without the claim. */
export function rolesOf(token: DecodedToken): string[] {
  const { roles } = token.claims;
  return Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : [];
}
