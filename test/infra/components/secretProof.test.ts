import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { SecretProof, type SecretProofArgs } from "../../../infra/components/secretProof";
import { createInAzure } from "../../support/azureMocks";
import { dynamicProviderOf, recordResources, secretOf, valueOf } from "../../support/recordResources";

const undici = vi.hoisted(() => ({
  closed: 0,
  fetch: vi.fn<(url: string, init: object) => Promise<Response>>(),
}));

vi.mock("undici", () => ({
  EnvHttpProxyAgent: class {
    close(): Promise<void> {
      undici.closed += 1;
      return Promise.resolve();
    }
  },
  fetch: undici.fetch,
}));

const args: SecretProofArgs = {
  app: "Mail",
  tenantId: "tenant",
  clientId: "client",
  keyId: "key-1",
  clientSecret: pulumi.secret("the~secret"),
  tokens: 3,
  overSeconds: 0,
  patienceSeconds: 0,
};
const inputs = { ...args, clientSecret: "the~secret" };

async function registered() {
  const { resources, settled } = await recordResources({ create: createInAzure });
  const proof = new SecretProof("Mail-1", args, { retainOnDelete: true });
  await settled();
  const [resource] = resources;
  if (resource === undefined) throw new Error("nothing was registered");
  return { proof, resources, provider: dynamicProviderOf(resource) };
}

beforeEach(() => {
  undici.closed = 0;
  undici.fetch.mockReset();
});

describe("SecretProof", () => {
  it("is one resource, whose secret stays a secret", async () => {
    const { proof, resources } = await registered();
    expect(resources).toEqual([
      {
        type: "pulumi-nodejs:dynamic/copilot-token:SecretProof",
        name: "Mail-1",
        parent: undefined,
        inputs: {
          ...args,
          clientSecret: secretOf("the~secret"),
          __provider: expect.any(String) as string,
        },
        options: { retainOnDelete: true },
      },
    ]);
    expect([await valueOf(proof.provedAt), await valueOf(proof.tokens)]).toEqual([
      "2026-11-22T10:00:10.000Z",
      5,
    ]);
  });

  it("asks nobody anything in a preview or until it is made", async () => {
    await registered();
    expect(undici.fetch).not.toHaveBeenCalled();
  });
});

describe("the provider of SecretProof", () => {
  it("keeps evidence, no secret, and closes its connections", async () => {
    const { provider } = await registered();
    undici.fetch.mockImplementation(() => Promise.resolve(Response.json({ access_token: "x.y.z" })));
    expect(await provider.create(inputs)).toEqual({
      id: "key-1",
      outs: { keyId: "key-1", provedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string, tokens: 3 },
    });
    expect([undici.fetch.mock.calls.length, undici.closed]).toEqual([3, 1]);
  });

  it("sends the secret to the sign-in host alone, follows no redirect and does not wait for ever", async () => {
    const { provider } = await registered();
    undici.fetch.mockImplementation(() => Promise.resolve(Response.json({ access_token: "x.y.z" })));
    await provider.create({ ...inputs, tokens: 1 });
    expect(undici.fetch.mock.calls).toEqual([
      [
        "https://login.microsoftonline.com/tenant/oauth2/v2.0/token",
        {
          method: "POST",
          headers: { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" },
          body: expect.stringContaining("client_secret=the%7Esecret") as string,
          dispatcher: expect.anything() as object,
          redirect: "manual",
          signal: expect.any(AbortSignal) as AbortSignal,
        },
      ],
    ]);
  });

  it.each([
    [
      "a refusal",
      () => Promise.resolve(Response.json({ error_description: "AADSTS90002: No tenant." }, { status: 400 })),
      "AADSTS90002: AADSTS90002: No tenant.",
    ],
    [
      "a broken connection",
      () => Promise.reject(new Error("connect ECONNREFUSED")),
      "NO_ANSWER: The token endpoint could not be reached: connect ECONNREFUSED",
    ],
    [
      "a service that is busy for longer than patience lasts",
      () => Promise.resolve(new Response("", { status: 429, headers: { "Retry-After": "600" } })),
      "HTTP_429: The token endpoint answered 429 with something that is not JSON (0 characters).",
    ],
  ])(
    "fails for %s with one message, without the secret, and closes its connections",
    async (_what, answer, reason) => {
      const { provider } = await registered();
      undici.fetch.mockImplementation(answer);
      await expect(provider.create(inputs)).rejects.toThrow(
        new Error(
          `Entra refused the new client secret of Mail (client ID client, keyId key-1): ${reason}\n` +
            "It was not published, and the vault is unchanged. Run the command again; it continues with the same secret.",
        ),
      );
      expect([undici.fetch.mock.calls.length, undici.closed]).toEqual([1, 1]);
    },
  );

  it.each([
    [
      "the same credential",
      { ...inputs, tokens: 50, overSeconds: 300, app: "Post" },
      { changes: false, replaces: [] },
    ],
    ["another credential", { ...inputs, keyId: "key-2" }, { changes: true, replaces: ["keyId"] }],
  ])("compares credentials alone: %s", async (_what, news, expected) => {
    const { provider } = await registered();
    const olds = { keyId: "key-1", provedAt: "2026-11-22T10:00:10.000Z", tokens: 3 };
    expect(await provider.diff?.("key-1", olds, news)).toEqual(expected);
  });
});
