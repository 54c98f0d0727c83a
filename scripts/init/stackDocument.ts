import { isDeepStrictEqual } from "node:util";
import { isMap, isNode, Document } from "yaml";
import type { Reader } from "../../core/settings/settings";
import { configKey, settingsNamespace } from "../../core/settings/settingsFaults";
import { asMap } from "../../core/asMap";
import { decodeSettings } from "../../core/settings/stackConfig";
import { parseJson } from "../../azure/json";
import { UsageError } from "../shared/command";
import { stackFileOf, type StackFile, type StackPlace } from "../shared/stackFile";
import { readYamlText } from "../shared/yamlDocument";

/** What `init` writes into a stack file. */
export interface StackAnswers {
  readonly location: string;
  /** Key of the app; also its name in Entra, unless the file gives another one. */
  readonly app: string;
  /** Of an app that acts as itself; empty for one that acts as its user, which has delegated ones. */
  readonly permissions: readonly string[];
  readonly delegated: readonly string[];
  /** Permissions that can take over the tenant and are accepted. */
  readonly acceptTierZero: readonly string[];
  /** May read every secret of the vault. */
  readonly readers: readonly Reader[];
  readonly owners: readonly string[];
  readonly email: string | undefined;
}

type StackYaml = Document.Parsed | Document;
/** From the key after the prefix inwards. */
type SettingPath = readonly [string, ...string[]];

const locationKey = "azure-native:location";

/**
 * Reads a stack file for changing it: comments, other settings and the Pulumi CLI's own keys stay.
 *
 * @param text Undefined where there is no file yet.
 * @param name For the message.
 * @throws {UsageError} when it is no YAML map.
 */
export function readStackDocument(text: string | undefined, name: string): StackYaml {
  if (text === undefined) return new Document({});
  const document = readYamlText(text);
  const [error] = document.errors;
  if (error !== undefined || !(document.contents === null || isMap(document.contents))) {
    throw new UsageError(
      `${name} is not a YAML map: ${error?.message.split("\n")[0] ?? "it holds something else"}. Correct or remove it.`,
    );
  }
  return document;
}

/** What a stack file says, as it is read everywhere. */
export function stackFileIn(place: StackPlace, document: StackYaml): StackFile {
  return stackFileOf(place, asMap(document.toJS()));
}

/** The location that a stack file holds. */
export function locationIn(document: StackYaml): string | undefined {
  const location = configOf(document)[locationKey];
  return typeof location === "string" ? location : undefined;
}

/** A stack file with the answers in it. */
export interface WrittenDocument {
  readonly text: string;
  /** All that it says, for judging. */
  readonly file: StackFile;
  /** Whether anything is said that was not said before. */
  readonly changed: boolean;
  /** Keys that had another value before. */
  readonly replaced: readonly string[];
}

/** Puts answers into a stack file; what they say nothing about stays as it is. */
export function writeAnswers(
  original: StackYaml,
  stack: string,
  place: StackPlace,
  answers: StackAnswers,
): WrittenDocument {
  const document: Document = original.clone();
  document.contents ??= document.createNode({});
  if (!document.toString().startsWith("#")) {
    document.commentBefore =
      ` Settings of the stack ${stack}, begun by npm run init. docs/settings.md explains every key;\n` +
      " npm run doctor checks them.";
  }
  const config = document.get("config", true);
  if (!isMap(config) || config.items.length === 0) document.set("config", document.createNode({}));

  let changed = false;
  const replaced: string[] = [];
  const set = (key: string, path: readonly string[], value: unknown): void => {
    const before = path.reduce<unknown>((inner, part) => asMap(inner)[part], document.toJS());
    if (isDeepStrictEqual(before, value)) return;
    changed = true;
    if (before !== undefined) replaced.push(key);
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, document.createNode(value));
  };
  const setting = (path: SettingPath, value: unknown): void => {
    const [outermost, ...rest] = path;
    const full = `${settingsNamespace}:${outermost}`;
    // Without a prefix a key is the project's, which for most is the settings' own.
    const isBare = place.project === settingsNamespace && document.hasIn(["config", outermost]);
    const key = document.hasIn(["config", full]) || !isBare ? full : outermost;
    const inFile = ["config", key, ...rest];
    if (value !== undefined)
      for (const index of rest.keys()) unfold(document, inFile.slice(0, index + 2), place.name);
    set(configKey(path), inFile, value);
  };

  const { apps } = decodeSettings(stackFileIn(place, original).values, settingsNamespace);
  const isNew = asMap(apps)[answers.app] === undefined;
  set(locationKey, ["config", locationKey], answers.location);
  setting(["apps", answers.app, "permissions"], unlessEmpty(answers.permissions));
  setting(["apps", answers.app, "delegated"], unlessEmpty(answers.delegated));
  // A new app needs no secret: the agent signs in by a federated credential.
  if (answers.delegated.length > 0 && isNew) setting(["apps", answers.app, "credential"], "federated");
  setting(["acceptTierZero"], unlessEmpty(answers.acceptTierZero));
  setting(["vault", "readers"], unlessEmpty(answers.readers));
  setting(["owners"], unlessEmpty(answers.owners));
  setting(["alerts", "email"], answers.email);
  // Lines stay as long as they are, and lists as `[a, b]`.
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: false });
  return { text, file: stackFileIn(place, document), changed, replaced };
}

function configOf(document: StackYaml): Readonly<Record<string, unknown>> {
  return asMap(asMap(document.toJS())["config"]);
}

/**
 * A structured setting may be JSON in a string, as `pulumi config set` without `--path` writes it.
 *
 * @throws {UsageError} for a value that is not a map: an answer within it would replace that value.
 */
function unfold(document: StackYaml, path: readonly string[], name: string): void {
  const value = document.getIn(path);
  if (isMap(value)) return;
  const written: unknown = isNode(value) ? value.toJSON() : value;
  const decoded = typeof written === "string" ? (parseJson(written) ?? written) : written;
  if (decoded !== undefined && (typeof decoded !== "object" || decoded === null || Array.isArray(decoded))) {
    throw new UsageError(
      `Nothing was written: ${path.slice(1).join(".")} in ${name} is ${JSON.stringify(decoded)}, and a map is expected there. ` +
        "Correct it, or remove it.",
    );
  }
  document.setIn(path, document.createNode(asMap(decoded)));
}

function unlessEmpty<T>(list: readonly T[]): T[] | undefined {
  return list.length === 0 ? undefined : [...list];
}
