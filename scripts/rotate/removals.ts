import { commandFix, fixLine, upCommand } from "../../core/fix";
import { shellFlag, shellWord } from "../../core/sinks";
import type { RotationDays } from "../../core/secrets/rotation";
import {
  ownSequence,
  removableCredentials,
  wentWithLeak,
  type RemovalReason,
} from "../../core/secrets/removableCredentials";
import type { DirectoryApp, KeyedCredential } from "../../azure/directory";
import { publications, publishedNow, type AppRecord } from "./appRecord";

/** A credential that is to go, and why. */
export interface Removal {
  readonly holder: "application" | "servicePrincipal";
  readonly kind: "client secret" | "certificate";
  readonly keyId: string;
  readonly displayName: string | null;
  readonly reason: RemovalReason;
}

export interface RemovalPlan {
  readonly removals: readonly Removal[];
  /** What a leak would have to take along, and this command leaves: each with the reason and what to do. */
  readonly left: readonly string[];
}

export interface RemovalQuestion {
  readonly record: AppRecord;
  /** Name of the stack, for commands. */
  readonly stack: string;
  /** Undefined for a stack that has no ID yet. */
  readonly stackId: string | undefined;
  readonly rotation: RotationDays;
  /** A leak was reported to this run. */
  readonly leakedNow: boolean;
  readonly now: Date;
}

/** Which credentials of an app are removed, on evidence only; none when the directory cannot be read. */
export function planRemovals(question: RemovalQuestion): RemovalPlan {
  const { record, stackId, rotation, leakedNow, now } = question;
  if (!record.directory.known) return { removals: [], left: [] };
  const { application, servicePrincipal, federated } = record.directory.value;
  if (application === undefined) return { removals: [], left: [] };
  const { signIn, credential } = record.outputs;
  if (credential === undefined || (signIn !== "secret" && leakedNow)) {
    return retiredSecrets(question, application);
  }
  const current = publishedNow(record);
  const removable = removableCredentials({
    app: record.name,
    stackId,
    credentials: application.passwordCredentials.map((one) => ({ ...spanOf(one), ...named(one) })),
    published: publications(record),
    currentKeyId: current?.keyId,
    rotation,
    now,
    leakedNow,
  });
  const secrets = removable.map(({ credential: { keyId, displayName }, reason }): Removal => ({
    holder: "application",
    kind: "client secret",
    keyId,
    displayName,
    reason,
  }));
  if (current?.cause !== "leaked") return { removals: secrets, left: [] };

  const gone = (one: KeyedCredential): boolean => wentWithLeak(spanOf(one), current, { leakedNow });
  const others = [
    ...certificates("application", application.keyCredentials, gone),
    ...servicePrincipal.passwordCredentials
      .filter(gone)
      .map((one) => removal("servicePrincipal", "client secret", one)),
    ...certificates("servicePrincipal", servicePrincipal.keyCredentials, gone),
  ];
  return {
    removals: [...secrets, ...others],
    left: leakedNow ? federated.map((one) => federatedNotice(record, one)) : [],
  };
}

/**
 * An app that signs in without a client secret keeps none of those that it had once the vault holds none; after a leak,
 * none at all, at once.
 */
function retiredSecrets(
  { record, stackId, leakedNow, stack }: RemovalQuestion,
  { passwordCredentials }: NonNullable<DirectoryApp["application"]>,
): RemovalPlan {
  const { name, outputs } = record;
  const own = { app: name, stackId, published: publications(record) };
  const going = passwordCredentials.filter((one) => leakedNow || ownSequence(named(one), own) !== undefined);
  const reason = leakedNow ? "leaked" : "retired";
  return {
    removals: going.map((one) => ({ holder: "application", kind: "client secret", ...named(one), reason })),
    left:
      outputs.credential === undefined
        ? []
        : [
            "the vault still holds the secret, which is useless once it is removed from Entra. " +
              fixLine(
                commandFix(
                  "rotate.retired-leak",
                  "The deployer removes it",
                  `COPILOT_TOKEN_ROTATE=${shellWord(`${name}:leaked`)} ${upCommand(stack)}`,
                ),
              ),
          ],
  };
}

/** Graph replaces the whole list of certificates and shows none of their keys, so all of them go or none. */
function certificates(
  holder: Removal["holder"],
  all: readonly KeyedCredential[],
  gone: (one: KeyedCredential) => boolean,
): Removal[] {
  return all.every(gone) ? all.map((one) => removal(holder, "certificate", one)) : [];
}

function removal(holder: Removal["holder"], kind: Removal["kind"], one: KeyedCredential): Removal {
  return { holder, kind, ...named(one), reason: "leaked" };
}

/** A federated credential holds no secret that could leak, and whatever runs by it would stop. */
function federatedNotice(
  { outputs }: AppRecord,
  { id, name, issuer, subject }: DirectoryApp["federated"][number],
): string {
  return (
    `federated credential ${name} (${issuer}, ${subject}) stays: it holds no secret, only trust in that issuer. If no one ` +
    `needs it: az ad app federated-credential delete ${shellFlag("id", outputs.applicationObjectId ?? "")} ${shellFlag("federated-credential-id", id)}`
  );
}

function named({ keyId, displayName }: KeyedCredential): { keyId: string; displayName: string | null } {
  return { keyId, displayName: displayName ?? null };
}

/** Without dates, a credential counts as old and endless. */
function spanOf({ startDateTime, endDateTime }: KeyedCredential): { startsAt: Date; endsAt: Date } {
  return {
    startsAt: new Date(startDateTime ?? 0),
    endsAt: new Date(endDateTime ?? latestInstant),
  };
}

const latestInstant = 8.64e15;
