import type { KeyObject } from "node:crypto";

/** Entra's RSA-2048 signing key with its self-signed certificate. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** Base64url SHA-1 of the certificate: both `kid` and `x5t`. */
  readonly keyId: string;
  /** DER, base64: the `x5c` entry. */
  readonly certificate: string;
}

/** Who signed in, as read from a token that this tenant signed. */
export interface Caller {
  readonly clientId: string;
  readonly objectId: string;
  readonly audience: string;
  /** App roles in the token; what Graph authorises by. */
  readonly roles: readonly string[];
}
