import { createRequire } from "node:module";

/** What serving a provider takes from Pulumi's SDK and the packages that it brings. */
export interface PulumiModules {
  readonly grpc: typeof import("@grpc/grpc-js");
  readonly service: typeof import("@pulumi/pulumi/proto/provider_grpc_pb");
  readonly messages: typeof import("@pulumi/pulumi/proto/provider_pb");
  readonly plugin: typeof import("@pulumi/pulumi/proto/plugin_pb");
  readonly empty: typeof import("google-protobuf/google/protobuf/empty_pb");
  readonly struct: typeof import("google-protobuf/google/protobuf/struct_pb");
}

/**
 * Loads the modules as Pulumi's SDK itself would find them: two copies of the message classes do not mix.
 *
 * @param from A file from which `@pulumi/pulumi` can be found.
 */
export function loadPulumiModules(from: string): PulumiModules {
  const sdk = createRequire(createRequire(from).resolve("@pulumi/pulumi/package.json"));
  return {
    grpc: sdk("@grpc/grpc-js") as PulumiModules["grpc"],
    service: sdk("./proto/provider_grpc_pb") as PulumiModules["service"],
    messages: sdk("./proto/provider_pb") as PulumiModules["messages"],
    plugin: sdk("./proto/plugin_pb") as PulumiModules["plugin"],
    empty: sdk("google-protobuf/google/protobuf/empty_pb.js") as PulumiModules["empty"],
    struct: sdk("google-protobuf/google/protobuf/struct_pb.js") as PulumiModules["struct"],
  };
}
