/**
 * A certificate's subject as Windows writes it, which Graph and Key Vault do: the last part first, and a state as `S`.
 *
 * @param subject Its parts, one a line, as OpenSSL orders them.
 */
export function windowsName(subject: string): string {
  return subject
    .split("\n")
    .map((part) => part.replace(/^ST=/, "S="))
    .reverse()
    .join(", ");
}
