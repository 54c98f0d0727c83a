import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { pemCertificate } from "../pemCertificate";
import { isRecord, json, newGuid, notEmulated, textOf } from "../server/http";
import type {
  CertificateOperation,
  VaultCertificate,
  VaultCertificateVersion,
  VaultObjectVersion,
} from "../tenant/tenant";
import type { Need } from "./access";
import { properties, vaultUrl } from "./bundle";
import { pkcs12, readPolicy, type CertificatePolicy } from "./certificatePolicy";
import { badParameter, KeyVaultError } from "./keyVaultError";
import { generateRsaKey, rsaOperations } from "./keys";
import { checkNewVersion, requireObject, requireVersion } from "./objects";
import { certificateKind, keyKind, secretKind } from "./objectKinds";
import { pkcs12File } from "./pkcs12";
import { changeVersion, newVersion, pushVersion, unixSeconds } from "./vaultObjects";
import { demandRight, readBody, readChanges, type VaultRequest } from "./vaultRequest";
import { issueSelfSigned, propertiesOf } from "./x509";

const read: Need = { dataAction: "certificates/read", policy: "get" };
const create: Need = { dataAction: "certificates/create/action", policy: "create" };
const importing: Need = { dataAction: "certificates/import/action", policy: "import" };
const update: Need = { dataAction: "certificates/update/action", policy: "update" };

/**
 * `POST /certificates/{n}/create`: a self-signed certificate, to be polled for.
 *
 * @see https://learn.microsoft.com/rest/api/keyvault/certificates/create-certificate/create-certificate (read 2026-11)
 */
export async function createCertificate(request: VaultRequest, name: string): Promise<Response> {
  demandRight(request, create, name);
  const { vault, data, tenant } = request;
  const body = await readBody(request);
  checkNewVersion(certificateKind, request, name, "create");
  const certificates = certificateKind.shelf(data).live as Record<string, VaultCertificate>;
  const before = certificates[name.toLowerCase()];
  const policy = readPolicy(body["policy"] ?? before?.versions.at(-1)?.policy);
  if (policy.issuer["name"] !== "Self" || policy.key_props.kty !== "RSA") {
    return notEmulated(
      request.request,
      "Certificates are emulated only with an RSA key and the issuer Self.",
    );
  }
  const now = tenant.clock.now();
  const privateKey = await generateRsaKey(policy.key_props.key_size);
  const issued = await issueSelfSigned(privateKey, policy.x509_props, now);
  const operation: CertificateOperation = {
    requestId: newGuid().replaceAll("-", ""),
    csr: issued.csr,
    looksLeft: 1,
    issued: {
      version: certificateVersion(policy, issued, readChanges(body), now),
      privateKey: pem(privateKey),
    },
  };
  const certificate = (certificates[name.toLowerCase()] ??= { name, versions: [] });
  certificate.operation = operation;
  const location = `${vaultUrl(vault)}/certificates/${name}/pending?request_id=${operation.requestId}`;
  return json(202, describeOperation(request, certificate, operation), { Location: location });
}

/** `GET /certificates/{n}/pending`: the first look finds the request in progress. */
export function getOperation(request: VaultRequest, name: string): Response {
  demandRight(request, read, name);
  const certificate = findCertificate(request, name);
  const operation = certificate?.operation;
  if (certificate === undefined || operation === undefined) {
    throw new KeyVaultError(404, "PendingCertificateNotFound", `Pending certificate not found: ${name}`);
  }
  goOn(request, certificate, operation);
  return json(200, describeOperation(request, certificate, operation));
}

/** `GET /certificates/{n}[/{version}]`; one whose first version is in progress has neither key nor secret yet. */
export function getCertificate(request: VaultRequest, name: string, versionId: string): Response {
  demandRight(request, read, name);
  const pending = findCertificate(request, name);
  if (pending?.operation !== undefined) goOn(request, pending, pending.operation);
  if (pending?.versions.length === 0 && pending.operation?.issued !== undefined && versionId === "") {
    const { version: id, created, updated, policy } = pending.operation.issued.version;
    const address = `${vaultUrl(request.vault)}/certificates/${pending.name}`;
    return json(200, {
      id: `${address}/${id}`,
      ...properties(request.vault, { version: id, enabled: false, created, updated }),
      policy: { id: `${address}/policy`, ...policy },
      pending: { id: `${address}/pending` },
    });
  }
  const certificate = requireObject(certificateKind, request, name);
  const version = requireVersion(certificateKind, certificate, versionId);
  return json(200, certificateKind.describe(request.vault, certificate, version));
}

/** `GET /certificates/{n}/policy`. */
export function getPolicy(request: VaultRequest, name: string): Response {
  demandRight(request, read, name);
  const certificate = requireObject(certificateKind, request, name);
  return json(200, describePolicy(request, certificate));
}

/** `PATCH /certificates/{n}/policy`: what the next version will be made by. */
export async function updatePolicy(request: VaultRequest, name: string): Promise<Response> {
  demandRight(request, update, name);
  const body = await readBody(request);
  const certificate = requireObject(certificateKind, request, name);
  const current = requireVersion(certificateKind, certificate, "");
  const now = unixSeconds(request.tenant.clock.now());
  const attributes = {
    ...(isRecord(current.policy["attributes"]) ? current.policy["attributes"] : {}),
    updated: now,
  };
  current.policy = { ...readPolicy({ ...current.policy, ...body }), attributes };
  return json(200, describePolicy(request, certificate));
}

