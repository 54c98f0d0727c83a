import { randomBytes } from "node:crypto";

/** Who signed in to which client, and what for. */
export interface UserSignIn {
  readonly clientId: string;
  readonly userId: string;
  /** As the client asked for it. */
  readonly scope: string;
  /** Whether the client has no credential of its own. */
  readonly isPublic: boolean;
  readonly nonce?: string;
}

/** A sign-in whose authorization code waits for its client. */
export interface CodeSignIn extends UserSignIn {
  readonly redirectUri: string;
  readonly codeChallenge?: string;
  readonly challengeMethod?: "plain" | "S256";
  readonly expiresAt: Date;
  isRedeemed: boolean;
}

/** A device that waits for a user. */
export interface DeviceSignIn {
  readonly userCode: string;
  readonly clientId: string;
  readonly scope: string;
  readonly expiresAt: Date;
  outcome: "pending" | "declined" | { readonly userId: string };
}

/** Users' sign-ins while the tenant runs. In memory only, as the signing key is. */
export interface SignIns {
  readonly codes: Map<string, CodeSignIn>;
  readonly devices: Map<string, DeviceSignIn>;
  readonly refreshTokens: Map<string, UserSignIn & { readonly expiresAt: Date }>;
  /** Object ID of the user by the value of the browser's cookie. */
  readonly sessions: Map<string, string>;
}

export function createSignIns(): SignIns {
  return { codes: new Map(), devices: new Map(), refreshTokens: new Map(), sessions: new Map() };
}

/** A code, a refresh token or a session that cannot be guessed. */
export function newTicket(prefix: string): string {
  return `${prefix}${randomBytes(48).toString("base64url")}`;
}

/** An instant so many seconds after another. */
export function after(now: Date, seconds: number): Date {
  return new Date(now.getTime() + seconds * 1000);
}
