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
import { publishedOf, signingCredential } from "../../core/outputs/stackOutputs";
import {
  credentialNouns,
  publishedKinds,
  type CredentialNoun,
  type PublishedKind,
} from "../../core/settings/credentialKind";
import { publications, publishedNow, type AppRecord } from "./appRecord";

/** A credential that is to go, and why. */
export interface Removal {
  readonly holder: "application" | "servicePrincipal";
  readonly kind: CredentialNoun;
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

const lists = { secret: "passwordCredentials", certificate: "keyCredentials" } as const;
type ApplicationSeen = NonNullable<DirectoryApp["application"]>;

/** Which credentials of an app are removed, on evidence only; none when the directory cannot be read. */
export function planRemovals(question: RemovalQuestion): RemovalPlan {
  const { record, leakedNow } = question;
  if (!record.directory.known) return { removals: [], left: [] };
  const { application, servicePrincipal, federated } = record.directory.value;
  if (application === undefined) return { removals: [], left: [] };
  const own = publishedKinds.map((kind) => ownRemovals(question, kind, application));
  const removals = own.flatMap((plan) => plan.removals);
  const left = own.flatMap((plan) => plan.left);

  const signing = signingCredential(record.outputs);
  const current = signing === undefined ? undefined : publishedNow(record, signing.kind);
  if (current?.cause !== "leaked") return { removals, left };
  const gone = (one: KeyedCredential): boolean => wentWithLeak(spanOf(one), current, { leakedNow });
  const others = publishedKinds.flatMap((kind) => [
    ...(kind === signing?.kind
      ? []
      : application[lists[kind]]
          .filter((one) => gone(one) && !removals.some(({ keyId }) => keyId === one.keyId))
          .map((one) => removal("application", kind, one))),
    ...servicePrincipal[lists[kind]].filter(gone).map((one) => removal("servicePrincipal", kind, one)),
  ]);
  return {
    removals: [...removals, ...others],
    left: [...left, ...(leakedNow ? federated.map((one) => federatedNotice(record, one)) : [])],
  };
}

/** What goes of one kind that the stack itself made; after a leak, of the kind that the app signs in by, every other one. */
function ownRemovals(
  question: RemovalQuestion,
  kind: PublishedKind,
  application: ApplicationSeen,
): RemovalPlan {
  const { record, stackId, rotation, leakedNow, now } = question;
  const { signIn } = record.outputs;
  if (publishedOf(record.outputs, kind) === undefined || (signIn !== kind && leakedNow)) {
    return retired(question, kind, application);
  }
  const removable = removableCredentials({
    app: record.name,
    stackId,
    credentials: application[lists[kind]].map((one) => ({ ...spanOf(one), ...named(one) })),
    published: publications(record, kind),
    currentKeyId: publishedNow(record, kind)?.keyId,
    rotation,
    now,
    leakedNow,
  });
  const removals = removable.map(({ credential: { keyId, displayName }, reason }): Removal => ({
    holder: "application",
    kind: credentialNouns[kind],
    keyId,
    displayName,
    reason,
  }));
  return { removals, left: [] };
}

/**
 * An app that signs in without a client secret keeps none of those that it had once the vault holds none; after a leak,
 * none at all, at once. The same goes for certificates.
 */
function retired(
  { record, stackId, leakedNow, stack }: RemovalQuestion,
  kind: PublishedKind,
  application: ApplicationSeen,
): RemovalPlan {
  const { name, outputs } = record;
  const own = { app: name, stackId, published: publications(record, kind) };
  // An app with no published credential at all was told of a leak of whatever it has.
  const allGo = leakedNow && signingCredential(outputs) === undefined && kind === "secret";
  const going = application[lists[kind]].filter((one) => allGo || ownSequence(named(one), own) !== undefined);
  const reason = leakedNow ? "leaked" : "retired";
  return {
    removals: going.map((one) => ({
      holder: "application",
      kind: credentialNouns[kind],
      ...named(one),
      reason,
    })),
    left:
      publishedOf(outputs, kind) === undefined
        ? []
        : [
            `the vault still holds the ${kind}, which is useless once it is removed from Entra. ` +
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

function removal(holder: Removal["holder"], kind: PublishedKind, one: KeyedCredential): Removal {
  return { holder, kind: credentialNouns[kind], ...named(one), reason: "leaked" };
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
