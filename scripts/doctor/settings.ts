import type { DoctorContext } from "./context";
import { fail, pass, warn } from "./finding";
import type { Finding } from "../verify/report";

/** The stack file is there and every setting can work. */
export function checkStackSettings({ stack, file, judged }: DoctorContext): Finding {
  if (!file.known) {
    return fail(
      `stack ${stack}: ${file.error.message.split("\n")[0] ?? ""}`,
      `Make it: pulumi stack init ${stack}, or name another one with --stack.`,
    );
  }
  const { name } = file.value;
  if (!judged.known) {
    return warn(
      `${name}: ${judged.error.message}`,
      "Run this where the Pulumi CLI is logged in to the stack's backend; pulumi preview judges the settings in any case.",
      { stack, unread: file.value.unread },
    );
  }
  const { faults } = judged.value;
  if (faults.length === 0) return pass(name, { stack });
  const wrong = faults.map(({ key, value, reason }) => `${key} ${value}: ${reason}`);
  return fail(`${name}: ${wrong.join("; ")}`, faults.map(({ repair }) => repair).join("; "), {
    stack,
    faults: wrong,
  });
}
