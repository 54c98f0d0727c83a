import { readFileSync } from "node:fs";
import { resolve } from "node:path";

interface Property {
  readonly type?: string;
  readonly $ref?: string;
  readonly items?: Property;
  readonly additionalProperties?: Property;
  readonly description?: string;
}
interface Type {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Property>>;
  readonly enum?: readonly { readonly value?: unknown }[];
}
interface Component extends Type {
  readonly isComponent: boolean;
  readonly inputProperties?: Readonly<Record<string, Property>>;
  readonly requiredInputs?: readonly string[];
}
interface Schema {
  readonly resources: Readonly<Record<string, Component>>;
  readonly types: Readonly<Record<string, Type>>;
}

/** docs/components.md, from the schema that Pulumi's analyzer makes of the source. */
export function componentsPage(): string {
  const { resources, types } = JSON.parse(readFileSync(resolve("schema.json"), "utf8")) as Schema;
  const all = Object.entries(resources).map(([token, component]) => [lastPart(token), component] as const);
  const components = all.filter(([, { isComponent }]) => isComponent);
  const provided = all.filter(([, { isComponent }]) => !isComponent);
  const first = ["GraphApp", "SecretVault"];
  const order = (name: string): number => (first.includes(name) ? first.indexOf(name) : first.length);
  components.sort(([one], [other]) => order(one) - order(other) || one.localeCompare(other));
  return [
    introduction,
    "## Reference\n",
    "Made from the source by Pulumi's analyzer. An input without a default is required. Each component can be used alone. After a killed run,\n`GraphApp` also finds what the state lacks; of the other components, Pulumi knows only what its state holds.\n",
    ...components.map(([name, component]) => section(name, component, types)),
    "## Resources that the plugin provides\n",
    "The components consist of these. A program of its own seldom needs them.\n",
    ...provided.map(([name, resource]) => section(name, resource, types)),
  ].join("\n");
}

function section(
  name: string,
  { description = "", inputProperties = {}, properties = {} }: Component,
  types: Schema["types"],
): string {
  const inputs = Object.entries(inputProperties);
  return [
    `### ${name}\n`,
    `${oneLine(description)}\n`,
    "| input | type | meaning |",
    "| --- | --- | --- |",
    ...inputs.flatMap(([input, property]) => rows(input, property, types)),
    "",
    `Outputs: ${outputsText(properties)}\n`,
  ].join("\n");
}

/** An input, and below it what an object consists of. */
function rows(path: string, property: Property, types: Schema["types"]): string[] {
  const inner = property.items ?? property.additionalProperties ?? property;
  const type = inner.$ref === undefined ? undefined : types[`copilot-token:index:${lastPart(inner.$ref)}`];
  const within = property.items === undefined ? path : `${path}[]`;
  return [
    `| \`${path}\` | ${typeText(property, types)} | ${oneLine(property.description ?? "")} |`,
    ...Object.entries(type?.properties ?? {}).flatMap(([key, one]) => rows(`${within}.${key}`, one, types)),
  ];
}

function typeText(property: Property, types: Schema["types"]): string {
  if (property.items !== undefined) return `list of ${typeText(property.items, types)}`;
  if (property.additionalProperties !== undefined)
    return `map of ${typeText(property.additionalProperties, types)}`;
  if (property.$ref === undefined) return property.type ?? "any";
  const values = types[`copilot-token:index:${lastPart(property.$ref)}`]?.enum?.map(
    ({ value }) => `\`${String(value)}\``,
  );
  return values === undefined ? "object" : values.join(", ");
}

function outputsText(properties: Readonly<Record<string, Property>>): string {
  const outputs = Object.entries(properties).map(([name, { description }]) =>
    description === undefined ? `\`${name}\`` : `\`${name}\` (${oneLine(description).replace(/\.$/, "")})`,
  );
  return outputs.length === 0 ? "none." : `${outputs.join(", ")}.`;
}

function lastPart(token: string): string {
  return token.split(/[:/]/).at(-1) ?? token;
}

/** As a table and a page show it: doc links are the source's. */
function oneLine(text: string): string {
  return text
    .replace(/\{@link (\w+)\}/g, "`$1`")
    .replace(/\s+/g, " ")
    .replaceAll("|", "\\|")
    .trim();
}

