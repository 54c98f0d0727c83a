import { basename, dirname, join } from "node:path";
import * as z from "zod/mini";
import { parseJson, readJson } from "../../azure/json";
import { messageOf } from "../../core/errors";
import type { StackConfig } from "../../core/settings/stackConfig";
import { settingsNamespace } from "../../core/settings/settingsFaults";
import { asMap } from "../../core/asMap";
import { parseStackName, stackNameRule, type StackName } from "../../core/stackName";
import { inputLimit, readRegularFile } from "./boundedInput";
import { UsageError } from "./command";
import { findPulumiCli } from "./engines/pulumiCli";
import { knowing } from "./known";
import type { World } from "./world";
import { readYamlText } from "./yamlDocument";

/** A stack's settings as the Pulumi CLI hands them to a program. */
export interface StackFile extends StackConfig {
  /** Path of `Pulumi.<stack>.yaml`, from the project's folder. */
  readonly name: string;
  /** Full keys of values that are secrets. Where only the file was read, `values` has none of these. */
  readonly secretKeys: readonly string[];
  /** Texts that no message may show. */
  readonly secrets: readonly string[];
  /** What may decide over the settings and could not be read, for people; empty where everything was. */
  readonly unread: readonly string[];
}

/** Reads a stack's name as a user gives it. @throws {UsageError} for a text that is none. */
export function readStackName(text: string): StackName {
  const name = parseStackName(text);
  if (name === undefined) throw new UsageError(`--stack ${text}: ${stackNameRule}`);
  return name;
}

/**
 * A stack's settings as the engine will see them. The files say all, unless the stack file has an environment or
 * encrypted values: then the Pulumi CLI is asked, where there is one.
 *
 * @param stack As Pulumi prints it; an organisation and a project may stand before it.
 * @throws {UsageError} when a file is missing or no YAML, or the stack is another project's.
 */
export async function readStack(world: World, stack: string): Promise<StackFile> {
  const file = await readStackFile(world.directory, stack);
  if (file.unread.length === 0) return file;
  const cli = await knowing(findPulumiCli(world, world.directory));
  if (!cli.known) return { ...file, unread: file.unread.map((one) => `${one} (${cli.error.message})`) };
  if (cli.value === undefined) {
    return {
      ...file,
      unread: file.unread.map((one) => `${one} (only the Pulumi CLI can read it, and it was not found)`),
    };
  }
  const words = ["config", "--json", "--show-secrets", "--non-interactive", "--stack", stack];
  const { exitCode, stdout, stderr } = await world.runTool(cli.value.command, words, 120);
  const answer = exitCode === 0 ? readJson(configAnswer, stdout) : undefined;
  if (answer === undefined) {
    const reason = stderr.trim().split("\n").at(-1) ?? "";
    return { ...file, unread: file.unread.map((one) => `${one} (pulumi config: ${reason})`) };
  }
  const entries = Object.entries(answer);
  const secret = entries.filter(([, one]) => one.secret);
  return {
    ...file,
    values: Object.fromEntries(entries.map(([key, { value }]) => [key, value])),
    secretKeys: secret.map(([key]) => key),
    secrets: secret.flatMap(([, { value }]) => textsIn(parseJson(value) ?? value)),
    unread: [],
  };
}

/** What `pulumi config --json` prints. */
const configAnswer = z.record(
  z.string(),
  z.object({ value: z.string(), secret: z._default(z.boolean(), false) }),
);

/** Every text in a secret value. The shortest ones are too common to be told from other words. */
function textsIn(value: unknown): string[] {
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(textsIn);
  const text = String(value);
  // As it is, and as it is written in JSON.
  return text.length < 4 ? [] : [text, JSON.stringify(text).slice(1, -1)];
}

/**
 * Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml` over it, as the Pulumi CLI does.
 *
 * @throws {UsageError} when one of them is missing or no YAML, or the stack is another project's.
 */
export async function readStackFile(projectDir: string, stack: string): Promise<StackFile> {
  const place = await stackPlace(projectDir, stack);
  return stackFileOf(place, await readYaml(join(projectDir, place.name)));
}

/** Where a stack's settings are. */
export interface StackPlace {
  readonly project: string;
  /** Path of the stack's file, from the project's folder. */
  readonly name: string;
  /** What `Pulumi.yaml` declares of the settings. */
  readonly declared: Readonly<Record<string, unknown>>;
}

/**
 * The program's main file, from the project's folder, as `main` of `Pulumi.yaml` says. `main.cjs` of this project bundles the index.ts
 * beside it for Pulumi's own loader; the inline engine bundles a program by itself.
 *
 * @throws {UsageError} when there is no `Pulumi.yaml`.
 */
export async function programFile(projectDir: string): Promise<string> {
  const { main } = await readYaml(join(projectDir, "Pulumi.yaml"));
  const place = typeof main === "string" ? main : ".";
  const folder = basename(place) === "main.cjs" ? dirname(place) : place;
  return /\.[cm]?[jt]s$/.test(folder) ? folder : join(folder, "index.ts");
}

