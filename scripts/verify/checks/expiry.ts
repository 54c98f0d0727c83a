import { commandFix, ownCommand } from "../../../core/fix";
import { credentialNouns } from "../../../core/settings/credentialKind";
import { shellFlag } from "../../../core/sinks";
import type { SecretAppEvidence, StackEvidence } from "../evidence";
import type { Finding } from "../report";
import { counted, wholeDays } from "./explain";

/** Fewer days than this are a warning: enough for a weekly schedule to fail once and be repaired. */
const warningDays = 14;

/** `expiry`: days that the published client secret or certificate has left. */
export function checkExpiry(app: SecretAppEvidence, stack: StackEvidence): Finding {
  const { keyId, endsAt } = app.outputs.credential;
  const daysLeft = wholeDays(stack.now, new Date(endsAt));
  const evidence = { keyId, endsAt, daysLeft };
  const fixes = [
    commandFix(
      "expiry.rotate",
      "",
      ownCommand("rotate", stack.stackName, shellFlag("app", app.name), "--now"),
    ),
  ];
  if (new Date(endsAt) <= stack.now) {
    return {
      status: "fail",
      summary: `the ${credentialNouns[app.kind]} expired at ${endsAt}`,
      evidence,
      fixes,
    };
  }
  const summary = `${counted(daysLeft, "day")} left, until ${endsAt}`;
  return daysLeft < warningDays
    ? { status: "warn", summary, evidence, fixes }
    : { status: "pass", summary, evidence };
}
