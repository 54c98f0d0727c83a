import { createPublicKey, verify } from "node:crypto";
import * as z from "zod/mini";
import type { AzureClient } from "../../azure/azureClient";
import { readBody } from "../../azure/serviceRefusal";
import { entra } from "../../azure/services";
import type { Cloud } from "../../core/cloud/clouds";
import { textClaim, type DecodedToken } from "../../azure/tokenClaims";
import { isForGraph } from "./explainToken";

export interface SignatureCheck {
  readonly result: "valid" | "invalid" | "cannot be checked";
  readonly reason: string;
}

const keySet = z.object({
  keys: z.array(z.object({ kid: z.string(), kty: z.literal("RSA"), n: z.string(), e: z.string() })),
});

/** The tenant in an issuer of the cloud; no host of another cloud is ever asked for keys, whatever a token says. */
function tenantIn(issuer: string, { version1, version2 }: Cloud["issuers"]): string | undefined {
  const text = issuer.toLowerCase();
  const tenantId = /^https:\/\/[^/]+\/([0-9a-f-]{36})\/(?:v2\.0)?$/.exec(text)?.[1];
  return tenantId !== undefined && [`${version1}/${tenantId}/`, `${version2}/${tenantId}/v2.0`].includes(text)
    ? tenantId
    : undefined;
}

/**
 * Verifies a token's signature against its issuer's published keys.
 *
 * @param token The whole token; it is not sent anywhere.
 * @throws {ServiceRefusal} when the keys cannot be had.
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-signature (read 2026-11)
 */
export async function checkSignature(
  client: AzureClient,
  token: string,
  decoded: DecodedToken,
): Promise<SignatureCheck> {
  if (isForGraph(decoded) || "nonce" in decoded.header) {
    return {
      result: "cannot be checked",
      reason: "only Microsoft Graph can verify its own tokens",
    };
  }
  const { alg, kid } = decoded.header;
  if (alg !== "RS256" || typeof kid !== "string") {
    return { result: "invalid", reason: "Entra signs with RS256 and names the key; this token does not" };
  }
  const { authority, issuers } = client.cloud;
  const tenantId = tenantIn(textClaim(decoded, "iss") ?? "", issuers);
  if (tenantId === undefined) {
    return { result: "cannot be checked", reason: "its issuer is not Microsoft Entra" };
  }
  const url = `${authority}/${tenantId}/discovery/v2.0/keys`;
  const service = "Entra's key service";
  const answer = await client.send({ to: entra, method: "GET", url }, { service });
  const key = readBody(service, answer, keySet).keys.find((one) => one.kid === kid);
  if (key === undefined) return { result: "invalid", reason: `the issuer has no key ${kid}` };

  const [header = "", claims = "", signature = ""] = token.split(".");
  const publicKey = createPublicKey({ key: { kty: key.kty, n: key.n, e: key.e }, format: "jwk" });
  const isValid = verify(
    "RSA-SHA256",
    Buffer.from(`${header}.${claims}`),
    publicKey,
    Buffer.from(signature, "base64url"),
  );
  return isValid
    ? { result: "valid", reason: `signed by key ${kid} of tenant ${tenantId}` }
    : { result: "invalid", reason: `key ${kid} did not make this signature: the token was changed` };
}