const introduction = `# Components

The components of \`infra/components/\` are for the project's own program and for yours. \`GraphApp\` is one app that calls Microsoft Graph, with its permissions, its
consent and a rotated client secret in your vault:

\`\`\`ts
import * as keyvault from "@pulumi/azure-native/keyvault";
import { GraphApp } from "copilot-token";

const vault = new keyvault.Vault("agent", {
  /* … */
});
const app = new GraphApp("CopilotAPIAuth", {
  permissions: ["User.Read.All"],
  vault: { id: vault.id },
  rotation: { everyDays: 60 },
  readers: [{ id: "<object ID>", type: "ServicePrincipal" }],
});
export const copilotToken = app.details;
\`\`\`

The first \`pulumi up\` after \`everyDays\` makes the next client secret, verifies it by tokens and publishes it. The earlier one stays valid for \`keepDays\`. What
rotation has to remember is in the component's own outputs and in the tags of the vault's secret; whichever is ahead counts. Pulumi's options work as usual:
\`protect\` protects all that the app consists of.

Before anything is registered, the component checks its arguments against the tenant. It refuses an app of another program and a vault secret that another program
publishes: see [ownership](ownership.md). The apps of one program share a mark.

## Install

The package is not in a registry. It has the components as JavaScript with types, and the commands:

\`\`\`sh
npm pack                                      # in a clone: copilot-token-<version>.tgz
npm install ../copilot-token-<version>.tgz    # in your program's folder
\`\`\`

A new program begins with the folder [template](../template/index.ts): the Pulumi CLI asks for its settings, and writes a program of one file.

\`\`\`sh
pulumi new ../copilot-token/template          # in an empty folder; the path of a clone
npm install ../copilot-token-<version>.tgz
\`\`\`

Programs import \`lib/\` of it: the components, and nothing of the commands or the emulated tenant.

\`ClientSecret\`, \`AppCertificate\` and the sites of an app are dynamic resources there. Their state names their code as \`copilot-token/provider\`, which Node finds in
every program that has installed the package.

## Other languages

The folder [plugin](../plugin/PulumiPlugin.yaml) is a Pulumi plugin with the same components. Pulumi generates an SDK from it in your program's language, and starts it in
each run, which takes Node.js 20.19 or later. \`Pulumi.yaml\` says where it is:

\`\`\`yaml
packages:
  copilot-token: ../copilot-token/plugin # the path of a clone
\`\`\`

\`pulumi install\` generates the SDK and adds it to your program's list of packages. \`pulumi package add ../copilot-token/plugin\` writes the line and does the same.
Instead of a path, the address of a repository with \`.git/plugin\` at its end does as well: Pulumi makes the clone. In a program of YAML nothing is
generated:

\`\`\`yaml
resources:
  app:
    type: copilot-token:GraphApp
    name: CopilotAPIAuth
    properties:
      permissions: [User.Read.All]
      vault: { id: "\${vaultId}" }
\`\`\`

[examples](../examples/README.md) has the same program in TypeScript, Python and YAML, each of which a test deploys with Pulumi's real engine.

- Names follow the language: \`every_days\` and \`secret_uri\` in Python, \`EveryDays\` in Go and C#. The key of an app in \`details\` is the component's name.
- The plugin signs in by the environment of \`pulumi up\` (\`ARM_*\`, or the Azure CLI), as the components do in every language. An explicit provider of this package
  has no settings of its own.
- An input is a value that is known when the program runs, except where it may come from another resource. A component refuses what is not, with every wrong input in
  one message. A secret is refused there, too: names and rights follow from these inputs.
- Each app of such a program has a mark of its own, where the apps of a TypeScript program share one.

## Commands

\`npx copilot-token\` runs the commands in your program's folder. \`doctor\`, \`verify\`, \`rotate\`, \`destroy\` and \`copilot\` find \`details\` in the stack's
outputs, under any name and at any depth. Several apps of one program and one vault are put together. \`doctor\` looks at what is deployed. \`destroy\` deletes the
whole stack, as \`pulumi destroy\` does. \`init\` and \`local\` are for the project's own program, whose settings they read.

## Move an app from the project's program to yours

The client ID, the client secret and the consent stay.

1. Run \`pulumi up\` of this release in the project's folder: it writes into the state what the component needs.
2. Write the app into your program, under the same name. Give the outputs \`vaultResourceId\` and \`stackId\` of the project's stack as the vault's \`id\` and as \`stackId\`.
3. Move the app's component, with all that it consists of:
   \`pulumi state move --source <the project's stack> --dest <your stack> <URN of the GraphApp>\`.
4. Run \`pulumi up\` in your program. It updates tags and replaces nothing.
5. Take the app out of the settings of the project's stack, with \`protect: false\`.

## How they are built

\`infra/plan/\` reads and refuses; then [program.ts](../infra/program.ts) registers the components. \`GraphApp\` gets what the program has decided about all of its apps
together; in another program it decides by itself, by the same functions. Names of children contain the name of the component, and children of a list are named
by value, never by index. So a reordered list replaces nothing.

Earlier, an app's resources lay directly under the stack. Aliases bring them under the app's component in the next \`pulumi up\`, and nothing is made or
deleted.
`;