/** `PATCH /certificates/{n}[/{version}]`: the key and the secret are switched on and off with it. */
export async function updateCertificate(
  request: VaultRequest,
  name: string,
  versionId: string,
): Promise<Response> {
  demandRight(request, update, name);
  const body = await readBody(request);
  const { enabled, tags } = readChanges(body);
  const certificate = requireObject(certificateKind, request, name);
  const version = requireVersion(certificateKind, certificate, versionId);
  const now = request.tenant.clock.now();
  changeVersion(version, { enabled, tags }, now);
  for (const kind of certificateKind.companions) {
    const companion = kind.shelf(request.data).live[name.toLowerCase()];
    const same = companion?.versions.find((candidate) => candidate.version === version.version);
    if (same !== undefined) changeVersion(same, { enabled, tags }, now);
  }
  return json(200, certificateKind.describe(request.vault, certificate, version));
}

/** `POST /certificates/{n}/import`: a certificate with its key, as PEM. PKCS #12 files are not emulated. */
export async function importCertificate(request: VaultRequest, name: string): Promise<Response> {
  demandRight(request, importing, name);
  const { vault, data, tenant } = request;
  const body = await readBody(request);
  checkNewVersion(certificateKind, request, name, "import");
  const value = textOf(body["value"]);
  const text = value.startsWith("-----") ? value : Buffer.from(value, "base64").toString("utf8");
  if (!text.startsWith("-----")) {
    return notEmulated(
      request.request,
      "Certificates are imported only as PEM; PKCS #12 files are not emulated.",
    );
  }
  const [certificatePem] = pemCertificate.exec(text) ?? [];
  let privateKey: KeyObject;
  let isPair: boolean;
  try {
    privateKey = createPrivateKey(text);
    isPair = new X509Certificate(certificatePem ?? "").checkPrivateKey(privateKey);
  } catch {
    throw badParameter("The specified PEM X.509 certificate content is in an unexpected format.");
  }
  if (!isPair || certificatePem === undefined) {
    throw badParameter("The private key does not match the certificate in the specified PEM content.");
  }
  const { certificate, notBefore, notAfter, ...x509 } = propertiesOf(certificatePem);
  const keySize = privateKey.asymmetricKeyDetails?.modulusLength;
  const policy = readPolicy(body["policy"], { x509, ...(keySize === undefined ? {} : { keySize }) });
  const now = tenant.clock.now();
  const version = certificateVersion(policy, { certificate, notBefore, notAfter }, readChanges(body), now);
  addVersion(data, name, version, pem(privateKey));
  return json(200, certificateKind.describe(vault, requireObject(certificateKind, request, name), version));
}

function certificateVersion(
  policy: CertificatePolicy,
  { certificate, notBefore, notAfter }: { certificate: string; notBefore: Date; notAfter: Date },
  { enabled, tags }: ReturnType<typeof readChanges>,
  now: Date,
): VaultCertificateVersion {
  const times = { nbf: unixSeconds(notBefore), exp: unixSeconds(notAfter) };
  const seconds = unixSeconds(now);
  return {
    ...newVersion({ enabled, tags, ...times }, now),
    certificate,
    policy: { ...policy, attributes: { enabled: true, created: seconds, updated: seconds } },
  };
}

function addVersion(
  data: VaultRequest["data"],
  name: string,
  version: VaultCertificateVersion,
  privateKey: string,
): void {
  const { certificate, policy, ...common } = version;
  const { key_props: key, secret_props: secret } = policy as CertificatePolicy;
  const shared: VaultObjectVersion = { ...common, managed: true };
  pushVersion(certificateKind.shelf(data), name, version);
  pushVersion(keyKind.shelf(data), name, {
    ...shared,
    privateKey,
    keyOperations: rsaOperations,
    exportable: key.exportable,
  });
  pushVersion(secretKind.shelf(data), name, {
    ...shared,
    // Without the right to export, the secret is only the certificate.
    value: exported(certificate, key.exportable ? privateKey : undefined, secret.contentType),
    contentType: secret.contentType,
  });
}

function exported(certificate: string, privateKey: string | undefined, contentType: string): string {
  if (contentType === pkcs12) {
    return pkcs12File(Buffer.from(certificate, "base64"), privateKey).toString("base64");
  }
  const lines = certificate.match(/.{1,64}/g) ?? [];
  const text = `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
  return (privateKey ?? "") + text;
}

/** Goes on with what is in progress, at each look. */
function goOn({ data }: VaultRequest, certificate: VaultCertificate, operation: CertificateOperation): void {
  if (operation.issued === undefined) return;
  if (operation.looksLeft > 0) {
    operation.looksLeft -= 1;
    return;
  }
  const { version, privateKey } = operation.issued;
  delete operation.issued;
  addVersion(data, certificate.name, version, privateKey);
}

function describeOperation(
  { vault }: VaultRequest,
  { name }: VaultCertificate,
  { csr, requestId, issued }: CertificateOperation,
): object {
  const address = `${vaultUrl(vault)}/certificates/${name}`;
  const progress =
    issued === undefined
      ? { status: "completed", target: address }
      : {
          status: "inProgress",
          status_details:
            "Pending certificate created. Certificate request is in progress. This may take some time based on the " +
            "issuer provider. Please check again later.",
        };
  return {
    id: `${address}/pending`,
    issuer: { name: "Self" },
    csr,
    cancellation_requested: false,
    ...progress,
    request_id: requestId,
  };
}

function describePolicy(request: VaultRequest, certificate: VaultCertificate): object {
  const { policy } = requireVersion(certificateKind, certificate, "");
  return { id: `${vaultUrl(request.vault)}/certificates/${certificate.name}/policy`, ...policy };
}

function findCertificate({ data }: VaultRequest, name: string): VaultCertificate | undefined {
  return data.certificates?.[name.toLowerCase()];
}

function pem(privateKey: KeyObject): string {
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}
