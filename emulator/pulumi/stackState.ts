import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import * as z from "zod";
import { EmulatorError } from "../errors";
import { CheckpointFold, type Change, type Checkpoint } from "./checkpoint";
import { secret } from "./properties";
import { keyLength, sealerWith, sealingKey } from "./sealing";

export interface StackStateOptions {
  readonly project: string;
  readonly stack: string;
  /** Seals the secrets in the state, as `PULUMI_CONFIG_PASSPHRASE` does for Pulumi's own backends. */
  readonly passphrase: string;
  /** Where the state lives between processes, such as `.copilot-token/dev.checkpoint.json`. Default: in memory. */
  readonly file?: string;
}

/** A stack's state, held by the parent of the engine's process, so that a killed run loses nothing. */
export interface StackState {
  readonly project: string;
  readonly stack: string;
  /** Where the state is kept; undefined in memory. */
  readonly file: string | undefined;
  /** Opens the secrets in {@link StackState.checkpoint}. */
  readonly key: Buffer;
  checkpoint(): Checkpoint;
  /** Takes a change over and, with a file, writes it down before it returns. */
  record(change: Change): void;
  /** Forgets the operations that a killed run left open. */
  forgetPending(): void;
  /** Writes the whole state in one atomic step. */
  save(): void;
}

const properties = z.record(z.string(), z.unknown());
const checkpointSchema = z.object({
  version: z.literal(1),
  project: z.string(),
  stack: z.string(),
  salt: z.string(),
  passphraseCheck: z.unknown(),
  outputs: properties.exactOptional(),
  resources: z.array(
    z.object({
      urn: z.string(),
      type: z.string(),
      name: z.string(),
      custom: z.boolean(),
      id: z.string().exactOptional(),
      inputs: properties,
      outputs: properties,
      parent: z.string().exactOptional(),
      dependencies: z.array(z.string()),
      provider: z.string().exactOptional(),
      retainOnDelete: z.boolean().exactOptional(),
      protect: z.boolean().exactOptional(),
    }),
  ),
  pending: z.array(z.object({ urn: z.string(), operation: z.string() })),
});

/**
 * Opens a stack's state, or begins one.
 *
 * @throws {EmulatorError} `STATE_DAMAGED` for a file that is none of ours; `STATE_PASSPHRASE` when the passphrase
 *   is not the one it was encrypted with. The file is left as it is.
 */
export function openStackState(options: StackStateOptions): StackState {
  const { project, stack, file } = options;
  const stored = file === undefined || !existsSync(file) ? undefined : readCheckpoint(file);
  const salt = stored === undefined ? randomBytes(16) : Buffer.from(stored.salt, "base64");
  // A state in memory is never opened a second time, so that its key need not follow from the passphrase.
  const key = file === undefined ? randomBytes(keyLength) : sealingKey(options.passphrase, salt);
  const sealer = sealerWith(key);
  if (stored !== undefined) checkPassphrase(() => sealer.open(stored.passphraseCheck), file);

  const fold = new CheckpointFold(
    stored ?? {
      version: 1,
      project,
      stack,
      salt: salt.toString("base64"),
      passphraseCheck: sealer.seal(secret("copilot-token")),
      resources: [],
      pending: [],
    },
  );
  if (file !== undefined) for (const change of readJournal(file)) fold.apply(change);

  const save = (): void => {
    if (file === undefined) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(fold.checkpoint(), undefined, 1), { mode: 0o600 });
    renameSync(`${file}.new`, file);
    rmSync(journalOf(file), { force: true });
  };
  // The journal is read together with the file that it continues, so that one has to be there first.
  if (file !== undefined && stored === undefined) save();
  return {
    project,
    stack,
    file,
    key,
    checkpoint: () => fold.checkpoint(),
    record: (change) => {
      fold.apply(change);
      if (file !== undefined) {
        appendFileSync(journalOf(file), `${JSON.stringify(change)}\n`, { mode: 0o600 });
      }
    },
    forgetPending: () => {
      fold.forgetPending();
      save();
    },
    save,
  };
}

/** Changes since the whole file was last written, one a line: appending costs the same however large the stack is. */
function journalOf(file: string): string {
  return `${file}.journal`;
}

function readCheckpoint(file: string): Checkpoint {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw damaged(file, "it is not JSON", cause);
  }
  const result = checkpointSchema.safeParse(json);
  if (!result.success) throw damaged(file, z.prettifyError(result.error), result.error);
  return result.data;
}

function readJournal(file: string): Change[] {
  if (!existsSync(journalOf(file))) return [];
  // A kill can cut the last line; it was the operation whose result is unknown.
  const lines = readFileSync(journalOf(file), "utf8").split("\n").slice(0, -1);
  try {
    return lines.map((line) => JSON.parse(line) as Change);
  } catch (cause) {
    throw damaged(journalOf(file), "a line in it is not JSON", cause);
  }
}

function damaged(file: string, reason: string, cause: unknown): EmulatorError {
  return new EmulatorError(
    "STATE_DAMAGED",
    `The engine's state ${file} cannot be read: ${reason}\n` +
      "It was left as it is. Put a good copy in its place, or move it away to begin with an empty stack.",
    { cause },
  );
}

function checkPassphrase(open: () => unknown, file: string | undefined): void {
  try {
    open();
  } catch (cause) {
    throw new EmulatorError(
      "STATE_PASSPHRASE",
      `The secrets in ${file ?? "the engine's state"} were encrypted with another passphrase. ` +
        "Set PULUMI_CONFIG_PASSPHRASE to the one it was made with.",
      { cause },
    );
  }
}
