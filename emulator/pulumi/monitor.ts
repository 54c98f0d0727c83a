import type { Deployment, Registered } from "./deployment";
import type { Properties } from "./properties";
import type { Transform, TransformCaller } from "./transforms";
import type { Alias } from "./urn";

/** The part of a protobuf `Struct` that is used. */
interface StructMessage {
  toJavaScript(): Properties;
}

interface RegisterRequest {
  getType(): string;
  getName(): string;
  getCustom(): boolean;
  getRemote(): boolean;
  getObject(): StructMessage | undefined;
  getParent(): string;
  getDependenciesList(): string[];
  getProvider(): string;
  getIgnorechangesList(): string[];
  getRetainondelete(): boolean;
  getProtect(): boolean;
  getImportid(): string;
  getAliasesList(): AliasMessage[];
  getAdditionalsecretoutputsList(): string[];
  getTransformsList(): TransformCallback[];
}

interface AliasMessage {
  getUrn(): string;
  getSpec():
    { getName(): string; getType(): string; getParenturn(): string; getNoparent(): boolean } | undefined;
}

interface ReadRequest {
  getType(): string;
  getName(): string;
  getId(): string;
  getParent(): string;
  getProvider(): string;
}

interface InvokeRequest {
  getTok(): string;
  getProvider(): string;
  getArgs(): StructMessage | undefined;
}

interface TransformCallback {
  getTarget(): string;
  getToken(): string;
}

interface OutputsRequest {
  getUrn(): string;
  getOutputs(): StructMessage | undefined;
}

type Callback = (error: unknown, response?: object) => void;

const struct = (values: Properties): StructMessage => ({ toJavaScript: () => values });

/** As in `pulumirpc.Result`. */
const results = { success: 0, failed: 1, skipped: 2 };

/**
 * Stands where the Pulumi SDK expects its gRPC connection to the engine (`pulumi.runtime.setMockOptions`). Unlike
 * the mocks of `setMocks` it sees every resource option, and can tell the program of a failure as the engine does:
 * by a result, after which what depends on it is unknown and the program ends normally.
 */
export class InlineMonitor {
  readonly #deployment: Deployment;
  readonly #transforms: TransformCaller;

  constructor(deployment: Deployment, transforms: TransformCaller) {
    this.#deployment = deployment;
    this.#transforms = transforms;
  }

  supportsFeature(request: { getId(): string }, callback: Callback): void {
    const features = ["secrets", "resourceReferences", "deletedWith", "aliasSpecs", "transforms"];
    const known = features.includes(request.getId());
    callback(null, { getHassupport: () => known });
  }

  registerResource(request: RegisterRequest, callback: Callback): void {
    const registration = {
      type: request.getType(),
      name: request.getName(),
      custom: request.getCustom(),
      inputs: request.getObject()?.toJavaScript() ?? {},
      ...(request.getParent() === "" ? {} : { parent: request.getParent() }),
      dependencies: request.getDependenciesList(),
      ...(request.getProvider() === "" ? {} : { provider: request.getProvider() }),
      ignoreChanges: request.getIgnorechangesList(),
      retainOnDelete: request.getRetainondelete(),
      protect: request.getProtect(),
      ...(request.getImportid() === "" ? {} : { importId: request.getImportid() }),
      aliases: request.getAliasesList().map(aliasOf),
      secretOutputs: request.getAdditionalsecretoutputsList(),
      transforms: request.getTransformsList().map((callback) => this.#transformBy(callback)),
    };
    void this.#deployment.register(registration).then((registered) => {
      callback(null, registerResponse(registered));
    });
  }

  readResource(request: ReadRequest, callback: Callback): void {
    const sought = {
      type: request.getType(),
      name: request.getName(),
      id: request.getId(),
      ...(request.getParent() === "" ? {} : { parent: request.getParent() }),
      ...(request.getProvider() === "" ? {} : { provider: request.getProvider() }),
    };
    this.#deployment.read(sought).then(
      ({ urn, outputs }) => {
        callback(null, { getUrn: () => urn, getProperties: () => struct(outputs) });
      },
      (error: unknown) => {
        callback(error);
      },
    );
  }

  invoke(request: InvokeRequest, callback: Callback): void {
    const provider = request.getProvider() === "" ? undefined : request.getProvider();
    this.#deployment.invoke(request.getTok(), request.getArgs()?.toJavaScript() ?? {}, provider).then(
      (outputs) => {
        callback(null, { getFailuresList: () => [], getReturn: () => struct(outputs) });
      },
      (error: unknown) => {
        // The SDK shows `details` to the program, as a gRPC error has them.
        const details = error instanceof Error ? error.message : String(error);
        callback(Object.assign(new Error(details), { details }));
      },
    );
  }

  registerResourceOutputs(request: OutputsRequest, callback: Callback): void {
    this.#deployment.registerOutputs(request.getUrn(), request.getOutputs()?.toJavaScript() ?? {});
    callback(null, {});
  }

  registerStackTransform(request: TransformCallback, callback: Callback): void {
    this.#deployment.addTransform(this.#transformBy(request));
    callback(null, {});
  }

  #transformBy(callback: TransformCallback): Transform {
    return this.#transforms.transform(callback.getTarget(), callback.getToken());
  }

  signalAndWaitForShutdown(_request: unknown, callback: Callback): void {
    callback(null, {});
  }

  close(): void {
    // There is no connection to close; the SDK calls this whenever it is done.
  }
}

function aliasOf(message: AliasMessage): Alias {
  const spec = message.getSpec();
  if (spec === undefined) return { urn: message.getUrn() };
  const parent = spec.getNoparent() || spec.getParenturn() === "" ? undefined : spec.getParenturn();
  return { type: spec.getType(), name: spec.getName(), parent };
}

function registerResponse({ urn, id, outputs, result }: Registered): object {
  return {
    getUrn: () => urn,
    getId: () => id ?? "",
    getObject: () => struct(outputs),
    getPropertydependenciesMap: () => undefined,
    getResult: () => results[result],
  };
}