/** @throws {UsageError} when there is no `Pulumi.yaml`, or the stack is another project's. */
export async function stackPlace(projectDir: string, stack: string): Promise<StackPlace> {
  const { short, project: stackProject } = readStackName(stack);
  const projectFile = await readYaml(join(projectDir, "Pulumi.yaml"));
  const project = String(projectFile["name"]);
  const folder = projectFile["stackConfigDir"];
  if (stackProject !== undefined && stackProject !== project) {
    throw new UsageError(
      `--stack ${stack} is a stack of the project ${stackProject}, and the project in ${projectDir} is ${project}. ` +
        "Run this in that project's folder, or name a stack of this one.",
    );
  }
  const name = join(typeof folder === "string" ? folder : "", `Pulumi.${short}.yaml`);
  return { project, name, declared: asMap(projectFile["config"]) };
}

/** What a stack's file says. @param file Its YAML, read. */
export function stackFileOf(
  { project, name, declared }: StackPlace,
  file: Readonly<Record<string, unknown>>,
): StackFile {
  const defaults = Object.entries(declared).flatMap(([key, declaration]) => {
    const value = asMap(declaration)["default"] ?? asMap(declaration)["value"];
    return value === undefined ? [] : [[fullKey(project, key), encode(value)] as const];
  });
  const given = Object.entries(asMap(file["config"])).map(
    ([key, value]) => [fullKey(project, key), value] as const,
  );
  const encrypted = given.filter(([, value]) => holdsSecret(value)).map(([key]) => key);
  const open = given
    .filter(([, value]) => !holdsSecret(value))
    .map(([key, value]) => [key, encode(value)] as const);
  return {
    name,
    project,
    values: Object.fromEntries([...defaults.filter(([key]) => !encrypted.includes(key)), ...open]),
    secretKeys: encrypted,
    secrets: [],
    unread: [
      ...("environment" in file ? ["the stack's environment (Pulumi ESC)"] : []),
      // A provider's own secrets decide nothing here.
      ...encrypted
        .filter((key) => [settingsNamespace, project].includes(key.split(":")[0] ?? ""))
        .map((key) => `${key}, which is encrypted`),
    ],
  };
}

/** @throws {UsageError} where a setting cannot be read without the Pulumi CLI. */
export function demandReadable({ name, unread }: StackFile): void {
  if (unread.length === 0) return;
  throw new UsageError(
    `${name}: not everything could be read: ${unread.join("; ")}. ` +
      "Give these settings in the file and in plain text: none of this project's is a secret.",
  );
}

/**
 * The values that a local run may write into a file of its own: a provider's secrets are left out, since a local run has
 * a sign-in of its own.
 *
 * @throws {UsageError} where a setting of this project is a secret.
 */
export function openValues({ name, values, secretKeys }: StackFile): Readonly<Record<string, string>> {
  const settings = secretKeys.filter((key) => key.startsWith(`${settingsNamespace}:`));
  if (settings.length > 0) {
    throw new UsageError(
      `${name}: ${settings.join(", ")} is encrypted, and a local run would write it into a file. Give it in plain text: ` +
        "no setting of this project is a secret.",
    );
  }
  return Object.fromEntries(Object.entries(values).filter(([key]) => !secretKeys.includes(key)));
}

/** The same values without any of the secrets in their texts. */
export function withoutSecrets<Value>(value: Value, secrets: readonly string[]): Value {
  const hidden = (text: string): string =>
    secrets.reduce((masked, secret) => masked.replaceAll(secret, "[secret]"), text);
  const inside = (one: unknown): unknown => {
    if (typeof one === "string") return hidden(one);
    if (Array.isArray(one)) return one.map(inside);
    if (typeof one !== "object" || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [hidden(key), inside(inner)]));
  };
  return secrets.length === 0 ? value : (inside(value) as Value);
}

/** Whether a value, or one in it, is encrypted: `{ secure: … }`. */
function holdsSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.hasOwn(value, "secure") || Object.values(value).some(holdsSecret);
}

function fullKey(project: string, key: string): string {
  return key.includes(":") ? key : `${project}:${key}`;
}

/** A key without a value is an empty text to the CLI. */
function encode(value: unknown): string {
  return typeof value === "string" ? value : value === null ? "" : JSON.stringify(value);
}

async function readYaml(path: string): Promise<Readonly<Record<string, unknown>>> {
  let text: string | undefined;
  try {
    text = await readRegularFile(path);
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    const why = isMissing ? "is not there" : `cannot be read: ${messageOf(cause)}`;
    throw new UsageError(
      `${path} ${why}. Run this from the project's folder; npm run init writes a stack file.`,
      { cause },
    );
  }
  if (text === undefined)
    throw new UsageError(`${path} is longer than ${inputLimit}, which no such file is.`);
  try {
    const document = readYamlText(text);
    if (document.errors[0] !== undefined) throw document.errors[0];
    return asMap(document.toJS());
  } catch (cause) {
    throw new UsageError(`${path} is not YAML: ${messageOf(cause)}`, { cause });
  }
}
