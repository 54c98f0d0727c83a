import type { Client } from "@grpc/grpc-js";
import { createRequire } from "node:module";
import { loadPulumiModules, type PulumiModules } from "./serve/pulumiModules";
import type { Registration } from "./resourceStep";

/** Changes a registration before the engine looks at it, as programs ask by `registerResourceTransform` or the option `transforms`. */
export type Transform = (registration: Registration) => Promise<Registration>;

interface Messages {
  readonly callback: typeof import("@pulumi/pulumi/proto/callback_pb");
  readonly client: typeof import("@pulumi/pulumi/proto/callback_grpc_pb");
  readonly resource: typeof import("@pulumi/pulumi/proto/resource_pb");
}

/** Calls the transforms of the program that runs: it serves them by gRPC, as to Pulumi's own engine. */
export interface TransformCaller {
  /** @param target Where the program serves it. */
  transform(target: string, token: string): Transform;
  close(): void;
}

/** @param from A file from which `@pulumi/pulumi` can be found. */
export function transformCaller(from: string): TransformCaller {
  const { grpc, struct } = loadPulumiModules(from);
  const messages = loadMessages(from);
  const clients = new Map<string, Client & CallbacksClient>();
  const clientFor = (target: string): CallbacksClient => {
    const known = clients.get(target);
    if (known !== undefined) return known;
    const client = new messages.client.CallbacksClient(
      target,
      grpc.credentials.createInsecure(),
    ) as unknown as Client & CallbacksClient;
    clients.set(target, client);
    return client;
  };
  return {
    transform: (target, token) => async (registration) => {
      const request = new messages.callback.CallbackInvokeRequest();
      request.setToken(token);
      request.setRequest(requestOf(registration, messages.resource, struct).serializeBinary());
      const response = await new Promise<CallbackAnswer>((resolve, reject) => {
        clientFor(target).invoke(request, (error, answer) => {
          if (error === null && answer !== undefined) resolve(answer);
          else reject(new Error(error?.details ?? "the transform gave no answer"));
        });
      });
      const answer = messages.resource.TransformResponse.deserializeBinary(response.getResponse_asU8());
      const properties = answer.getProperties()?.toJavaScript();
      const importId = answer.getOptions()?.getImport() ?? "";
      return {
        ...registration,
        ...(properties === undefined ? {} : { inputs: properties }),
        ...(importId === "" ? {} : { importId }),
      };
    },
    close: () => {
      for (const client of clients.values()) client.close();
      clients.clear();
    },
  };
}

interface CallbackAnswer {
  getResponse_asU8(): Uint8Array;
}

interface CallbacksClient {
  invoke(
    request: unknown,
    callback: (error: { readonly details?: string } | null, answer?: CallbackAnswer) => void,
  ): void;
}

function loadMessages(from: string): Messages {
  const sdk = createRequire(createRequire(from).resolve("@pulumi/pulumi/package.json"));
  return {
    callback: sdk("./proto/callback_pb") as Messages["callback"],
    client: sdk("./proto/callback_grpc_pb") as Messages["client"],
    resource: sdk("./proto/resource_pb") as Messages["resource"],
  };
}

function requestOf(
  registration: Registration,
  { TransformRequest, TransformResourceOptions }: Messages["resource"],
  { Struct }: PulumiModules["struct"],
) {
  const options = new TransformResourceOptions();
  options.setDependsOnList([...registration.dependencies]);
  options.setIgnoreChangesList([...registration.ignoreChanges]);
  options.setProtect(registration.protect);
  options.setRetainOnDelete(registration.retainOnDelete);
  options.setAdditionalSecretOutputsList([...registration.secretOutputs]);
  options.setProvider(registration.provider ?? "");
  options.setImport(registration.importId ?? "");
  const request = new TransformRequest();
  request.setType(registration.type);
  request.setName(registration.name);
  request.setCustom(registration.custom);
  request.setParent(registration.parent ?? "");
  request.setProperties(
    Struct.fromJavaScript(registration.inputs as Parameters<typeof Struct.fromJavaScript>[0]),
  );
  request.setOptions(options);
  return request;
}
