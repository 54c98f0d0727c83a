import {
  Analyzer,
  InputOutput,
  type ComponentDefinition,
  type PropertyDefinition,
  type TypeDefinition,
} from "@pulumi/pulumi/provider/experimental/analyzer.js";
import { generateSchema } from "@pulumi/pulumi/provider/experimental/schema.js";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import ts from "typescript";
import * as components from "../../infra/components";

type Properties = Record<string, PropertyDefinition>;
/** What the sources say of the package. */
export interface AnalyzedPackage {
  /** The components, and the resources that the plugin provides. */
  readonly resources: Readonly<Record<string, ComponentDefinition>>;
  readonly types: Readonly<Record<string, TypeDefinition>>;
  /** As the plugin publishes it. */
  readonly schema: object;
}

/** What the sources say of a resource that the plugin provides: the class has its outputs, the interface its inputs. */
const provided: Readonly<
  Record<string, { className: string; inputs: string; description: string; certificate?: "none" }>
> = {
  PublishedSecret: {
    className: "PublishedCredential",
    inputs: "WantedCredential",
    certificate: "none",
    description:
      "A client secret in Entra and the vault secret that publishes it: what `ClientSecret` consists of. Its value is in neither inputs nor outputs.",
  },
  PublishedCertificate: {
    className: "PublishedCredential",
    inputs: "WantedCredential",
    description:
      "A certificate in the vault and in Entra, and the vault secret that names its key: what `AppCertificate` consists of. The private key stays in the vault.",
  },
  SiteGrant: {
    className: "SiteGrant",
    inputs: "SiteGrantArgs",
    description:
      "Lets an app or a managed identity with the permission `Sites.Selected` reach one SharePoint site. A grant that it has already is taken in.",
  },
};

const root = resolve(".");
const entry = join(root, "infra/components/index.ts");

/**
 * Analyzes the package as Pulumi itself does, which publishes a plugin's components in other languages. It refuses what a schema
 * cannot say: functions, unions, read-only arrays, inferred types.
 */
export async function analyzePackage(): Promise<AnalyzedPackage> {
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as Record<string, string>;
  const { name = "", version = "", description = "" } = manifest;
  // Within the repository, so that the compiler finds the types of its dependencies.
  const folder = await mkdtemp(join(root, "node_modules/.cache/analyzer-"));
  try {
    const { compilerOptions } = JSON.parse(await readFile(join(root, "tsconfig.json"), "utf8")) as {
      compilerOptions: object;
    };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [entry] }));
    const analyzer = new Analyzer(folder, name, { main: entry }, new Set(Object.keys(components)));
    const { components: found, typeDefinitions, dependencies } = analyzer.analyze();
    const resources = { ...found, ...providedResources(analyzer as unknown as Internals) };
    const schema = generateSchema(name, version, description, resources, typeDefinitions, dependencies);
    return { resources, types: typeDefinitions, schema: completed(schema, typeDefinitions) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Of Pulumi's analyzer, which publishes nothing but components. */
interface Internals {
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
  analyzeSymbols(
    context: { component: string; inputOutput: InputOutput },
    symbols: readonly ts.Symbol[],
  ): Properties;
}

function providedResources(analyzer: Internals): Record<string, ComponentDefinition> {
  const declarations = analyzer.program
    .getSourceFiles()
    .filter(({ fileName }) => !fileName.includes("node_modules"))
    .flatMap(({ statements }) => [...statements])
    .filter((node) => ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node));
  const propertiesOf = (component: string, name: string, inputOutput: InputOutput): Properties => {
    const declaration = declarations.find((node) => node.name?.text === name);
    if (declaration === undefined) throw new Error(`${name} is not declared`);
    const type = analyzer.checker.getTypeAtLocation(declaration);
    // Outputs of a class are its own properties, without those of Pulumi's.
    const symbols = inputOutput === InputOutput.Output ? ownSymbols(type) : type.getProperties();
    return analyzer.analyzeSymbols({ component, inputOutput }, symbols);
  };
  return Object.fromEntries(
    Object.entries(provided).map(([name, { className, inputs: interfaceName, description, ...rest }]) => {
      const inputs = propertiesOf(name, interfaceName, InputOutput.Input);
      const { certificate } = inputs;
      if (rest.certificate === "none") delete inputs["certificate"];
      else if (certificate !== undefined) delete certificate.optional;
      return [
        name,
        { name, inputs, outputs: propertiesOf(name, className, InputOutput.Output), description },
      ];
    }),
  );
}

function ownSymbols({ symbol }: ts.Type): ts.Symbol[] {
  return [...(symbol.members?.values() ?? [])];
}

interface Generated {
  readonly resources: Record<string, { isComponent: boolean }>;
  readonly types: Record<string, { description?: string }>;
}

/** Adds what Pulumi's generator does not know or leaves out. */
function completed(schema: object, types: Readonly<Record<string, TypeDefinition>>): object {
  const generated = schema as Generated;
  for (const [token, resource] of Object.entries(generated.resources)) {
    resource.isComponent = !(lastPart(token) in provided);
  }
  for (const [token, type] of Object.entries(generated.types)) {
    const { description } = types[lastPart(token)] ?? {};
    if (description !== undefined) type.description = description;
  }
  return generated;
}

function lastPart(token: string): string {
  return token.split(":").at(-1) ?? token;
}
