import type { Scenario, Step } from "./run";

const version = "api-version=7.4";
const keysVersion = "api-version=7.5-preview.1";
const rsaOperations = ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"];
const everything = ["all", "purge"];
const setup: readonly Step[] = [
  {
    ask: "PUT arm/{subscription}/resourceGroups/rg?api-version=2021-04-01",
    body: { location: "westeurope" },
    status: 201,
  },
  {
    ask: "PUT arm/{subscription}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-conform?api-version=2023-02-01",
    body: {
      location: "westeurope",
      properties: {
        tenantId: "{tenant}",
        sku: { family: "A", name: "standard" },
        accessPolicies: [
          {
            tenantId: "{tenant}",
            objectId: "{me}",
            permissions: { secrets: everything, keys: everything, certificates: everything },
          },
        ],
        softDeleteRetentionInDays: 7,
      },
    },
    status: 200,
  },
];
const set: Step = { ask: `PUT vault/secrets/one?${version}`, body: { value: "ABC123" }, status: 200 };
const notFound = (ask: string): Step => ({ ask, status: 404, code: "SecretNotFound" });

/** What a vault's data plane answers. */
export const vaultScenarios: readonly Scenario[] = [
  {
    name: "without a token, the challenge names the tenant at login.microsoftonline.com",
    basis: "recorded",
    steps: [
      ...setup,
      {
        ask: `PUT vault/secrets/one?${version}`,
        signedIn: false,
        status: 401,
        code: "Unauthorized",
        has: { error: { message: "AKV10000: Request is missing a Bearer or PoP token." } },
        answerHeaders: {
          "WWW-Authenticate":
            'Bearer authorization="https://login.microsoftonline.com/{tenant}", resource="https://vault.azure.net"',
        },
      },
    ],
  },
  {
    name: "a secret has the retention of its vault, and the way to the next page is Key Vault's",
    basis: "recorded",
    steps: [
      ...setup,
      {
        ...set,
        ask: `PUT vault/secrets/secret1?${version}`,
        has: {
          value: "ABC123",
          attributes: { enabled: true, recoveryLevel: "CustomizedRecoverable+Purgeable", recoverableDays: 7 },
        },
      },
      { ...set, ask: `PUT vault/secrets/secret2?${version}` },
      {
        ask: `GET vault/secrets?maxresults=1&${version}`,
        status: 200,
        has: {
          value: [{ id: "https://kv-conform.vault.azure.net/secrets/secret1" }],
          nextLink:
            "https://kv-conform.vault.azure.net:443/secrets?api-version=7.4&$skiptoken=" +
            "eyJOZXh0TWFya2VyIjoiMiE4MCFNREF3TURFMElYTmxZM0psZEM5VFJVTlNSVlF5SVRBd01EQXlPQ0U1T1RrNUxURXlMVE14" +
            "VkRJek9qVTVPalU1TGprNU9UazVPVGxhSVEtLSIsIlRhcmdldExvY2F0aW9uIjowfQ&maxresults=1",
        },
      },
      { ask: `GET vault/secrets/none/versions?${version}`, status: 200, has: { value: [], nextLink: null } },
      notFound(`GET vault/secrets/none/?${version}`),
    ],
  },
  {
    name: "a deletion takes a moment to show, keeps the name, and can be undone once",
    basis: "recorded",
    steps: [
      ...setup,
      set,
      {
        ask: `POST vault/deletedsecrets/one/recover?${version}`,
        status: 400,
        code: "MethodNotAllowed",
        innerCode: "RequestNotAllowedOnNonDeletedObject",
      },
      {
        ask: `DELETE vault/secrets/one?${version}`,
        status: 200,
        has: { recoveryId: "https://kv-conform.vault.azure.net/deletedsecrets/one" },
        lacks: ["value"],
      },
      { ask: `GET vault/deletedsecrets?${version}`, status: 200, has: { value: [], nextLink: null } },
      { ask: `GET vault/deletedsecrets/one?${version}`, status: 200 },
      { ...set, status: 409, code: "Conflict", innerCode: "ObjectIsDeletedButRecoverable" },
      { ask: `POST vault/deletedsecrets/one/recover?${version}`, status: 200, lacks: ["value"] },
      {
        ...notFound(`GET vault/deletedsecrets/one?${version}`),
        has: { error: { message: "Deleted Secret not found: one" } },
      },
      { ask: `DELETE vault/secrets/one?${version}`, status: 200 },
      { ask: `DELETE vault/deletedsecrets/one?${version}`, status: 204 },
      set,
    ],
  },
  {
    name: "a key shows its public half, and is deleted, recovered and purged as secrets are",
    basis: "recorded",
    steps: [
      ...setup,
      {
        ask: `POST vault/keys/key1/create?${keysVersion}`,
        body: { kty: "RSA", attributes: { enabled: true } },
        status: 200,
        has: {
          key: { kty: "RSA", e: "AQAB", key_ops: rsaOperations },
          attributes: {
            enabled: true,
            recoveryLevel: "CustomizedRecoverable+Purgeable",
            recoverableDays: 7,
            exportable: false,
            hsmPlatform: "0",
          },
        },
        lacks: ["key.d", "tags", "managed"],
      },
      {
        ask: `DELETE vault/keys/key1?${keysVersion}`,
        status: 200,
        has: {
          recoveryId: "https://kv-conform.vault.azure.net/deletedkeys/key1",
          key: { key_ops: rsaOperations },
        },
      },
      {
        ask: `POST vault/deletedkeys/key1/recover?${keysVersion}`,
        status: 200,
        has: { key: { kty: "RSA" } },
      },
      { ask: `DELETE vault/keys/key1?${keysVersion}`, status: 200 },
      { ask: `DELETE vault/deletedkeys/key1?${keysVersion}`, status: 204 },
      { ask: `GET vault/keys/key1?${keysVersion}`, status: 404, code: "KeyNotFound" },
    ],
  },
  {
    name: "an imported certificate has a policy made from what it says of itself",
    basis: "recorded",
    steps: [
      ...setup,
      {
        ask: `POST vault/certificates/cert1/import?${version}`,
        body: {
          value: "{pem}",
          policy: {
            key_props: { exportable: true, kty: "RSA", key_size: 2048, reuse_key: false },
            secret_props: { contentType: "application/x-pem-file" },
            issuer: { name: "Self" },
          },
        },
        status: 200,
        has: {
          cer: "{certificate}",
          attributes: { enabled: true, recoveryLevel: "CustomizedRecoverable+Purgeable", recoverableDays: 7 },
          policy: {
            id: "https://kv-conform.vault.azure.net/certificates/cert1/policy",
            key_props: { exportable: true, kty: "RSA", key_size: 2048, reuse_key: false },
            secret_props: { contentType: "application/x-pem-file" },
            x509_props: { ekus: [], key_usage: [], basic_constraints: { ca: false } },
            lifetime_actions: [
              { trigger: { lifetime_percentage: 80 }, action: { action_type: "AutoRenew" } },
            ],
            issuer: { name: "Self" },
          },
        },
        lacks: ["pending", "tags"],
      },
      {
        ask: `DELETE vault/certificates/cert1?${version}`,
        status: 200,
        has: {
          recoveryId: "https://kv-conform.vault.azure.net/deletedcertificates/cert1",
          cer: "{certificate}",
        },
      },
      {
        ask: `POST vault/deletedcertificates/cert1/recover?${version}`,
        status: 200,
        has: { cer: "{certificate}" },
      },
    ],
  },
  {
    name: "a certificate is made while its client polls; its key and its secret are its own",
    basis: "documented",
    steps: [
      ...setup,
      {
        ask: `POST vault/certificates/one/create?${version}`,
        body: {
          policy: {
            key_props: { exportable: false, kty: "RSA", key_size: 2048 },
            secret_props: { contentType: "application/x-pem-file" },
            x509_props: { subject: "CN=one", validity_months: 3 },
            issuer: { name: "Self" },
          },
        },
        status: 202,
        has: { status: "inProgress", issuer: { name: "Self" }, cancellation_requested: false },
        answerHeaders: { Location: /^https:\/\/kv-conform\.vault\.azure\.net\/certificates\/one\/pending\?/ },
      },
      { ask: `GET vault/certificates/one/pending?${version}`, status: 200, has: { status: "inProgress" } },
      {
        ask: `GET vault/certificates/one/pending?${version}`,
        status: 200,
        has: { status: "completed", target: "https://kv-conform.vault.azure.net/certificates/one" },
      },
      { ask: `GET vault/keys/one?${version}`, status: 200, has: { managed: true } },
      {
        ask: `PUT vault/secrets/one?${version}`,
        body: { value: "x" },
        status: 403,
        code: "Forbidden",
        innerCode: "SecretManaged",
      },
      { ask: `GET vault/certificates/none?${version}`, status: 404, code: "CertificateNotFound" },
    ],
  },
];
