/** A secret as it may appear in a text: plain and in the usual encodings. */
export function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ secret }).toString().slice("secret=".length),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    ...[0, 1, 2].flatMap((offset) => within(bytes, offset)),
    ...within(Buffer.from(secret, "utf16le"), 0),
  ];
}

/** Of a value that stands somewhere within what was encoded, the digits that its neighbors do not change. */
function within(bytes: Buffer, offset: number): string[] {
  const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
  const digits = padded.toString("base64").replace(/=+$/, "");
  const own = digits.slice(offset === 0 ? 0 : offset + 1, digits.length - 1);
  return [own, own.replaceAll("+", "-").replaceAll("/", "_")];
}

/** Which secrets a text holds, in whatever form. */
export function secretsIn(text: string, secrets: readonly string[]): string[] {
  return secrets.filter((secret) => formsOf(secret).some((form) => text.includes(form)));
}

/** How Pulumi's states mark a secret, encrypted or not. */
export const secretMark = "4dabf18193072939515e22adb298388d";
