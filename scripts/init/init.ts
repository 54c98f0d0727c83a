import { join } from "node:path";
import { faultsError, messageOf, OperatorError } from "../../core/errors";
import { judgeSettings, type AskingApp } from "../../core/settings/settings";
import { settingsNamespace } from "../../core/settings/settingsFaults";
import { oneLine } from "../../core/sinks";
import { decodeSettings, judgeStackConfig } from "../../core/settings/stackConfig";
import { inputLimit, readRegularFile } from "../shared/boundedInput";
import { UsageError, type ExitCode, type Flags } from "../shared/command";
import { writeOutputFile } from "../shared/outputFile";
import { selectedStack } from "../shared/engines/pulumiCli";
import { stackPlace, type StackFile } from "../shared/stackFile";
import type { World } from "../shared/world";
import { Answering, gatherAnswers, type InitRequest, type Present } from "./answers";
import { confirm } from "./question";
import { stackQuestion } from "./questions";
import { locationIn, readStackDocument, stackFileIn, writeAnswers } from "./stackDocument";
import { lookAtTenant, type TenantView } from "./tenantView";

/** Flags without which there is nothing to write where no one can be asked. */
const needed = ["stack", "location", "permission"];
/** Given instead of a permission, it is enough. */
const instead = "delegated";
const single = ["stack", "location", "app", "email"];
const several = ["permission", "delegated", "reader", "owner"];

/** Carries out `npm run init`. */
export async function runInit(flags: Flags, world: World): Promise<ExitCode> {
  if (world.inOtherProgram) {
    throw new UsageError(
      "This folder is no clone of copilot-token, whose settings init writes; nothing was written. In a program of your own, arguments " +
        "of GraphApp take their place: see docs/components.md. A new program begins with the folder template of a clone: pulumi new <clone>/template.",
    );
  }
  const given: Record<string, readonly string[] | undefined> = {};
  for (const flag of single) {
    const text = flags.text(flag);
    if (text !== undefined) given[flag] = [text];
  }
  for (const flag of several) {
    const texts = flags.texts(flag);
    if (texts.length > 0) given[flag] = texts;
  }
  const isTerminal = world.stdin.kind === "terminal";
  const missing = needed.filter(
    (flag) => given[flag] === undefined && !(flag === "permission" && given[instead] !== undefined),
  );
  if (!isTerminal && !flags.on("yes") && missing.length > 0) {
    throw new UsageError(
      `There is no terminal, and ${missing.length === 1 ? "this is" : "these are"} missing: ` +
        `${missing.map((flag) => `--${flag}`).join(", ")}. Give what is missing, or --yes for the usual values.`,
    );
  }
  const written = await init(world, {
    given,
    acceptTierZero: flags.texts("accept-tier-zero"),
    asks: isTerminal && !flags.on("yes"),
    force: flags.on("force"),
  });
  return written ? 0 : 1;
}

export interface InitOptions extends InitRequest {
  /** Replaces values that the stack file has already. */
  readonly force: boolean;
}

/**
 * Writes a stack file from flags, from questions, or from both. Other content of the file stays.
 *
 * @returns Whether the file now says what was requested; false if the person declined.
 * @throws {UsageError} when flags cannot work, or a value would be replaced unasked.
 */
