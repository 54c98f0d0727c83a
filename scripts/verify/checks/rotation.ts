import { commandFix, ownCommand, upCommand } from "../../../core/fix";
import type { SecretAppEvidence, StackEvidence } from "../evidence";
import type { Finding } from "../report";
import { retiresAt } from "../../../core/secrets/retirement";
import { addDays } from "../../../core/secrets/rotation";
import { counted, isoSeconds, wholeDays } from "./explain";

/** `rotation`: not due; due is a warning; late beyond `graceDays`, which costs consumers their time, a failure. */
export function checkRotation(app: SecretAppEvidence, stack: StackEvidence): Finding {
  if (app.outputs.signIn !== app.kind) return checkRetirement(app, stack);
  const { nextRotationAt, sequence } = app.outputs.credential;
  const graceEnd = graceEndsAt(app, stack);
  const dueAt = new Date(nextRotationAt);
  const evidence = {
    sequence,
    nextRotationAt,
    graceEndsAt: isoSeconds(graceEnd),
  };
  if (stack.now < dueAt) {
    const days = wholeDays(stack.now, dueAt);
    return { status: "pass", summary: `next in ${counted(days, "day")}, at ${nextRotationAt}`, evidence };
  }
  const lateDays = wholeDays(dueAt, stack.now);
  const fixes = [
    commandFix("rotation.due", "See why the schedule did not do it", ownCommand("rotate", stack.stackName)),
  ];
  if (stack.now > graceEnd) {
    const { keepDays } = stack.outputs.rotation;
    return {
      status: "fail",
      summary:
        `overdue by ${counted(lateDays, "day")}, beyond the grace that ended at ${isoSeconds(graceEnd)}: ` +
        `consumers no longer get ${counted(keepDays, "day")} with the previous secret`,
      evidence,
      fixes,
    };
  }
  return {
    status: "warn",
    summary: `due for ${counted(lateDays, "day")}, since ${nextRotationAt}`,
    evidence,
    fixes,
  };
}

/** A secret that consumers are moving away from is not rotated; it leaves when its time is over. */
function checkRetirement(app: SecretAppEvidence, { now, outputs, stackName }: StackEvidence): Finding {
  const { sequence, retiredSince, startsAt, endsAt } = app.outputs.credential;
  const since = new Date(retiredSince ?? startsAt);
  const leavesAt = retiresAt(since, outputs.rotation, new Date(endsAt));
  const evidence = { sequence, retiredSince: isoSeconds(since), leavesAt: isoSeconds(leavesAt) };
  if (now < leavesAt) {
    const summary = `the app signs in without it; it stays published until ${isoSeconds(leavesAt)}`;
    return { status: "pass", summary, evidence };
  }
  return {
    status: "warn",
    summary: `the app signs in without it, and its time was over at ${isoSeconds(leavesAt)}`,
    evidence,
    fixes: [
      commandFix(
        "rotation.retire",
        "Take it out of the vault, then out of Entra",
        upCommand(stackName),
        ownCommand("rotate", stackName),
      ),
    ],
  };
}

/** Until when a rotation may be late. */
export function graceEndsAt(app: SecretAppEvidence, { outputs }: StackEvidence): Date {
  return addDays(new Date(app.outputs.credential.nextRotationAt), outputs.rotation.graceDays);
}
