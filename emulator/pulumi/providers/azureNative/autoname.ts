import { randomInt, randomUUID } from "node:crypto";

/** How a resource gets a name that its program leaves out. */
export type Autoname = "random" | "copy" | "uuid";

const randomLength = 8;
const hexDigits = "0123456789abcdef";

/**
 * Names a resource as azure-native does: the program's name with 8 random characters behind it, the name itself
 * where the parent keeps names apart, or a GUID.
 *
 * @see https://github.com/pulumi/pulumi-azure-native/blob/master/provider/pkg/resources/resources.go (read 2026-11)
 */
export function autoname(kind: Autoname, name: string): string {
  if (kind === "uuid") return randomUUID();
  if (kind === "copy") return name;
  const suffix = Array.from({ length: randomLength }, () => hexDigits.charAt(randomInt(hexDigits.length)));
  return name + suffix.join("");
}
