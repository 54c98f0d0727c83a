import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import * as pulumi from "@pulumi/pulumi";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
  CreateRequest,
  DiffRequest,
  DiffResponse,
  type CreateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startServer, type RunningServer } from "../../emulator/server/server";

const tenantId = "11111111-1111-4111-8111-111111111111";
const args = {
  app: "Mail",
  tenantId,
  clientId: "22222222-2222-4222-8222-222222222222",
  keyId: "33333333-3333-4333-8333-333333333333",
  clientSecret: "the~secret",
  tokens: 2,
  overSeconds: 0,
  patienceSeconds: 0,
};

/** The provider's source text, made as the program makes it when Pulumi has loaded it. */
async function serialisedProvider(): Promise<string> {
  const load = createRequire(__filename);
  const loader = load("@pulumi/pulumi/vendor/ts-node@7.0.1") as { register: (options: object) => void };
  loader.register({ transpileOnly: true, project: resolve("infra/tsconfig.json") });
  const { SecretProof } = load(
    resolve("infra/components/secretProof.ts"),
  ) as typeof import("../../infra/components/secretProof");
  const registered: Record<string, unknown>[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ inputs }) => {
      registered.push(inputs as Record<string, unknown>);
      return { id: "proof", state: {} };
    },
    call: () => ({}),
  });
  new SecretProof("Mail-1", args);
  await pulumi.runtime.disconnect();
  return String(registered[0]?.["__provider"]);
}

let text: string;
let folder: string;
let server: RunningServer;
let dynamicProvider: ChildProcess;
let client: ResourceProviderClient;
let requests: { method: string; url: string; form: object }[];
let answer: () => Response;

beforeAll(async () => {
  text = await serialisedProvider();
  server = await startServer(async (request) => {
    const form = Object.fromEntries(new URLSearchParams(await request.text()));
    requests.push({ method: request.method, url: request.url, form });
    return answer();
  });
  folder = mkdtempSync(join(tmpdir(), "secret-proof-"));
  writeFileSync(join(folder, "ca.pem"), server.caPem);
  // As the engine starts it: from the program's folder, with the environment of the `pulumi up`.
  dynamicProvider = spawn(
    process.execPath,
    [resolve("node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js"), "127.0.0.1:1"],
    {
      cwd: resolve("infra"),
      env: {
        PATH: process.env["PATH"],
        HTTPS_PROXY: server.proxyUrl,
        NODE_EXTRA_CA_CERTS: join(folder, "ca.pem"),
      },
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  if (dynamicProvider.stdout === null) throw new Error("no output to read the port from");
  const [port] = (await once(dynamicProvider.stdout, "data")) as [Buffer];
  client = new ResourceProviderClient(`127.0.0.1:${port.toString().trim()}`, credentials.createInsecure());
});

afterAll(async () => {
  client.close();
  dynamicProvider.kill();
  await server.close();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  requests = [];
});

const struct = (values: Record<string, JavaScriptValue>): Struct =>
  Struct.fromJavaScript({ ...values, __provider: text });

function create(): Promise<CreateResponse> {
  const request = new CreateRequest();
  request.setProperties(struct(args));
  return new Promise((done, fail) => {
    client.create(request, (error: ServiceError | null, response) => {
      if (error === null) done(response);
      else fail(error);
    });
  });
}

function diff(
  olds: Record<string, JavaScriptValue>,
  news: Record<string, JavaScriptValue>,
): Promise<DiffResponse> {
  const request = new DiffRequest();
  request.setId(args.keyId);
  request.setOlds(struct(olds));
  request.setNews(struct(news));
  return new Promise((done, fail) => {
    client.diff(request, (error: ServiceError | null, response) => {
      if (error === null) done(response);
      else fail(error);
    });
  });
}

describe("SecretProof in Pulumi's own process for dynamic resources", () => {
  it("gets its tokens through proxy and private CA, and keeps the evidence without the secret", async () => {
    answer = () => Response.json({ token_type: "Bearer", expires_in: 3599, access_token: "x.y.z" });
    const response = await create();
    expect(response.getId()).toBe(args.keyId);
    expect(response.getProperties()?.toJavaScript()).toEqual({
      __provider: text,
      keyId: args.keyId,
      provedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      tokens: 2,
    });
    const asked = {
      method: "POST",
      url: `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`,
      form: {
        client_id: args.clientId,
        grant_type: "client_credentials",
        scope: "https://graph.microsoft.com/.default",
        client_secret: "the~secret",
      },
    };
    expect(requests).toEqual([asked, asked]);
  });

  it("ends the run with a message that names the credential and never its value", async () => {
    answer = () =>
      Response.json(
        { error_description: "AADSTS90002: Tenant not found. Correlation ID: c-1" },
        { status: 400 },
      );
    const error = await create().catch((refusal: unknown) => refusal as ServiceError);
    expect(error).toMatchObject({
      details:
        `Entra refused the new client secret of Mail (client ID ${args.clientId}, keyId ${args.keyId}): ` +
        "AADSTS90002: AADSTS90002: Tenant not found. Correlation ID: c-1\n" +
        "It was not published, and the vault is unchanged. Run the command again; it continues with the same secret.",
    });
  });

  it("follows no redirect with the secret in hand", async () => {
    answer = () => Response.redirect("https://graph.microsoft.com/elsewhere", 307);
    const error = await create().catch((refusal: unknown) => refusal as ServiceError);
    expect(error).toMatchObject({ details: expect.stringContaining("NOT_JSON") as string });
    expect(requests.map(({ url }) => new URL(url).hostname)).toEqual(["login.microsoftonline.com"]);
  });

  it("proves nothing again for another plan, only for another credential", async () => {
    answer = () => Response.error();
    const olds = { keyId: args.keyId, provedAt: "2026-11-22T10:00:10.000Z", tokens: 2 };
    const same = await diff(olds, { ...args, tokens: 9, overSeconds: 99, clientSecret: "other" });
    expect([same.getChanges(), same.getReplacesList()]).toEqual([DiffResponse.DiffChanges.DIFF_NONE, []]);
    const other = await diff(olds, { ...args, keyId: "44444444-4444-4444-8444-444444444444" });
    expect([other.getChanges(), other.getReplacesList()]).toEqual([
      DiffResponse.DiffChanges.DIFF_SOME,
      ["keyId"],
    ]);
    expect(requests).toEqual([]);
  });

  it("carries no secret in the source text that is stored with it", () => {
    expect(text).toContain("proveSecret");
    expect(text).not.toContain("the~secret");
  });
});
