import type { Scenario, Step } from "./run";

const version = "api-version=7.4";
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
          { tenantId: "{tenant}", objectId: "{me}", permissions: { secrets: ["all", "purge"] } },
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
];
