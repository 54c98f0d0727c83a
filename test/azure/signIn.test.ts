import { clouds } from "../../core/cloud/clouds";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { azureClient } from "../../azure/azureClient";
import type { HttpAnswer, HttpRequest } from "../../azure/http";
import type { Environment } from "../../azure/proxy";
import { keyVault, microsoftGraph, resourceManager } from "../../azure/services";
import { signIn, type LoadDefaultCredential } from "../../azure/signIn";
import { jsonAnswer, testWorld } from "../support/testWorld";

const arm = { ARM_CLIENT_ID: "client", ARM_TENANT_ID: "tenant" };
const vault = keyVault;

const tokenAnswer = jsonAnswer(200, { access_token: "the-token", token_type: "Bearer", expires_in: 3599 });

function signedIn(env: Environment, options: { answer?: HttpAnswer; load?: LoadDefaultCredential } = {}) {
  const sent: HttpRequest[] = [];
  const world = testWorld({
    env,
    exchange: (request) => {
      sent.push(request);
      const isGitHub = request.url.startsWith("https://github.example");
      return Promise.resolve(
        isGitHub ? jsonAnswer(200, { value: `assertion-${sent.length}` }) : (options.answer ?? tokenAnswer),
      );
    },
  });
  const identity = signIn(env, azureClient(world, { waitSeconds: 0 }), "stack-tenant", options.load);
  const forms = (): Record<string, string>[] =>
    sent
      .filter(({ body }) => body !== undefined)
      .map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
  return { identity, sent, forms };
}

