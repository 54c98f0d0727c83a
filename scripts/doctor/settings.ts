import type { DoctorContext } from "./context";
import { commandFix, onStack, ownCommand, personFix } from "../../core/fix";
import { faultFixes } from "../../core/settings/settingsFaults";
import { fail, pass } from "./finding";
import type { Finding } from "../verify/report";

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
  const faults = judged.known ? judged.value.faults : [];
  const hasLocation = (file.value.config["azure-native:location"] ?? "").trim() !== "";
  const fixes = [
    ...faults.flatMap((fault) => faultFixes(fault, stack)),
    ...(hasLocation
      ? []
      : [
          commandFix(
            "settings.set",
            "",
            onStack("pulumi config set azure-native:location westeurope", stack),
          ),
        ]),
  ];
  const wrong = [
    ...faults.map(({ key, value, reason }) => `${key} ${value}: ${reason}`),
    ...(hasLocation ? [] : ["azure-native:location is missing"]),
  ];
  return wrong.length === 0
    ? pass(`Pulumi.${stack}.yaml`, { stack })
    : fail(`Pulumi.${stack}.yaml: ${wrong.join("; ")}`, fixes, { stack, faults: wrong });
}
