import * as z from "zod";
import { bootstrapSettingsSchema } from "../../core/settings/bootstrapSettings";
import { settingExamples, settingsSchema } from "../../core/settings/settings";
import { setCommand, type Path } from "../../core/settings/settingsFaults";

/** A JSON schema, with what the settings add to it. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | false;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  /** What the type is called, where the schema cannot say it. */
  readonly shape?: string;
}

/** A setting by its path; `*` is any key of a map, `[]` any element of a list. */
interface Setting {
  readonly kind: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
}

/** Keys that the examples use for those of the operator's own. */
const exampleKeys: Readonly<Record<string, string>> = {
  "apps.*": "CopilotAPIAuth",
  "identities.*": "agent",
  "apps.*.logicApp.requests.*": "people",
};

/** Examples of lists that the fixes of invalid settings have no use for. */
const federatedExamples: Readonly<Record<string, string>> = {
  "apps.*.federated[].github": "contoso/agents",
  "apps.*.federated[].environment": "prod",
  "identities.*.federated[].github": "contoso/agents",
  "identities.*.federated[].environment": "verify",
  "acceptTierZero[]": "Application.ReadWrite.OwnedBy",
};

/** docs/settings.md: every setting, as the schema has it. */
export function settingsPage(): string {
  return [introduction, ...settingsIn(settingsSchema).flatMap(settingText)].join("\n\n");
}

/** Every setting of a stack and of the bootstrap, such as `apps.*.permissions`. */
export function settingNames(): string[] {
  return [settingsSchema, bootstrapSettingsSchema].flatMap((schema) =>
    settingsIn(schema).map(({ kind }) => kind),
  );
}

function settingsIn(schema: z.ZodType): Setting[] {
  return settingsOf("", z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Schema);
}

const introduction = `# Settings

<!-- Generated from core/settings/settings.ts. To update it: npx vitest run test/docs -u -->

Settings are in \`Pulumi.<stack>.yaml\` under the prefix \`copilot-token:\`. \`npm run init\` writes a first file. Change one setting with
\`pulumi config set --path\`, as in the examples. \`*\` in a name is a key of your own.

All invalid settings are reported in one error, each with a command that fixes it. Settings that depend on the tenant, such as
\`adopt\`, are checked after that. No resource changes until all settings are valid.

A short stack file:

\`\`\`yaml
config:
  azure-native:location: westeurope
  copilot-token:apps:
    CopilotAPIAuth:
      permissions: [User.Read.All]
  copilot-token:vault:
    readers:
      - { id: 11111111-2222-4333-8444-555555555555, type: ServicePrincipal }
\`\`\`

## \`azure-native:location\`

The Azure region of the resource group and the vault. It has no prefix \`copilot-token:\`.

- Type: text. Required.
- Example: \`pulumi config set azure-native:location westeurope\``;

function settingsOf(kind: string, schema: Schema): Setting[] {
  const { properties, required = [] } = asObject(schema);
  const entries = Object.entries(properties ?? {}).map(([key, inner]): Setting => {
    const isRequired = required.includes(key) && inner.default === undefined && inner.type !== "object";
    return { kind: kind === "" ? key : `${kind}.${key}`, schema: inner, isRequired };
  });
  return entries.flatMap((setting) => [setting, ...innerSettings(setting)]);
}

function innerSettings({ kind, schema }: Setting): Setting[] {
  const { additionalProperties } = asObject(schema);
  return additionalProperties === undefined || additionalProperties === false
    ? settingsOf(kind, schema)
    : settingsOf(`${kind}.*`, additionalProperties);
}

/** Of a union of maps, one with the keys of all. */
function asObject(schema: Schema): Schema {
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants === undefined) return schema;
  const properties: Record<string, Schema> = {};
  for (const variant of variants) {
    for (const [key, inner] of Object.entries(variant.properties ?? {})) {
      properties[key] = inner.description === undefined ? { ...inner, ...properties[key] } : inner;
    }
  }
  const required = variants[0]?.required?.filter((key) =>
    variants.every((variant) => variant.required?.includes(key) === true),
  );
  return { ...schema, type: "object", properties, required: required ?? [] };
}

function settingText(setting: Setting): string[] {
  const { kind, schema } = setting;
  const { type, properties, description } = asObject(schema);
  // A map of fixed keys that says nothing of its own is no setting: its keys are.
  if (type === "object" && properties !== undefined && description === undefined) return [];
  const heading = `${"#".repeat(kind.includes(".") ? 3 : 2)} \`${kind}\``;
  if (description === undefined) throw new Error(`The setting ${kind} has no description in its schema.`);
  return [heading, description, listOf(setting)];
}

function listOf({ kind, schema, isRequired }: Setting): string {
  const limits = limitsOf(schema);
  const examples = examplesOf(kind);
  const lines = [
    `- Type: ${typeOf(schema)}${limits === undefined ? "" : `, ${limits}`}.${isRequired ? " Required." : ""}`,
    ...defaultOf(schema).map((text) => `- Default: ${text}.`),
    ...examples.map((example) => `- Example: \`${example}\``),
  ];
  const isLeaf = asObject(schema).type !== "object";
  if (isLeaf && examples.length === 0) throw new Error(`The setting ${kind} has no example.`);
  return lines.join("\n");
}

function typeOf(schema: Schema): string {
  if (schema.shape !== undefined) return schema.shape;
  if (schema.enum !== undefined) return schema.enum.map((choice) => `\`${choice}\``).join(", ");
  const { type, items } = asObject(schema);
  if (type === "array") {
    const keys = Object.keys(items?.properties ?? {});
    return keys.length > 0 ? `list of \`{ ${keys.join(", ")} }\`` : `list of ${typeOf(items ?? {})}`;
  }
  if (schema.format === "uuid") return "GUID";
  if (schema.format === "email") return "e-mail address";
  const names: Readonly<Record<string, string>> = {
    string: "text",
    integer: "whole number",
    number: "number",
    boolean: "`true` or `false`",
    object: "map",
  };
  return names[type ?? ""] ?? "text";
}

function limitsOf({ type, minimum, maximum }: Schema): string | undefined {
  if (type !== "integer" && type !== "number") return undefined;
  if (minimum === undefined || maximum === undefined) return undefined;
  return `${minimum} to ${maximum}`;
}

/** What an absent setting means, unless the description says it. */
function defaultOf({ default: value }: Schema): string[] {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
  if (typeof value === "object" && value !== null) {
    return Object.keys(value).length === 0 ? [] : [`\`${JSON.stringify(value)}\``];
  }
  return [`\`${JSON.stringify(value).replace(/^"(.*)"$/, "$1")}\``];
}

function examplesOf(kind: string): string[] {
  const examples = { ...settingExamples, ...federatedExamples };
  const own = Object.entries(examples).filter(
    ([key]) =>
      key === kind ||
      key === `${kind}[]` ||
      (key.startsWith(`${kind}[].`) && !key.slice(kind.length + 3).includes("[")),
  );
  return own.map(([key, value]) => setCommand(pathOf(key), value));
}

/** A path of the settings with keys and indexes instead of `*` and `[]`. */
function pathOf(kind: string): Path {
  const path: PropertyKey[] = [];
  let before = "";
  for (const part of kind.split(".")) {
    const [, name = "", list] = /^(.*?)(\[\])?$/.exec(part) ?? [];
    before = before === "" ? name : `${before}.${name}`;
    path.push(name === "*" ? (exampleKeys[before] ?? "key") : name);
    if (list !== undefined) path.push(0);
  }
  return path;
}