export async function init(world: World, options: InitOptions): Promise<boolean> {
  await demandProject(world);
  const answering = new Answering(world, options);
  if (options.asks) world.tell('Press Enter for the value in brackets; "none" means no value.');
  const selected = options.given["stack"] === undefined ? await selectedStack(world) : undefined;
  const [stack = ""] = await answering.answer(stackQuestion(selected));
  answering.check();

  const place = await stackPlace(world.directory, stack);
  const { name } = place;
  const path = join(world.directory, name);
  const document = readStackDocument(await readIfThere(path), name);
  const tenant = await lookAtTenant(world);
  describeSignIn(world, tenant);
  const present = presentSettings(stackFileIn(place, document), locationIn(document));
  const answers = await gatherAnswers(answering, present, tenant);
  const { text, file, changed, replaced } = writeAnswers(document, stack, place, answers);
  if (file.unread.length > 0) {
    world.tell(
      oneLine(
        `Not checked together: ${file.unread.join("; ")}. npm run doctor asks the Pulumi CLI for them.`,
      ),
    );
  } else {
    const { faults } = judgeStackConfig(file);
    if (faults.length > 0) throw UsageError.from(faultsError(faults));
  }

  if (!changed) {
    world.print(`${name} says all that already; nothing was written.`);
    return true;
  }
  if (replaced.length > 0 && !options.force && !options.asks) {
    throw new UsageError(
      `Nothing was written: ${name} is there and has other values for ${replaced.join(", ")}. --force replaces them.`,
    );
  }
  if (options.asks) {
    world.tell(`\n${text.trimEnd()}\n`);
    const isSafe = replaced.length === 0 || options.force;
    const question = isSafe
      ? `Write ${name}?`
      : `${name} has other values for ${replaced.join(", ")}. Replace them?`;
    if (!(await confirm(world, question, isSafe))) {
      world.print("Nothing was written.");
      return false;
    }
  }
  await write(path, name, text);
  world.print(`Wrote ${name}.`);
  if (answers.readers.length === 0 && answers.delegated.length === 0) {
    world.print(
      "It lists no readers, so no identity can read the secret. Run npm run init again with --reader.",
    );
  }
  world.print(
    `Next: pulumi stack select --create ${stack} && npm run doctor -- --stack ${stack} && pulumi up --stack ${stack}`,
  );
  return true;
}

function describeSignIn(world: World, { caller, permissions, locations }: TenantView): void {
  if (caller.known) {
    const { name, objectId, tenantId } = caller.value;
    world.tell(oneLine(`Signed in as ${name} (object ${objectId}) in tenant ${tenantId}.`));
  }
  if (caller.known && !locations.known) {
    world.tell(`The location is not checked against the subscription: ${locations.error.message}`);
  }
  if (permissions.known) return;
  world.tell(
    `Names of permissions are not checked against the tenant: ${permissions.error.message} ` +
      "npm run doctor checks them later.",
  );
}

/**
 * Defaults where the file's settings are invalid, except for its permissions: a default permission would be one that was
 * not requested. The result is validated before it is written.
 */
function presentSettings(file: StackFile, location: string | undefined): Present {
  const given = decodeSettings(file.values, settingsNamespace);
  const judged = judgeSettings(given);
  const settings = judged.settings ?? judgeSettings({}).settings;
  if (settings === undefined) throw new Error("the defaults are faulty");
  const apps: Readonly<Record<string, AskingApp>> = (judged.settings ?? judged.asked).apps;
  return {
    settings,
    location,
    permissions: new Map(Object.entries(apps).map(([name, app]) => [name, app.permissions])),
    delegated: new Map(
      Object.entries(apps).flatMap(([name, { delegated }]) =>
        delegated === undefined ? [] : [[name, delegated] as const],
      ),
    ),
  };
}

async function demandProject({ directory }: World): Promise<void> {
  if ((await readIfThere(join(directory, "Pulumi.yaml"))) !== undefined) return;
  throw new UsageError(`${directory} has no Pulumi.yaml. Run this in the project's folder.`);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    const text = await readRegularFile(path);
    if (text === undefined) throw new Error(`it is longer than ${inputLimit}`);
    return text;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new OperatorError("STACK_FILE_UNREADABLE", `${path} cannot be read: ${messageOf(cause)}.`, {
      cause,
    });
  }
}

async function write(path: string, name: string, text: string): Promise<void> {
  try {
    await writeOutputFile(path, text);
  } catch (cause) {
    throw new OperatorError("STACK_FILE_UNWRITABLE", `${name} cannot be written: ${messageOf(cause)}.`, {
      cause,
    });
  }
}
