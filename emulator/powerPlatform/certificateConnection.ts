import { constants, createHash, randomUUID, sign } from "node:crypto";
import { readPkcs12 } from "../keyVault/readPkcs12";
import { isRecord } from "../server/http";
import type { CustomConnector } from "./powerApps";
import type { Platform } from "./platform";
import { signInOutcome, type SignInOutcome } from "./userSignIn";
import { EmulationError } from "./value";

/** What the maker of a connection gives it: "Client Certificate Auth". */
export interface CertificateConnection {
  readonly clientId: string;
  readonly tenantId: string;
  /** PKCS #12 file with the app's certificate and its key, without a password. */
  readonly pfx: Buffer;
}

/**
 * Signs a connection in as an app, by the app's certificate.
 *
 * @throws {EmulationError} for a connector that offers no client certificate.
 */
export async function signInByCertificate(
  { connectionParameters }: CustomConnector,
  { clientId, tenantId, pfx }: CertificateConnection,
  { send, now }: Pick<Platform, "send" | "now">,
): Promise<SignInOutcome> {
  const { token, "token:clientCertificateSecret": certificateField } = connectionParameters;
  if (!isRecord(certificateField) || certificateField["type"] !== "clientCertificate") {
    throw new EmulationError("The connector offers no client certificate.");
  }
  const { oAuthSettings } = token as {
    oAuthSettings: {
      scopes: string[];
      customParameters: { grantType: { value: string }; LoginUri: { value: string } };
    };
  };
  const { grantType, LoginUri } = oAuthSettings.customParameters;
  const address = `${LoginUri.value}/${tenantId}/oauth2/v2.0/token`;
  const { privateKey, certificate } = readPkcs12(pfx);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const seconds = Math.floor(now().getTime() / 1000);
  const thumbprint = createHash("sha256").update(certificate.raw).digest("base64url");
  const claims = {
    aud: address,
    iss: clientId,
    sub: clientId,
    jti: randomUUID(),
    nbf: seconds,
    exp: seconds + 600,
  };
  const text = `${part({ alg: "PS256", typ: "JWT", "x5t#S256": thumbprint })}.${part(claims)}`;
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  const signature = sign("sha256", Buffer.from(text), { key: privateKey, padding, saltLength });
  const form = {
    client_id: clientId,
    grant_type: grantType.value,
    scope: oAuthSettings.scopes.join(" "),
    client_assertion: `${text}.${signature.toString("base64url")}`,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
  };
  return signInOutcome(await send(new Request(address, { method: "POST", body: new URLSearchParams(form) })));
}
