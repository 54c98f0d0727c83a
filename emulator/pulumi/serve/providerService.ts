import type { handleUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import type * as messages from "@pulumi/pulumi/proto/provider_pb";
import type { JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { mapValues, without, type Properties } from "../properties";
import { outputsBeforeCreation, outputsBeforeUpdate } from "../previewOutputs";
import { inputsKey, oldValues, type Difference, type ResourceProvider } from "../resourceProvider";
import { driftedInputs } from "../driftedInputs";
import type { PulumiModules } from "./pulumiModules";

/** Makes the provider, once the engine has told its configuration. */
export type ProviderMaker = (config: Properties) => ResourceProvider;

/**
 * Offers a provider over Pulumi's plugin protocol. The SDK's own server would not do: it knows no previews, no
 * detailed differences, and does not pass on old inputs.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto (read 2026-11)
 */
export function providerService(
  { grpc, messages, plugin, empty, struct }: PulumiModules,
  makeProvider: ProviderMaker,
): UntypedServiceImplementation {
  // The engine has a connection for each provider of the program, and configures each on its own.
  const made = new Map<string, ResourceProvider>();
  const provider = (peer: string): ResourceProvider => {
    // One that lost its connection is back on another, and clear as long as there is but one.
    const found = made.get(peer) ?? (made.size === 1 ? [...made.values()][0] : undefined);
    if (found === undefined) throw new Error("The provider was asked before it was configured.");
    return found;
  };
  const toStruct = (values: Properties): Struct =>
    struct.Struct.fromJavaScript(jsonOnly(values) as Record<string, JavaScriptValue>);

  const check: Method<messages.CheckRequest, messages.CheckResponse> = async (request, peer) => {
    const news = valuesIn(request.getNews());
    const checked = await provider(peer).check(request.getUrn(), valuesIn(request.getOlds()), news);
    const response = new messages.CheckResponse();
    response.setInputs(toStruct(checked.inputs));
    response.setFailuresList(
      checked.failures.map(({ property, reason }) => {
        const failure = new messages.CheckFailure();
        failure.setProperty(property);
        failure.setReason(reason);
        return failure;
      }),
    );
    return response;
  };

  const diff: Method<messages.DiffRequest, messages.DiffResponse> = async (request, peer) => {
    const news = valuesIn(request.getNews());
    const oldInputs = valuesIn(request.getOldInputs());
    const olds = oldValues(valuesIn(request.getOlds()), oldInputs);
    const difference = await provider(peer).diff(request.getId(), request.getUrn(), olds, news);
    const response = new messages.DiffResponse();
    const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
    response.setChanges(difference.changes ? DIFF_SOME : DIFF_NONE);
    response.setDiffsList(difference.changedProperties);
    response.setReplacesList(difference.replaces);
    response.setDeletebeforereplace(difference.deleteBeforeReplace);
    response.setHasdetaileddiff(true);
    for (const key of difference.changedProperties) {
      const detail = new messages.PropertyDiff();
      detail.setKind(kindOf(messages.PropertyDiff.Kind, difference, key, oldInputs, news));
      detail.setInputdiff(true);
      response.getDetaileddiffMap().set(key, detail);
    }
    return response;
  };

  const create: Method<messages.CreateRequest, messages.CreateResponse> = async (request, peer) => {
    const inputs = valuesIn(request.getProperties());
    const response = new messages.CreateResponse();
    if (request.getPreview()) {
      // The ID and whatever Azure makes up stay unknown.
      response.setProperties(toStruct(outputsBeforeCreation(inputs)));
      return response;
    }
    const { id, outs } = await provider(peer).create(request.getUrn(), inputs);
    response.setId(id);
    response.setProperties(toStruct(outs));
    return response;
  };

  const read: Method<messages.ReadRequest, messages.ReadResponse> = async (request, peer) => {
    const properties = valuesIn(request.getProperties());
    const inputs = valuesIn(request.getInputs());
    const known = Object.keys(inputs).length > 0;
    const found = await provider(peer).read(
      request.getId(),
      request.getUrn(),
      known ? oldValues(properties, inputs) : properties,
    );
    const response = new messages.ReadResponse();
    response.setId(found.id);
    if (found.id === "") return response;
    const drift = { before: properties, now: found.props };
    response.setProperties(toStruct(found.props));
    response.setInputs(toStruct(known ? driftedInputs(inputs, found.inputs, drift) : found.inputs));
    return response;
  };

  const update: Method<messages.UpdateRequest, messages.UpdateResponse> = async (request, peer) => {
    const outputs = valuesIn(request.getOlds());
    const news = valuesIn(request.getNews());
    const response = new messages.UpdateResponse();
    if (request.getPreview()) {
      response.setProperties(toStruct(outputsBeforeUpdate(outputs, news)));
      return response;
    }
    const olds = oldValues(outputs, valuesIn(request.getOldInputs()));
    const { outs } = await provider(peer).update(request.getId(), request.getUrn(), olds, news);
    response.setProperties(toStruct(outs));
    return response;
  };

  const remove: Method<messages.DeleteRequest, object> = async (request, peer) => {
    const olds = oldValues(valuesIn(request.getProperties()), valuesIn(request.getOldInputs()));
    await provider(peer).delete(request.getId(), request.getUrn(), olds);
    return new empty.Empty();
  };

  const invoke: Method<messages.InvokeRequest, messages.InvokeResponse> = async (request, peer) => {
    const { outputs } = await provider(peer).invoke(request.getTok(), valuesIn(request.getArgs()));
    const response = new messages.InvokeResponse();
    response.setReturn(toStruct(outputs));
    return response;
  };

  const configure: Method<messages.ConfigureRequest, messages.ConfigureResponse> = (request, peer) => {
    made.set(peer, makeProvider(valuesIn(request.getArgs())));
    const response = new messages.ConfigureResponse();
    // The engine takes secret marks away and puts them back; previews are answered here.
    response.setAcceptsecrets(false);
    response.setSupportspreview(true);
    return Promise.resolve(response);
  };

  const checkConfig: Method<messages.CheckRequest, messages.CheckResponse> = (request) => {
    const response = new messages.CheckResponse();
    response.setInputs(request.getNews());
    return Promise.resolve(response);
  };

  const answered = <Asked, Answered>(method: Method<Asked, Answered>): handleUnaryCall<Asked, Answered> => {
    return (call, callback) => {
      method(call.request, call.getPeer()).then(
        (response) => {
          callback(null, response);
        },
        (error: unknown) => {
          const details = error instanceof Error ? error.message : String(error);
          callback({ code: grpc.status.UNKNOWN, details });
        },
      );
    };
  };
  return {
    check: answered(check),
    checkConfig: answered(checkConfig),
    configure: answered(configure),
    create: answered(create),
    delete: answered(remove),
    diff: answered(diff),
    diffConfig: answered(() => Promise.resolve(new messages.DiffResponse())),
    invoke: answered(invoke),
    read: answered(read),
    update: answered(update),
    attach: answered(() => Promise.resolve(new empty.Empty())),
    cancel: answered(() => Promise.resolve(new empty.Empty())),
    getPluginInfo: answered(() => {
      const info = new plugin.PluginInfo();
      info.setVersion(makeProvider({}).version);
      return Promise.resolve(info);
    }),
    getSchema: answered(() => {
      const response = new messages.GetSchemaResponse();
      response.setSchema("{}");
      return Promise.resolve(response);
    }),
  };
}

/** @param peer Address of the connection that it came by. */
type Method<Asked, Answered> = (request: Asked, peer: string) => Promise<Answered>;

function valuesIn(message: Struct | undefined): Properties {
  return message?.toJavaScript() ?? {};
}

/** Protobuf's structs have no place for absent values. */
function jsonOnly(values: Properties): Properties {
  return mapValues(without(values, inputsKey), () => undefined) as Properties;
}

function kindOf(
  kinds: typeof messages.PropertyDiff.Kind,
  { replaces }: Difference,
  key: string,
  olds: Properties,
  news: Properties,
): messages.PropertyDiff.Kind {
  const replace = replaces.includes(key);
  if (olds[key] === undefined) return replace ? kinds.ADD_REPLACE : kinds.ADD;
  if (news[key] === undefined) return replace ? kinds.DELETE_REPLACE : kinds.DELETE;
  return replace ? kinds.UPDATE_REPLACE : kinds.UPDATE;
}
