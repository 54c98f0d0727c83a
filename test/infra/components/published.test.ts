import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import * as components from "../../../infra/components";
import { analyzePackage, type AnalyzedPackage } from "../../support/packageSchema";

type Properties = AnalyzedPackage["resources"][string]["inputs"];

let analyzed: AnalyzedPackage;

beforeAll(async () => {
  analyzed = await analyzePackage();
});

/** Every property that these lead to, by its path. */
function described(properties: Properties, path: string): [string, string | undefined][] {
  return Object.entries(properties).flatMap(([name, property]) => {
    const at = `${path}.${name}`;
    const [, type = ""] = /^#\/types\/.*:(\w+)$/.exec(referenceIn(property)) ?? [];
    const within = analyzed.types[type]?.properties ?? {};
    return [[at, property.description] as [string, string | undefined], ...described(within, at)];
  });
}

function referenceIn(property: Properties[string]): string {
  if ("$ref" in property) return property.$ref;
  return property.items === undefined ? "" : referenceIn(property.items);
}

describe("the components", () => {
  it("have a schema each, with a description", () => {
    expect(Object.keys(components)).toContain("GraphApp");
    expect(
      Object.keys(components).filter((name) => analyzed.resources[name]?.description === undefined),
    ).toEqual([]);
  });

  it("describe every input, and every property of an input, as the resources that the plugin provides do", () => {
    const all = Object.entries(analyzed.resources).flatMap(([name, { inputs }]) => described(inputs, name));
    expect(all.map(([path]) => path)).toEqual(
      expect.arrayContaining([
        "GraphApp.rotation.verification.tokens",
        "SecretVault.readers.type",
        "PublishedCertificate.certificate.keySize",
      ]),
    );
    expect(all.filter(([, description]) => description === undefined).map(([path]) => path)).toEqual([]);
  });

  it("describe every output, and publish nothing that is private", () => {
    const all = Object.entries(analyzed.resources).flatMap(([name, { outputs }]) => described(outputs, name));
    expect(all.filter(([, description]) => description === undefined).map(([path]) => path)).toEqual([]);
    expect(Object.keys(analyzed.resources["GraphApp"]?.outputs ?? {})).toEqual([
      "clientId",
      "applicationObjectId",
      "servicePrincipalObjectId",
      "permissions",
      "secretResourceId",
      "secretUri",
      "endsAt",
      "nextRotationAt",
      "details",
    ]);
  });

  // A removed or renamed input breaks programs in other languages: it belongs in CHANGELOG.md.
  it("have the schema of schema.json; after an intended change: npx vitest run test/infra/components --update", async () => {
    await expect(`${JSON.stringify(analyzed.schema, undefined, 2)}\n`).toMatchFileSnapshot(
      join(resolve("."), "schema.json"),
    );
  });

  it("publish what may be chosen as enumerations", () => {
    const choices = Object.entries(analyzed.types).filter(([, type]) => type.enum !== undefined);
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