describe("signIn", () => {
  it("posts the client secret itself, so that no library has to load", async () => {
    const { identity, sent, forms } = signedIn({ ...arm, ARM_CLIENT_SECRET: "s~cret" });

    expect((await identity.getToken(vault)).textFor(keyVault)).toBe("the-token");
    expect(sent[0]?.url).toBe("https://login.microsoftonline.com/tenant/oauth2/v2.0/token");
    expect(forms()).toEqual([
      {
        client_id: "client",
        client_secret: "s~cret",
        grant_type: "client_credentials",
        scope: "https://vault.azure.net/.default",
      },
    ]);
    expect(identity.description).toBe(
      "service principal client by client secret (ARM_CLIENT_ID, ARM_CLIENT_SECRET)",
    );
  });

  it("refuses an environment that chooses no cloud, or two, and sends nothing", () => {
    const secret = { ...arm, ARM_CLIENT_SECRET: "s~cret" };
    expect(() => signedIn({ ...secret, ARM_ENVIRONMENT: "gcc" })).toThrow(
      /^ARM_ENVIRONMENT="gcc": nothing was sent\. GCC tenants are in the public cloud/,
    );
    const twoClouds = { ARM_ENVIRONMENT: "usgovernment", AZURE_AUTHORITY_HOST: "login.chinacloudapi.cn" };
    expect(() => signedIn({ ...secret, ...twoClouds })).toThrow(
      /ARM_ENVIRONMENT="usgovernment" and AZURE_AUTHORITY_HOST="login\.chinacloudapi\.cn" choose different clouds/,
    );
  });

  it.each(Object.values(clouds))("signs in at the hosts of $name, for its audiences", async (cloud) => {
    const env = { ...arm, ARM_CLIENT_SECRET: "s~cret", ARM_ENVIRONMENT: cloud.providers.azuread };
    const { identity, sent, forms } = signedIn(env);
    for (const service of [microsoftGraph, resourceManager, keyVault]) await identity.getToken(service);
    expect([...new Set(sent.map(({ url }) => new URL(url).origin))]).toEqual([cloud.authority]);
    expect(forms().map(({ scope }) => scope)).toEqual([
      `${cloud.graph}/.default`,
      `${cloud.resourceManager}/.default`,
      `https://${cloud.vaultSuffix}/.default`,
    ]);
  });

  it.each(Object.values(clouds))("sends no token of $name to a host of another cloud", async (cloud) => {
    const env = { ...arm, ARM_CLIENT_SECRET: "s~cret", ARM_ENVIRONMENT: cloud.providers.azuread };
    const world = testWorld({ env, exchange: () => Promise.resolve(tokenAnswer) });
    const client = azureClient(world, { waitSeconds: 0 });
    const token = await signIn(env, client).getToken(keyVault);
    const others = Object.values(clouds).filter(({ vaultSuffix }) => vaultSuffix !== cloud.vaultSuffix);
    expect(others.length).toBeGreaterThan(1);
    for (const { vaultSuffix } of others) {
      const url = `https://kv-one.${vaultSuffix}/secrets`;
      await expect(client.send({ to: keyVault, method: "GET", url, token })).rejects.toMatchObject({
        code: "HOST_FOREIGN",
      });
    }
  });

  it("asks GitHub for an assertion with the cloud's audience", async () => {
    const env = {
      ...arm,
      ARM_USE_OIDC: "true",
      ARM_ENVIRONMENT: "china",
      ACTIONS_ID_TOKEN_REQUEST_URL: "https://github.example/token?v=1",
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "bearer",
    };
    const { identity, sent } = signedIn(env);
    await identity.getToken(microsoftGraph);
    expect(new URL(sent[0]?.url ?? "").searchParams.get("audience")).toBe("api://AzureADTokenExchangeChina");
  });

  it("fetches one token a resource, however many ask", async () => {
    const { identity, sent } = signedIn({ ...arm, ARM_CLIENT_SECRET: "s" });
    await Promise.all([
      identity.getToken(vault),
      identity.getToken(vault),
      identity.getToken(microsoftGraph),
    ]);
    expect(sent).toHaveLength(2);
  });

  it("asks GitHub for a fresh assertion for each token", async () => {
    const { identity, sent, forms } = signedIn({
      ...arm,
      ARM_USE_OIDC: "true",
      ACTIONS_ID_TOKEN_REQUEST_URL: "https://github.example/token?api-version=2",
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "bearer",
    });
    await identity.getToken(vault);
    await identity.getToken(microsoftGraph);

    const github = sent.filter(({ url }) => url.startsWith("https://github.example"));
    expect(github.map(({ url, headers }) => [url, headers?.["Authorization"]])).toEqual([
      [
        "https://github.example/token?api-version=2&audience=api%3A%2F%2FAzureADTokenExchange",
        "Bearer bearer",
      ],
      [
        "https://github.example/token?api-version=2&audience=api%3A%2F%2FAzureADTokenExchange",
        "Bearer bearer",
      ],
    ]);
    expect(forms().map(({ client_assertion }) => client_assertion)).toEqual(["assertion-1", "assertion-3"]);
  });

  it("takes an assertion from a variable or a file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "assertion-"));
    const path = join(folder, "token");
    writeFileSync(path, "from-file\n");
    const byValue = signedIn({ ...arm, ARM_USE_OIDC: "1", ARM_OIDC_TOKEN: "from-variable" });
    const byFile = signedIn({ ...arm, ARM_USE_OIDC: "1", ARM_OIDC_TOKEN_FILE_PATH: path });
    await byValue.identity.getToken(vault);
    await byFile.identity.getToken(vault);
    rmSync(folder, { recursive: true });

    expect(byValue.forms()[0]?.["client_assertion"]).toBe("from-variable");
    expect(byFile.forms()[0]?.["client_assertion"]).toBe("from-file");
    expect(byFile.identity.description).toContain("ARM_OIDC_TOKEN_FILE_PATH");
  });

  it.runIf(existsSync("/dev/zero"))("reads no more of a file than an assertion can have", async () => {
    const { identity, forms } = signedIn({
      ...arm,
      ARM_USE_OIDC: "1",
      ARM_OIDC_TOKEN_FILE_PATH: "/dev/zero",
    });
    await identity.getToken(vault);
    expect(forms()[0]?.["client_assertion"]).toHaveLength(64 * 1024);
  });

  it.each<[string, Environment, RegExp]>([
    [
      "a secret without its client",
      { ARM_CLIENT_SECRET: "s", ARM_TENANT_ID: "t" },
      /ARM_CLIENT_SECRET is set, but ARM_CLIENT_ID is not/,
    ],
    ["federation without anything", { ARM_USE_OIDC: "true" }, /ARM_CLIENT_ID and ARM_TENANT_ID are not/],
    ["federation without a token", { ...arm, ARM_USE_OIDC: "true" }, /permissions: id-token: write/],
  ])("names what is missing: %s", (_name, env, words) => {
    expect(() => signedIn(env)).toThrow(words);
  });

  it("keeps Entra's code in a refusal, and the secret out of it", async () => {
    const answer = jsonAnswer(401, {
      error: "invalid_client",
      error_description: "AADSTS7000215: Invalid client secret provided.",
    });
    const { identity } = signedIn({ ...arm, ARM_CLIENT_SECRET: "s~cret" }, { answer });

    await expect(identity.getToken(vault)).rejects.toThrow(/^(?!.*s~cret).*refused \(AADSTS7000215\)/s);
  });

  it("waits for DefaultAzureCredential, which may ask a tool that hangs, for two minutes", async () => {
    vi.useFakeTimers();
    try {
      const load = () => Promise.resolve({ getToken: () => new Promise<never>(() => undefined) });
      const { identity } = signedIn({}, { load });
      const refused = expect(identity.getToken(vault)).rejects.toThrow(
        "No sign-in to Azure was found (no answer within 120 s)",
      );
      await vi.advanceTimersByTimeAsync(120_000);
      await refused;
    } finally {
      vi.useRealTimers();
    }
  });

  it("falls back to DefaultAzureCredential, for the stack's tenant, loaded when a token is wanted", async () => {
    const loaded: (string | undefined)[] = [];
    const asked: string[] = [];
    const { identity } = signedIn(
      {},
      {
        load: (tenantId) => {
          loaded.push(tenantId);
          return Promise.resolve({
            getToken: (scope) => {
              asked.push(scope);
              return Promise.resolve({ token: "default-token" });
            },
          });
        },
      },
    );
    expect(loaded).toEqual([]);
    expect((await identity.getToken(vault)).textFor(keyVault)).toBe("default-token");
    expect([loaded, asked]).toEqual([["stack-tenant"], ["https://vault.azure.net/.default"]]);
  });

  it("says how to sign in without a sign-in", async () => {
    const load: LoadDefaultCredential = () =>
      Promise.resolve({ getToken: () => Promise.reject(new Error("No credential.\nmore")) });
    await expect(signedIn({}, { load }).identity.getToken(vault)).rejects.toThrow(
      "No sign-in to Azure was found (No credential). Run az login, or set ARM_CLIENT_ID, ARM_TENANT_ID and ARM_CLIENT_SECRET.",
    );
  });

  it("tells why each credential of a chain failed, without a secret or a token", async () => {
    const errors = [
      new Error("EnvironmentCredential is unavailable. To troubleshoot, visit https://aka.ms/x."),
      new Error(
        "EnvironmentCredential authentication failed. Status code: 401\nMore details:\ninvalid_client: " +
          "AADSTS7000215: Invalid client secret 's~cret' provided. Trace ID: 1",
      ),
      new Error("Azure CLI printed eyJhbGciOi.eyJhdWQi.c2ln and ended"),
    ];
    const chain = Object.assign(new Error("ChainedTokenCredential authentication failed."), { errors });
    const load: LoadDefaultCredential = () =>
      Promise.resolve({
        getToken: () => Promise.reject(Object.assign(new Error("outer"), { errors: [chain] })),
      });
    await expect(
      signedIn({ AZURE_CLIENT_SECRET: "s~cret" }, { load }).identity.getToken(vault),
    ).rejects.toThrow(
      "No sign-in to Azure was found (EnvironmentCredential is unavailable; AADSTS7000215: Invalid client secret " +
        "'[secret]' provided; Azure CLI printed [token] and ended). Run az login",
    );
  });
});
