import { Analyzer } from "@pulumi/pulumi/provider/experimental/analyzer.js";
import { generateSchema } from "@pulumi/pulumi/provider/experimental/schema.js";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as components from "../../../infra/components";

// Pulumi's own analyzer makes the schema from which a plugin's SDKs in other languages are generated. It refuses what a schema cannot
// say: functions, unions, read-only arrays, inferred types.
interface Property {
  readonly $ref?: string;
  readonly description?: string;
}
interface Analyzed {
  readonly components: Readonly<Record<string, { inputs: Record<string, Property>; description?: string }>>;
  readonly typeDefinitions: Readonly<
    Record<string, { properties?: Record<string, Property>; enum?: unknown[]; description?: string }>
  >;
}

const root = resolve(".");
const entry = join(root, "infra/components/index.ts");
let folder: string;
let analyzed: Analyzed;
let schema: object;

beforeAll(async () => {
  // Within the repository, so that the compiler finds the types of its dependencies.
  folder = await mkdtemp(join(root, "node_modules/.cache/analyzer-"));
  const { compilerOptions } = JSON.parse(await readFile(join(root, "tsconfig.json"), "utf8")) as {
    compilerOptions: object;
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [entry] }));
  const analyzer = new Analyzer(folder, "copilot-token", { main: entry }, new Set(Object.keys(components)));
  const found = analyzer.analyze();
  analyzed = found;
  const { components: all, typeDefinitions, dependencies } = found;
  schema = generateSchema("copilot-token", "", "", all, typeDefinitions, dependencies);
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

/** Every property that inputs lead to, by its path. */
function described(inputs: Readonly<Record<string, Property>>, path: string): [string, string | undefined][] {
  return Object.entries(inputs).flatMap(([name, property]) => {
    const at = `${path}.${name}`;
    const [, type = ""] = /^#\/types\/.*:(\w+)$/.exec(referenceIn(property)) ?? [];
    const within = analyzed.typeDefinitions[type]?.properties ?? {};
    return [[at, property.description] as [string, string | undefined], ...described(within, at)];
  });
}

function referenceIn(property: Property & { readonly items?: Property }): string {
  return property.$ref ?? property.items?.$ref ?? "";
}

describe("the components", () => {
  it("have a schema each, with a description", () => {
    expect(Object.keys(components)).toContain("GraphApp");
    expect(
      Object.keys(components).filter((name) => analyzed.components[name]?.description === undefined),
    ).toEqual([]);
  });

  it("describe every input, and every property of an input", () => {
    const all = Object.entries(analyzed.components).flatMap(([name, { inputs }]) => described(inputs, name));
    expect(all.map(([path]) => path)).toEqual(
      expect.arrayContaining(["GraphApp.rotation.verification.tokens", "SecretVault.readers.type"]),
    );
    expect(all.filter(([, description]) => description === undefined).map(([path]) => path)).toEqual([]);
  });

  // A removed or renamed input breaks programs in other languages: it belongs in CHANGELOG.md.
  it("have the schema of schema.json; after an intended change: npx vitest run test/infra/components --update", async () => {
    await expect(`${JSON.stringify(schema, undefined, 2)}\n`).toMatchFileSnapshot(join(root, "schema.json"));
  });

  it("publish what may be chosen as enumerations", () => {
    const choices = Object.entries(analyzed.typeDefinitions).filter(([, type]) => type.enum !== undefined);
    expect(choices.map(([name]) => name).sort()).toEqual([
      "AppCredentialKind",
      "CertificateKeySize",
      "CloudName",
      "ExportFormat",
      "MicrosoftClient",
      "PrincipalType",
      "RotationCause",
      "SiteRole",
      "VaultSku",
    ]);
  });
});
