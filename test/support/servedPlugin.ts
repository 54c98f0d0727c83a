import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import {
  credentials,
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceError,
} from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogSeverity, type LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import {
  RegisterResourceResponse,
  SupportsFeatureResponse,
  type RegisterResourceRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";

export type Values = Record<string, JavaScriptValue>;

/** One resource that a component of the plugin's registered. */
export interface PluginRegistration {
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly provider: string;
  readonly inputs: Values;
}

/** The plugin as a process, and the part of an engine that it talks to. */
export interface ServedPlugin {
  /** Address of the resource monitor, for the engine's calls of `construct`. */
  readonly monitor: string;
  readonly registrations: readonly PluginRegistration[];
  /** What the plugin told the engine, messages for debugging among it. */
  readonly said: readonly string[];
  /** What it wrote or told the engine to show as an error, beside the answers to calls. */
  readonly errors: readonly string[];
  /** Sends one call. */
  call<Response>(
    send: (
      client: ResourceProviderClient,
      done: (error: ServiceError | null, response: Response) => void,
    ) => unknown,
  ): Promise<Response>;
  close(): Promise<void>;
}

/**
 * Starts the plugin as Pulumi's host for Node.js does.
 *
 * @param environment That of the `pulumi up`.
 * @param folder Of the plugin. Default: the one of this repository.
 */
export async function servePlugin(
  environment: NodeJS.ProcessEnv = {},
  folder = resolve("plugin"),
): Promise<ServedPlugin> {
  const registrations: PluginRegistration[] = [];
  const [said, errors]: [string[], string[]] = [[], []];
  const engine = await startEngine(registrations, said, errors);
  const child = spawn(
    process.execPath,
    [resolve("node_modules/@pulumi/pulumi/cmd/run-plugin/index.js"), folder, engine.address],
    {
      cwd: resolve("test"),
      env: { PATH: process.env["PATH"], ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors.push(text));
  const [port] = (await Promise.race([
    once(child.stdout, "data"),
    once(child, "exit").then(() => Promise.reject(new Error(`the plugin ended: ${errors.join("")}`))),
  ])) as [Buffer];
  const client = new ResourceProviderClient(
    `127.0.0.1:${port.toString().trim()}`,
    credentials.createInsecure(),
  );
  return {
    monitor: engine.address,
    registrations,
    said,
    errors,
    call: (send) =>
      new Promise((resolvePromise, reject) => {
        send(client, (error, response) => {
          if (error === null) resolvePromise(response);
          else reject(error);
        });
      }),
    close: async () => {
      client.close();
      child.kill();
      if (child.exitCode === null) await once(child, "exit");
      engine.stop();
    },
  };
}

/** Answers what a component registers with its own inputs, as an engine does that has just made it. */
async function startEngine(
  registrations: PluginRegistration[],
  said: string[],
  errors: string[],
): Promise<{ address: string; stop: () => void }> {
  const answered =
    <Request, Response>(answer: (request: Request) => Response) =>
    (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
      callback(null, answer(call.request));
    };
  const server = new Server();
  server.addService(EngineService, {
    log: answered((request: LogRequest) => {
      const list = request.getSeverity() === LogSeverity.ERROR ? errors : said;
      list.push(request.getMessage());
      return new Empty();
    }),
  });
  server.addService(ResourceMonitorService, {
    supportsFeature: answered(() => {
      const response = new SupportsFeatureResponse();
      response.setHassupport(true);
      return response;
    }),
    registerResource: answered((request: RegisterResourceRequest) => {
      const [type, name] = [request.getType(), request.getName()];
      const inputs = request.getObject()?.toJavaScript() ?? {};
      registrations.push({
        type,
        name,
        version: request.getVersion(),
        provider: request.getProvider(),
        inputs,
      });
      const response = new RegisterResourceResponse();
      response.setUrn(`urn:pulumi:test::own::${type}::${name}`);
      if (request.getCustom()) response.setId(`${name}-id`);
      const made = { keyId: "key", startsAt: "2026-11-22T10:00:00Z", endsAt: "2027-04-05T10:00:00Z" };
      response.setObject(Struct.fromJavaScript({ ...made, ...inputs }));
      return response;
    }),
    registerResourceOutputs: answered(() => new Empty()),
  });
  const port = await new Promise<number>((resolvePromise, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolvePromise(bound);
      else reject(error);
    });
  });
  return {
    address: `127.0.0.1:${port}`,
    stop: () => {
      server.forceShutdown();
    },
  };
}
