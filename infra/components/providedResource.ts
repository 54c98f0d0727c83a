import * as pulumi from "@pulumi/pulumi";

/** Kinds of resources that this package itself provides, as SDKs name them, with what answers for each. */
const kinds = {
  PublishedSecret: { dynamic: "ClientSecret", answeredBy: "clientSecret" },
  PublishedCertificate: { dynamic: "Certificate", answeredBy: "clientSecret" },
  SiteGrant: { dynamic: "SiteGrant", answeredBy: "siteGrant" },
} as const;
export type ProvidedKind = keyof typeof kinds;
export type Answerer = (typeof kinds)[ProvidedKind]["answeredBy"];

/** Version of the plugin that this process is; undefined in a program of TypeScript or JavaScript. */
let pluginVersion: string | undefined;

/** From now on the engine asks this process, which is the package's plugin, for what its components register. */
export function answerAsPlugin(version: string): void {
  pluginVersion = version;
}

/** What answers for a type of the plugin's; undefined for any other. */
export function answererOf(type: string): Answerer | undefined {
  return Object.entries(kinds).find(([kind]) => type === pluginType(kind))?.[1].answeredBy;
}

/**
 * A resource that this package itself provides: by its plugin, or in a program of TypeScript or JavaScript by a dynamic provider,
 * which needs Node alone. One becomes the other without a replacement when its program does.
 *
 * As a dynamic resource it is registered as `pulumi.dynamic.Resource` registers itself, with a text that is written here: to serialize
 * functions, that class loads the TypeScript compiler and turns on the debugger, which doubles the time of a run.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/sdk/nodejs/dynamic/index.ts (read 2026-11)
 */
export class ProvidedResource extends pulumi.CustomResource {
  constructor(kind: ProvidedKind, name: string, props: pulumi.Inputs, options: pulumi.CustomResourceOptions) {
    const { dynamic, answeredBy } = kinds[kind];
    const dynamicType = `pulumi-nodejs:dynamic/copilot-token:${dynamic}`;
    const formerly = (type: string) => [{ type }, ...(options.aliases ?? [])];
    if (pluginVersion === undefined) {
      const own = { ...props, __provider: dynamicProvider(answeredBy) };
      super(dynamicType, name, own, { ...options, aliases: formerly(pluginType(kind)) });
    } else {
      const own = { aliases: formerly(dynamicType), version: pluginVersion };
      super(pluginType(kind), name, props, { ...options, ...own });
    }
  }
}

function pluginType(kind: string): string {
  return `copilot-token:index:${kind}`;
}

/**
 * A provider of dynamic resources, as source text. Pulumi keeps it in the state and runs it in a process of its own, which
 * starts in the program's folder, or at the project's top under the inline engine. The package's name leads from both to the
 * provider, in a program that has installed the package and in the project itself. So the text stays small and the same
 * whatever the provider does.
 */
function dynamicProvider(exported: Answerer): string {
  return `exports.handler = () => {
  const { createRequire } = process.getBuiltinModule("node:module");
  return createRequire(process.cwd() + "/program")("copilot-token/provider").${exported};
};
`;
}
