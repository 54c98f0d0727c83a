import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { parseJson } from "../../azure/serviceRefusal";
import { settingsNamespace } from "../../core/settings/settingsFaults";
import { asMap } from "../../core/settings/settingsTogether";
import { UsageError } from "./command";

/** A stack's settings as the Pulumi CLI hands them to a program: full keys, structured values as JSON. */
export interface StackFile {
  readonly project: string;
  readonly config: Readonly<Record<string, string>>;
}

/**
 * Reads `Pulumi.yaml` with its defaults and `Pulumi.<stack>.yaml` over them, as the Pulumi CLI does.
 *
 * @throws {UsageError} when one of them is missing, no YAML, or holds encrypted values.
 */
export async function readStackFile(projectDir: string, stack: string): Promise<StackFile> {
  const projectFile = await readYaml(join(projectDir, "Pulumi.yaml"));
  const stackFile = await readYaml(join(projectDir, `Pulumi.${stack}.yaml`));
  const project = String(projectFile["name"]);
  const defaults = Object.entries(asMap(projectFile["config"])).flatMap(([key, declared]) => {
    const value = asMap(declared)["default"] ?? asMap(declared)["value"];
    return value === undefined ? [] : [[fullKey(project, key), encode(value)] as const];
  });
  const given = Object.entries(asMap(stackFile["config"])).map(([key, value]) => {
    if ("secure" in asMap(value)) {
      throw new UsageError(
        `Pulumi.${stack}.yaml: ${key} is encrypted, and only the Pulumi CLI can read it. No setting of this ` +
          "project is a secret: set it again without --secret.",
      );
    }
    return [fullKey(project, key), encode(value)] as const;
  });
  return { project, config: Object.fromEntries([...defaults, ...given]) };
}

/** A stack file's settings of this project, decoded as the program decodes them. */
export function givenSettings({ config }: Pick<StackFile, "config">): Record<string, unknown> {
  const prefix = `${settingsNamespace}:`;
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, text]) => [key.slice(prefix.length), parseJson(text) ?? text]),
  );
}

function fullKey(project: string, key: string): string {
  return key.includes(":") ? key : `${project}:${key}`;
}

function encode(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

async function readYaml(path: string): Promise<Readonly<Record<string, unknown>>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new UsageError(
      `${path} is not there or cannot be read. Run this from the project's folder; npm run init writes a stack file.`,
      { cause },
    );
  }
  try {
    return asMap(parse(text));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${path} is no YAML: ${reason}`, { cause });
  }
}
