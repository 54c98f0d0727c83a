import { ownCommand, personFix } from "../../core/fix";
import { faultFixes } from "../../core/settings/settingsFaults";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { fail, pass, warn } from "./finding";

/** The stack file is there and every setting can work. */
export function checkStackSettings({ stack, file, judged }: DoctorContext): Finding {
  if (!file.known) {
    return fail(
      `stack ${stack}: ${file.error.message.split("\n")[0] ?? ""}`,
      personFix(
        "settings.init",
        `Write it: ${ownCommand("init", stack)}, which asks what it needs, or name another stack with --stack.`,
      ),
    );
  }
  const { name } = file.value;
  if (!judged.known) {
    return warn(
      `${name}: ${judged.error.message}`,
      personFix(
        "settings.unread",
        "Run this where the Pulumi CLI is logged in to the stack's backend; pulumi preview judges the settings in any case.",
      ),
      { stack, unread: file.value.unread },
    );
  }
  const { faults } = judged.value;
  if (faults.length === 0) return pass(name, { stack });
  const wrong = faults.map(({ key, value, reason }) => `${key} ${value}: ${reason}`);
  return fail(
    `${name}: ${wrong.join("; ")}`,
    faults.flatMap((fault) => faultFixes(fault, stack)),
    {
      stack,
      faults: wrong,
    },
  );
}
