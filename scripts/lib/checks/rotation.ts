import type { AppEvidence, StackEvidence } from "../verify/evidence";
import type { Finding } from "../verify/report";
import { addDays } from "../../../infra/core/rotation";
import { counted, isoSeconds, wholeDays } from "./explain";

/** `rotation`: not due; due is a warning; late beyond `graceDays`, which costs consumers their time, a failure. */
export function checkRotation(app: AppEvidence, stack: StackEvidence): Finding {
  const { nextRotationAt, sequence } = app.outputs.credential;
  const graceEnd = graceEndsAt(app, stack);
  const dueAt = new Date(nextRotationAt);
  const evidence = {
    sequence,
    nextRotationAt,
    graceEndsAt: graceEnd === undefined ? null : isoSeconds(graceEnd),
  };
  if (stack.now < dueAt) {
    const days = wholeDays(stack.now, dueAt);
    return { status: "pass", summary: `next in ${counted(days, "day")}, at ${nextRotationAt}`, evidence };
  }
  const lateDays = wholeDays(dueAt, stack.now);
  const repair = "npm run rotate (and see why the schedule did not)";
  if (graceEnd !== undefined && stack.now > graceEnd) {
    const keepDays = stack.outputs.rotation?.keepDays ?? 0;
    return {
      status: "fail",
      summary:
        `overdue by ${counted(lateDays, "day")}, beyond the grace that ended at ${isoSeconds(graceEnd)}: ` +
        `consumers no longer get ${counted(keepDays, "day")} with the previous secret`,
      evidence,
      repair,
    };
  }
  return {
    status: "warn",
    summary: `due for ${counted(lateDays, "day")}, since ${nextRotationAt}`,
    evidence,
    repair,
  };
}

/** Until when a rotation may be late; undefined where the outputs do not say. */
export function graceEndsAt(app: AppEvidence, stack: StackEvidence): Date | undefined {
  const graceDays = stack.outputs.rotation?.graceDays;
  return graceDays === undefined
    ? undefined
    : addDays(new Date(app.outputs.credential.nextRotationAt), graceDays);
}
