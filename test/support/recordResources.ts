import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
import type {
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import type { MockMonitor } from "@pulumi/pulumi/runtime/mocks";

type Properties = Readonly<Record<string, unknown>>;

/** One registration, as the engine would get it. */
export interface RecordedResource {
  readonly type: string;
  readonly name: string;
  /** `type::name`; undefined for what has no parent. */
  readonly parent: string | undefined;
  /** A secret is wrapped: compare it with {@link secretOf}. */
  readonly inputs: Properties;
  /** Only what is set. */
  readonly options: RecordedOptions;
}

/** Resource options that Pulumi's own mocks hide. */
export interface RecordedOptions {
  readonly protect?: true;
  readonly retainOnDelete?: true;
  readonly ignoreChanges?: readonly string[];
  readonly import?: string;
  /** Name of an explicit provider. */
  readonly provider?: string;
}

export interface Recording {
  /** In the order in which they were registered. */
  readonly resources: readonly RecordedResource[];
  /** `type::name` of a resource to the `type::name` of all that it waits for, sorted. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  /** Functions called, with their arguments. */
  readonly calls: readonly (readonly [token: string, args: Properties])[];
  /** Outputs that components and the stack registered for themselves, by `type::name`. */
  readonly outputs: ReadonlyMap<string, Properties>;
  /** Waits until everything that was constructed has been registered; nothing can be registered later. */
  readonly settled: () => Promise<void>;
}

/** Replaces Azure. */
export interface Mocks {
  /** What the provider would answer. Default: the inputs, and `{name}-id` as ID. */
  readonly create?: (type: string, name: string, inputs: Properties) => { id: string; state: Properties };
  /** By token; the call of any other function fails and names it. */
  readonly functions?: Readonly<Record<string, (args: Properties) => Properties>>;
  /** What the stack published in its last run. Default: nothing. */
  readonly previousOutputs?: Properties;
  /** URNs of what the stack's state holds. Default: nothing. */
  readonly heldUrns?: readonly string[];
  /** Answers instead of that, or throws as an engine that cannot read its state does. */
  readonly readStack?: () => Properties;
}

/**
 * Puts a recorder in the engine's place, for the program or component that runs next: project `copilot-token`, stack
 * `test`, organization `organization`, no preview.
 */
export async function recordResources(mocks: Mocks = {}): Promise<Recording> {
  const resources: RecordedResource[] = [];
  const dependencies = new Map<string, readonly string[]>();
  const calls: [string, Properties][] = [];
  const outputs = new Map<string, Properties>();

  const provider: pulumi.runtime.Mocks = {
    newResource: ({ type, name, inputs, custom }) => {
      if (!custom) return { id: undefined, state: {} };
      return mocks.create?.(type, name, plain(inputs)) ?? { id: `${name}-id`, state: plain(inputs) };
    },
    call: ({ token, inputs }) => {
      if (token === "pulumi:pulumi:readStackResourceOutputs") {
        return { ...inputs, outputs: Object.fromEntries((mocks.heldUrns ?? []).map((urn) => [urn, {}])) };
      }
      if (token === "pulumi:pulumi:readStackOutputs") {
        return mocks.readStack?.() ?? { ...inputs, outputs: mocks.previousOutputs ?? {} };
      }
      calls.push([token, inputs]);
      const answer = mocks.functions?.[token];
      if (answer === undefined) throw refusal(`no mock for the function ${token}`);
      return answer(inputs);
    },
  };
  await pulumi.runtime.setMocks(provider, "copilot-token", "test", false, "organization");
  // Pulumi's mocks see no resource options, so the requests are read on their way to them.
  const monitor = pulumi.runtime.getMonitor() as unknown as MockMonitor;
  const register = monitor.registerResource.bind(monitor);
  const registerOutputs = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResource = (request: RegisterResourceRequest, callback) => {
    const parent = request.getParent();
    resources.push({
      type: request.getType(),
      name: request.getName(),
      parent: parent === "" ? undefined : typeAndName(parent),
      inputs: propertiesIn(request.getObject()),
      options: recordedOptions(request),
    });
    const key = `${request.getType()}::${request.getName()}`;
    dependencies.set(key, request.getDependenciesList().map(typeAndName).sort());
    return register(request, callback);
  };
  monitor.registerResourceOutputs = (request: RegisterResourceOutputsRequest, callback) => {
    outputs.set(typeAndName(request.getUrn()), propertiesIn(request.getOutputs()));
    registerOutputs(request, callback);
  };
  return { resources, dependencies, calls, outputs, settled: () => pulumi.runtime.disconnect() };
}

/** What a mock throws for a function that a provider refuses: the message arrives as it does over gRPC. */
export function refusal(message: string): Error {
  return Object.assign(new Error(message), { details: message });
}

/** In an order of their own: siblings are registered in whatever order their modules load. */
export function inOrder(resources: readonly RecordedResource[]): RecordedResource[] {
  const key = ({ type, name }: RecordedResource): string => `${type}::${name}`;
  return [...resources].sort((left, right) => (key(left) < key(right) ? -1 : 1));
}

/** How a secret of this value looks among recorded inputs and outputs. */
export function secretOf(value: unknown): Properties {
  return { [pulumi.runtime.specialSigKey]: pulumi.runtime.specialSecretSig, value };
}

/** An output's value, once it has one. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

function propertiesIn(struct: { toJavaScript(): Record<string, unknown> } | undefined): Properties {
  return struct?.toJavaScript() ?? {};
}

/** The end of a URN, without the types of its parents. */
function typeAndName(urn: string): string {
  const [, , types = "", ...name] = urn.split("::");
  return `${types.replace(/^.*\$/, "")}::${name.join("::")}`;
}

function recordedOptions(request: RegisterResourceRequest): RecordedOptions {
  return {
    ...(request.getProtect() === true ? { protect: true } : {}),
    ...(request.getRetainondelete() === true ? { retainOnDelete: true } : {}),
    ...(request.getIgnorechangesList().length > 0 ? { ignoreChanges: request.getIgnorechangesList() } : {}),
    ...(request.getImportid() === "" ? {} : { import: request.getImportid() }),
    ...(request.getProvider() === "" ? {} : { provider: request.getProvider().split("::")[3] ?? "" }),
  };
}

/** Inputs as a provider gets them: secrets unwrapped. */
function plain(inputs: Properties): Properties {
  return Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => [key, pulumi.runtime.unwrapRpcSecret(value) as unknown]),
  );
}

let providers = 0;

// Pulumi turns a dynamic resource's provider into source text, which it cannot do with code that vitest has
// transformed. A label takes the place of the text here; another test lets Pulumi do it, in a process of its own.
const closures = createRequire(__filename)("@pulumi/pulumi/runtime/closure/serializeClosure") as {
  serializeFunction: () => Promise<object>;
};
closures.serializeFunction = () => {
  providers += 1;
  const text = `dynamic provider ${providers}`;
  return Promise.resolve({ text, exportName: "handler", containsSecrets: false });
};
