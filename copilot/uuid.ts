import { createHash } from "node:crypto";

/**
 * A UUID that depends on nothing but its name, so that a second generation gives the same one.
 *
 * @param namespace A UUID that keeps our names apart from others'.
 * @returns Version 5, lower case.
 * @see https://www.rfc-editor.org/rfc/rfc9562#section-5.5 (read 2026-11)
 */
export function uuidV5(namespace: string, name: string): string {
  const bytes = createHash("sha1")
    .update(Buffer.from(namespace.replaceAll("-", ""), "hex"))
    .update(name, "utf8")
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
