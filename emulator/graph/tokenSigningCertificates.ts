import { createHash, randomUUID } from "node:crypto";
import { createSigningKey } from "../entra/signingKey";
import { isRecord, json, wholeSeconds } from "../server/http";
import type { PasswordCredential } from "../tenant/tenant";
import { hashSecret, newSecret } from "../entra/tokens";
import { writeApplications } from "./access";
import { badRequest } from "./graphError";
import { requireServicePrincipal } from "./lookup";
import { odataContext, readBody, type GraphContext, type Route } from "./route";

const defaultName = "CN=Microsoft Azure Federated SSO Certificate";
const years = (count: number, from: Date): Date => new Date(from.getTime() + count * 365 * 86_400_000);

/**
 * `addTokenSigningCertificate`: a self-signed certificate by which Entra signs SAML tokens. It is three credentials of
 * one name: the key that signs, the certificate that verifies, and the password of the key.
 *
 * @see https://learn.microsoft.com/graph/api/serviceprincipal-addtokensigningcertificate (read 2026-11)
 */
export const tokenSigningCertificateRoutes: readonly Route[] = [
  {
    method: "POST",
    pattern: "servicePrincipals/{servicePrincipal}/addTokenSigningCertificate",
    allowedBy: writeApplications,
    orOwner: true,
    handle: add,
  },
];

async function add(context: GraphContext): Promise<Response> {
  const servicePrincipal = requireServicePrincipal(context);
  const { displayName, endDateTime } = await readBody(context);
  const now = context.tenant.clock.now();
  const name = displayName ?? defaultName;
  if (typeof name !== "string" || !name.startsWith("CN=")) {
    throw badRequest("Invalid value specified for property 'displayName': it must begin with 'CN='.");
  }
  const endAt = typeof endDateTime === "string" ? new Date(endDateTime) : years(3, now);
  if (!(endAt > now) || endAt > years(3, now)) {
    throw badRequest("Invalid value specified for property 'endDateTime': at most three years from now.");
  }
  const { certificate, keyId } = await createSigningKey(name.slice("CN=".length));
  const sha1 = Buffer.from(keyId, "base64url");
  const shared = {
    customKeyIdentifier: sha1.toString("base64"),
    displayName: name,
    endDateTime: wholeSeconds(endAt),
    startDateTime: wholeSeconds(now),
  };
  const signing = { ...shared, key: "", keyId: randomUUID(), type: "X509CertAndPassword", usage: "Sign" };
  const verifying = {
    ...shared,
    key: certificate,
    keyId: randomUUID(),
    type: "AsymmetricX509Cert",
    usage: "Verify",
  };
  const password: PasswordCredential = {
    ...shared,
    keyId: signing.keyId,
    hint: "",
    secretHash: hashSecret(newSecret()),
    createdDateTime: wholeSeconds(now),
  };
  const before = servicePrincipal["keyCredentials"];
  const keys = Array.isArray(before) ? before.filter(isRecord) : [];
  servicePrincipal["keyCredentials"] = [...keys, signing, verifying];
  servicePrincipal.passwordCredentials = [...(servicePrincipal.passwordCredentials ?? []), password];
  return json(200, {
    "@odata.context": odataContext(context, "microsoft.graph.selfSignedCertificate"),
    ...verifying,
    // The ID is the signing key's.
    keyId: signing.keyId,
    thumbprint: createHash("sha1").update(Buffer.from(certificate, "base64")).digest("hex").toUpperCase(),
  });
}
