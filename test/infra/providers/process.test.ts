import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import * as pulumi from "@pulumi/pulumi";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
  CreateRequest,
  type CreateResponse,
  DiffRequest,
  DiffResponse,
  ReadRequest,
  type ReadResponse,
  UpdateRequest,
  type UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ClientSecret } from "../../../infra/components/clientSecret";
import { azure } from "../../../emulator/server/azure";
import { startServer, type RunningServer } from "../../../emulator/server/server";
import { deployStack, stackId, type DeployedStack } from "../../support/deployedStack";
import { wantedSecret } from "../../support/wantedSecret";
import { armEnvironment } from "../../support/testWorld";

const app = "CopilotAPIAuth";
type Values = Record<string, JavaScriptValue>;

interface Registered {
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What the component registers, and what a dynamic resource of Pulumi's own class does. */
async function registrations(): Promise<Registered[]> {
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ type, inputs }) => {
      registered.push({ type, inputs: inputs as Registered["inputs"] });
      return { id: "secret", state: { startsAt: "2026-11-22T10:00:00Z", endsAt: "2027-04-05T10:00:00Z" } };
    },
    call: () => ({}),
  });
  new ClientSecret(app, {
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
  const provider = { create: () => Promise.resolve({ id: "other" }) };
  new (class extends pulumi.dynamic.Resource {})(provider, "other", {}, {}, "copilot-token", "ClientSecret");
  await pulumi.runtime.disconnect();
  return registered.filter(({ inputs }) => "__provider" in inputs);
}

let own: Registered | undefined;
let pulumis: Registered | undefined;
let text: string;
let folder: string;
let stack: DeployedStack;
let server: RunningServer;
/** Stands between the provider and the emulated tenant, to see the provider's connections. */
let forwarder: Server;
const connections = new Set<Socket>();
/** Called with each request before it is answered. */
let beforeAnswer: (request: Request) => Promise<void> = () => Promise.resolve();
let dynamicProvider: ChildProcess;
let client: ResourceProviderClient;

beforeAll(async () => {
  const registered = await registrations();
  own = registered.find(({ inputs }) => inputs["app"] === app);
  pulumis = registered.find(({ inputs }) => inputs["app"] !== app);
  text = String(own?.inputs["__provider"]);
  stack = await deployStack();
  const answer = azure(stack.tenant);
  server = await startServer(async (request) => {
    await beforeAnswer(request);
    return answer(request);
  });
  forwarder = createServer((socket) => {
    const { hostname, port } = new URL(server.proxyUrl);
    const onward = connect(Number(port), hostname);
    connections.add(socket);
    socket.on("error", () => onward.destroy()).once("close", () => connections.delete(socket));
    onward.on("error", () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  });
  await once(forwarder.listen(0, "127.0.0.1"), "listening");
  folder = mkdtempSync(join(tmpdir(), "client-secret-"));
  writeFileSync(join(folder, "ca.pem"), server.caPem);
  // As the engine starts it: from the program's folder, with the environment of the `pulumi up`.
  dynamicProvider = spawn(
    process.execPath,
    [resolve("node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js"), "127.0.0.1:1"],
    {
      cwd: resolve("infra"),
      env: {
        PATH: process.env["PATH"],
        ...armEnvironment(stack.tenant, "deployer"),
        HTTPS_PROXY: `http://127.0.0.1:${(forwarder.address() as AddressInfo).port}`,
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
  forwarder.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

const struct = (values: Values): Struct => Struct.fromJavaScript({ ...values, __provider: text });

/** Sends one call, and keeps all that came back. */
const received: string[] = [];
function call<Response extends { toObject(): object }>(
  send: (done: (error: ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolvePromise, reject) => {
    send((error, response) => {
      received.push(error === null ? JSON.stringify(response.toObject()) : String(error));
      if (error === null) resolvePromise(response);
      else reject(error);
    });
  });
}

function wanted(more: Values = {}): Values {
  return { ...wantedSecret(stack, { tokens: 2, overSeconds: 0, patienceSeconds: 0 }), ...more };
}

async function diff(olds: Values, news: Values): Promise<DiffResponse> {
  const request = new DiffRequest();
  request.setId("id");
  request.setOlds(struct(olds));
  request.setNews(struct(news));
  return call<DiffResponse>((done) => client.diff(request, done));
}

const versions = () =>
  stack.tenant.state.vaults[stack.outputs.vaultName]?.secrets[app.toLowerCase()]?.versions ?? [];

// One client secret's life: each test goes on where the one before it stopped.
describe("the provider of ClientSecret in Pulumi's own process for dynamic resources", () => {
  let state: Values;

  it("is registered as Pulumi's own class of dynamic resources would be", () => {
    expect(own?.type).toBe(pulumis?.type);
    expect(typeof pulumis?.inputs["__provider"]).toBe("string");
  });

  it("publishes through proxy and private CA, and answers identifiers", async () => {
    const request = new CreateRequest();
    request.setProperties(struct(wanted()));
    const response = await call<CreateResponse>((done) => client.create(request, done));
    state = response.getProperties()?.toJavaScript() ?? {};
    expect(state).toMatchObject({ __provider: text, sequence: 2, verifiedBy: "2 tokens" });
    expect(versions().at(-1)?.tags).toMatchObject({ keyId: state["keyId"], sequence: "2" });
  });

  async function refresh(): Promise<Values | undefined> {
    const request = new ReadRequest();
    request.setId("id");
    request.setProperties(struct(state));
    const response = await call<ReadResponse>((done) => client.read(request, done));
    return response.getProperties()?.toJavaScript();
  }

  it("keeps its connections for the next call, also while another one is under way", async () => {
    let goOn = (): void => undefined;
    const asked: string[] = [];
    const held = new Promise<void>((resolveHeld) => {
      beforeAnswer = ({ url }) => {
        if (new URL(url).hostname !== "graph.microsoft.com") return Promise.resolve();
        asked.push(url);
        if (asked.length > 1) return Promise.resolve();
        resolveHeld();
        return new Promise((resolveRequest) => (goOn = resolveRequest));
      };
    });
    const slow = refresh();
    await held;
    expect(await refresh()).toEqual(state);
    goOn();
    expect(await slow).toEqual(state);
    // A request whose connection was closed would have been repeated.
    expect(asked).toEqual([asked[0], asked[0]]);
    const opened = connections.size;
    const before = new Set(connections);
    expect(await refresh()).toEqual(state);
    expect([opened > 0, [...connections].filter((socket) => !before.has(socket))]).toEqual([true, []]);
  });

  it("sees nothing to do afterwards, and what was changed in the vault", async () => {
    expect((await diff(state, wanted())).getChanges()).toBe(DiffResponse.DiffChanges.DIFF_NONE);
    expect(await refresh()).toEqual(state);
    Object.assign(versions().at(-1) ?? {}, { enabled: false });
    const seen = await refresh();
    expect(seen).toEqual({ ...state, fault: "disabled in the vault" });
    expect((await diff(seen ?? {}, wanted())).getChanges()).toBe(DiffResponse.DiffChanges.DIFF_SOME);
    state = seen ?? {};
  });

  it("adds another one then", async () => {
    const request = new UpdateRequest();
    request.setId("id");
    request.setOlds(struct(state));
    request.setNews(struct(wanted()));
    const response = await call<UpdateResponse>((done) => client.update(request, done));
    const { keyId, fault } = response.getProperties()?.toJavaScript() ?? {};
    expect([fault, keyId === state["keyId"]]).toEqual([undefined, false]);
    expect(versions().at(-1)).toMatchObject({ enabled: true, tags: { keyId } });
  });

  it("ends the run with a message that names the credential", async () => {
    const request = new CreateRequest();
    const clientId = "99999999-9999-4999-8999-999999999999";
    request.setProperties(struct(wanted({ sequence: 3, clientId })));
    const error = await call<CreateResponse>((done) => client.create(request, done)).catch(
      (refusal: unknown) => refusal,
    );
    expect(error).toMatchObject({
      details: expect.stringMatching(/keyId [\w-]+\): AADSTS700016: [^]*was removed again/) as string,
    });
  });

  it("let no value out of its process, and keeps a small source text that names no place on this machine", () => {
    const values = [...stack.secrets, ...versions().map(({ value }) => value)];
    expect(values.length).toBeGreaterThan(4);
    for (const value of values) expect(received.join("\n")).not.toContain(value);
    expect(text.length).toBeLessThan(300);
    expect(text).toContain("copilot-token/provider");
    expect(text).not.toContain(process.cwd());
  });
});
