import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import {
  CheckRequest,
  ConstructRequest,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  DiffResponse,
  GetSchemaRequest,
  ReadRequest,
  UpdateRequest,
  type CheckResponse,
  type ConstructResponse,
  type CreateResponse,
  type GetSchemaResponse,
  type ReadResponse,
  type UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { azure } from "../../../emulator/server/azure";
import { startServer, type RunningServer } from "../../../emulator/server/server";
import { deployStack, stackId, type DeployedStack } from "../../support/deployedStack";
import { wantedSecret } from "../../support/wantedSecret";
import { servePlugin, type ServedPlugin, type Values } from "../../support/servedPlugin";
import { armEnvironment } from "../../support/testWorld";

const app = "CopilotAPIAuth";
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const secretMark = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const urn = `urn:pulumi:test::own::copilot-token:infra:ClientSecret$copilot-token:index:PublishedSecret::${app}`;

let folder: string;
let stack: DeployedStack;
let server: RunningServer;
let plugin: ServedPlugin;

beforeAll(async () => {
  stack = await deployStack();
  server = await startServer(azure(stack.tenant));
  folder = mkdtempSync(join(tmpdir(), "plugin-"));
  writeFileSync(join(folder, "ca.pem"), server.caPem);
  plugin = await servePlugin({
    ...armEnvironment(stack.tenant, "deployer"),
    HTTPS_PROXY: server.proxyUrl,
    NODE_EXTRA_CA_CERTS: join(folder, "ca.pem"),
  });
});
afterAll(async () => {
  await plugin.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

/** Everything that came back over gRPC. */
const received: string[] = [];
async function ask<Response extends { toObject(): object }>(
  send: Parameters<typeof plugin.call<Response>>[0],
): Promise<Response> {
  try {
    const response = await plugin.call<Response>(send);
    received.push(JSON.stringify(response.toObject()));
    return response;
  } catch (error) {
    received.push(String(error));
    throw error;
  }
}
const struct = (values: Values): Struct => Struct.fromJavaScript(values);

function wanted(more: Values = {}): Values {
  return { ...wantedSecret(stack, { tokens: 2, overSeconds: 0, patienceSeconds: 0 }), ...more };
}

async function check(news: Values, of = urn): Promise<[property: string, reason: string][]> {
  const request = new CheckRequest();
  request.setUrn(of);
  request.setOlds(struct({}));
  request.setNews(struct(news));
  const response = await ask<CheckResponse>((client, done) => client.check(request, done));
  return response.getFailuresList().map((failure) => [failure.getProperty(), failure.getReason()]);
}

async function diff(olds: Values, news: Values): Promise<DiffResponse> {
  const request = new DiffRequest();
  request.setId("id");
  request.setUrn(urn);
  request.setOlds(struct(olds));
  request.setNews(struct(news));
  return ask<DiffResponse>((client, done) => client.diff(request, done));
}

async function create(news: Values, of = urn): Promise<CreateResponse> {
  const request = new CreateRequest();
  request.setUrn(of);
  request.setProperties(struct(news));
  return ask<CreateResponse>((client, done) => client.create(request, done));
}

async function refresh(id: string, state: Values): Promise<Values> {
  const request = new ReadRequest();
  request.setId(id);
  request.setUrn(urn);
  request.setProperties(struct(state));
  const response = await ask<ReadResponse>((client, done) => client.read(request, done));
  return response.getProperties()?.toJavaScript() ?? {};
}

const secretOf = () => stack.tenant.state.vaults[stack.outputs.vaultName]?.secrets[app.toLowerCase()];
const versions = () => secretOf()?.versions ?? [];

describe("the plugin", () => {
  it("publishes the schema of schema.json, in the package's version", async () => {
    const response = await ask<GetSchemaResponse>((client, done) =>
      client.getSchema(new GetSchemaRequest(), done),
    );
    expect(response.getSchema()).toBe(readFileSync("schema.json", "utf8"));
    const info = await ask<PluginInfo>((client, done) => client.getPluginInfo(new Empty(), done));
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect([info.getVersion(), (JSON.parse(response.getSchema()) as { version: string }).version]).toEqual([
      version,
      version,
    ]);
  });

  it("refuses a type that is not the package's, with one error that names what there is", async () => {
    const other = urn.replace("PublishedSecret", "GraphApp");
    const refusal = /provides no resource of the type copilot-token:index:GraphApp\./;
    await expect(create({}, other)).rejects.toThrow(refusal);
    await expect(check({}, other)).rejects.toThrow(refusal);
  });
});

// One client secret's life: each test goes on where the one before it stopped.
describe("PublishedSecret, which the plugin provides", () => {
  let id: string;
  let state: Values;

  it("is checked against the schema: every fault is named, and what is not known yet is none", async () => {
    expect(await check(wanted())).toEqual([]);
    expect(await check(wanted({ clientId: unknown, consumerTags: { a: unknown } }))).toEqual([]);
    const inputs = wanted({ sequence: "2", cause: "else", colour: "red" });
    delete inputs["tokens"];
    expect((await check(inputs)).sort()).toEqual([
      ["cause", expect.stringContaining("one of first, due, asked, leaked")],
      ["colour", expect.stringContaining("There is no such input.")],
      ["sequence", expect.stringContaining("of type number")],
      ["tokens", expect.stringContaining("missing")],
    ]);
  });

  it("publishes through proxy and private CA, and answers identifiers", async () => {
    const response = await create(wanted());
    id = response.getId();
    state = response.getProperties()?.toJavaScript() ?? {};
    expect(id).toBe(wanted()["secretResourceId"]);
    expect(state).toMatchObject({ sequence: 2, verifiedBy: "2 tokens" });
    expect(state).not.toHaveProperty("__provider");
    expect(versions().at(-1)?.tags).toMatchObject({ keyId: state["keyId"], sequence: "2" });
  });

  it("sees nothing to do afterwards, and what was changed in the vault", async () => {
    const { DIFF_NONE, DIFF_SOME } = DiffResponse.DiffChanges;
    expect((await diff(state, wanted())).getChanges()).toBe(DIFF_NONE);
    expect(await refresh(id, state)).toEqual(state);
    Object.assign(versions().at(-1) ?? {}, { enabled: false });
    const seen = await refresh(id, state);
    expect(seen).toEqual({ ...state, fault: "disabled in the vault" });
    expect((await diff(seen, wanted())).getChanges()).toBe(DIFF_SOME);
    state = seen;
  });

  it("adopts the state of a dynamic resource, by an update that sends nothing", async () => {
    const before = { ...state, __provider: "exports.handler" };
    expect((await diff(before, wanted())).getChanges()).toBe(DiffResponse.DiffChanges.DIFF_SOME);
  });

  it("adds another one then", async () => {
    const request = new UpdateRequest();
    request.setId(id);
    request.setUrn(urn);
    request.setOlds(struct(state));
    request.setNews(struct(wanted()));
    const response = await ask<UpdateResponse>((client, done) => client.update(request, done));
    const made = response.getProperties()?.toJavaScript() ?? {};
    expect([made["fault"], made["keyId"] === state["keyId"]]).toEqual([undefined, false]);
    expect(versions().at(-1)).toMatchObject({ enabled: true, tags: { keyId: made["keyId"] } });
    state = made;
  });

  it("keeps secret what the program has marked so, though nothing here is a secret", async () => {
    const marked = { ...secretMark, value: wanted()["clientId"] ?? "" };
    expect((await diff(state, wanted({ clientId: marked }))).getChanges()).toBe(
      DiffResponse.DiffChanges.DIFF_NONE,
    );
    const refreshed = await refresh(id, { ...state, clientId: marked });
    expect(refreshed["clientId"]).toEqual(marked);
  });

  it("ends the run with a message that names the credential", async () => {
    const clientId = "99999999-9999-4999-8999-999999999999";
    await expect(create(wanted({ sequence: 3, clientId }))).rejects.toMatchObject({
      details: expect.stringMatching(/keyId [\w-]+\): AADSTS700016: [^]*was removed again/) as string,
    });
  });

  it("leaves the vault recoverably, and stays in Entra", async () => {
    const keyIds = () =>
      Object.values(stack.tenant.state.directory.applications).flatMap(({ passwordCredentials }) =>
        passwordCredentials.map(({ keyId }) => keyId),
      );
    const before = keyIds();
    const request = new DeleteRequest();
    request.setId(id);
    request.setUrn(urn);
    request.setProperties(struct(state));
    await ask<Empty>((client, done) => client.delete(request, done));
    expect(secretOf()).toBeUndefined();
    expect(keyIds()).toEqual(before);
  });

  it("let no value out of its process", () => {
    expect(stack.secrets.length).toBeGreaterThan(2);
    for (const value of stack.secrets) {
      expect([...received, ...plugin.said, ...plugin.errors].join("\n")).not.toContain(value);
    }
  });
});

describe("a component that the plugin makes", () => {
  async function construct(type: string, inputs: Values, dryRun = false): Promise<ConstructResponse> {
    const request = new ConstructRequest();
    request.setProject("own");
    request.setStack("test");
    request.setOrganization("organization");
    request.setDryrun(dryRun);
    request.setMonitorendpoint(plugin.monitor);
    request.setType(`copilot-token:index:${type}`);
    request.setName("Agent");
    request.setInputs(struct(inputs));
    return ask<ConstructResponse>((client, done) => client.construct(request, done));
  }
  const secretArgs = (): Values => ({
    sequence: 1,
    cause: "first",
    rotation: { everyDays: 60, keepDays: 60, graceDays: 14 },
    consumerTags: {},
    verification: { tokens: 2, overSeconds: 0 },
    stackId,
    tenantId: "tenant",
    clientId: "client",
    applicationId: "/applications/object",
    vaultResourceId: "/vault",
  });

  it("is the one of TypeScript programs, with resources that the plugin itself provides", async () => {
    const first = plugin.registrations.length;
    const response = await construct("ClientSecret", secretArgs());
    expect(response.getUrn()).toMatch(/::copilot-token:infra:ClientSecret::Agent$/);
    expect(response.getState()?.toJavaScript()).toMatchObject({ secretName: "Agent" });
    const registered = plugin.registrations.slice(first);
    expect(registered.map(({ type, name }) => [type, name])).toEqual([
      ["copilot-token:infra:ClientSecret", "Agent"],
      ["copilot-token:index:PublishedSecret", "Agent"],
    ]);
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(registered[1]?.version).toBe(version);
    expect(registered[1]?.inputs).not.toHaveProperty("__provider");
  });

  it("is refused with everything that is wrong with its inputs, before anything is registered", async () => {
    const first = plugin.registrations.length;
    const inputs: Values = {
      ...secretArgs(),
      sequence: unknown,
      tenantId: { ...secretMark, value: "tenant" },
      verification: { token: 2, overSeconds: "0" },
    };
    delete inputs["clientId"];
    const refusal: unknown = await construct("ClientSecret", inputs, true).catch((error: unknown) => error);
    const { details } = refusal as { details: string };
    expect(
      details
        .split("\n")
        .filter((line) => /^ {2}\w/.test(line))
        .sort(),
    ).toEqual([
      "  clientId: missing",
      "  sequence: not known yet",
      "  tenantId: a secret",
      '  verification.overSeconds: "0"',
      "  verification.token: unknown",
      "  verification.tokens: missing",
    ]);
    expect(plugin.registrations.slice(first)).toEqual([]);
  });

  it("ends the call with one message where something fails, and says nothing else", async () => {
    const before = [...plugin.errors];
    const inputs = { vault: { id: "/vault" }, permissions: ["User.Read.All"] };
    // This engine has no state to ask for.
    await expect(construct("GraphApp", inputs)).rejects.toThrow(
      /^2 UNKNOWN: .*does not implement the method/,
    );
    expect(plugin.errors).toEqual(before);
  });

  it("has to be one of the package's", async () => {
    await expect(construct("Else", {})).rejects.toThrow(
      /has no component copilot-token:index:Else\. It has AdminConsent, /,
    );
  });
});
