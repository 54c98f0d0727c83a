import {
  newerCredential,
  nextRotationAt,
  type CurrentCredential,
  type RotationDays,
} from "../../core/secrets/rotation";
import { retiresAt } from "../../core/secrets/retirement";
import { allPublished, signingCredential, type PublishedOutputs } from "../../core/outputs/stackOutputs";
import { credentialNouns } from "../../core/settings/credentialKind";
import { ageOf } from "../../core/instant";
import { publishedNow, type AppRecord } from "./appRecord";

/** What the caller asked for. */
export type Wish = "due" | "now" | "leaked" | "leakedNow";

/** Why the program has to run for an app: it makes a new secret, or brings an unfinished run to its end. */
export type Occasion = "due" | "asked" | "leaked" | "unrecorded";

export interface AppPlan {
  readonly name: string;
  /** Undefined when nothing has to be done. */
  readonly occasion: Occasion | undefined;
  /** One line for people. */
  readonly why: string;
}

export interface PlanQuestion {
  readonly record: AppRecord;
  /** As the stack's outputs say. */
  readonly rotation: RotationDays;
  readonly wish: Wish;
  readonly now: Date;
}

/** Told twice of a leak within this time, it is one leak: the second run completes the first. */
const sameLeakMilliseconds = 3_600_000;

/** Decides what one app needs. The program decides again by the same rule, and has the last word. */
export function planApp({ record, rotation, wish, now }: PlanQuestion): AppPlan {
  const plan = (occasion: Occasion | undefined, why: string): AppPlan => ({
    name: record.name,
    occasion,
    why,
  });
  const { outputs } = record;
  const told = wish === "leaked" || wish === "leakedNow";
  const signing = signingCredential(outputs);
  if (signing === undefined && told) return plan(undefined, leakWithoutSuccessor);
  if (signing === undefined) {
    const leaving = allPublished(outputs);
    return plan(
      undefined,
      leaving.length === 0
        ? "it signs in without a client secret"
        : leaving.map((one) => retirement(one, rotation)).join("; "),
    );
  }
  const current = currentCredential(record, signing);
  const dueAt = nextRotationAt(current.startsAt, rotation, current.endsAt);
  const isLeakAgain =
    current.cause === "leaked" && now.getTime() - current.startsAt.getTime() < sameLeakMilliseconds;
  const ahead = current.sequence > signing.credential.sequence;

  if (wish === "now") return plan("asked", "ahead of schedule");
  if (wish === "leakedNow" || (wish === "leaked" && !isLeakAgain))
    return plan("leaked", signing.kind === "secret" ? "its secret leaked" : "its key leaked");
  if (now.getTime() >= dueAt.getTime()) return plan("due", `due since ${dueAt.toISOString()}`);
  if (ahead) {
    return plan(
      "unrecorded",
      `an interrupted run published number ${current.sequence}; the stack does not know it yet`,
    );
  }
  if (wish === "leaked") {
    return plan(
      undefined,
      `replaced ${ageOf(current.startsAt, now)} ago after a leak; if the new ${signing.kind === "secret" ? "secret" : "key"} leaked too: --leaked --now`,
    );
  }
  return plan(undefined, `not due before ${dueAt.toISOString()}`);
}

/** Whether the program is expected to make a new client secret. */
export function makesSecret(occasion: Occasion | null | undefined): boolean {
  return occasion === "due" || occasion === "asked" || occasion === "leaked";
}

/** `COPILOT_TOKEN_ROTATE` for the program, such as `Mail,Reports:leaked`; empty when the program decides by itself. */
export function rotateVariable(plans: readonly AppPlan[]): string {
  return plans
    .flatMap(({ name, occasion }) =>
      occasion === "asked" ? [name] : occasion === "leaked" ? [`${name}:leaked`] : [],
    )
    .join(",");
}

/** By the stack's outputs, or by the vault where that is ahead: the program's own rule. */
function currentCredential(record: AppRecord, { kind, credential }: PublishedOutputs): CurrentCredential {
  const { sequence, startsAt, endsAt, cause } = credential;
  const recorded = { sequence, startsAt: new Date(startsAt), endsAt: new Date(endsAt), cause };
  return newerCredential(recorded, publishedNow(record, kind)) ?? recorded;
}

const leakWithoutSuccessor =
  "it signs in without a client secret, so a leaked one needs no successor: its remaining secrets are removed from Entra at once";

/** A credential that consumers are moving away from is not rotated; a later `pulumi up` deletes it from the vault. */
function retirement({ kind, credential }: PublishedOutputs, rotation: RotationDays): string {
  const since = new Date(credential.retiredSince ?? credential.startsAt);
  const leavesAt = retiresAt(since, rotation, new Date(credential.endsAt));
  return `it signs in without its ${credentialNouns[kind]}, which leaves the vault with the first pulumi up from ${leavesAt.toISOString()} on`;
}
