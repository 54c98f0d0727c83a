import type { DoctorContext } from "./context";
import { fail, pass } from "./finding";
import type { Finding } from "../verify/report";

/** The stack file is there and every setting can work. */
export function checkStackSettings({ stack, file, judged }: DoctorContext): Finding {
  if (!file.known) {
    return fail(
      `stack ${stack}: ${file.error.message.split("\n")[0] ?? ""}`,
      `Make it: pulumi stack init ${stack}, or name another one with --stack.`,
    );
  }
  const faults = judged.known ? judged.value.faults : [];
  const hasLocation = (file.value.config["azure-native:location"] ?? "").trim() !== "";
  const repairs = [
    ...faults.map(({ repair }) => repair),
    ...(hasLocation ? [] : ["pulumi config set azure-native:location westeurope"]),
  ];
  const wrong = [
    ...faults.map(({ key, value, reason }) => `${key} ${value}: ${reason}`),
    ...(hasLocation ? [] : ["azure-native:location is missing"]),
  ];
  return wrong.length === 0
    ? pass(`Pulumi.${stack}.yaml`, { stack })
    : fail(`Pulumi.${stack}.yaml: ${wrong.join("; ")}`, repairs.join("; "), { stack, faults: wrong });
}
