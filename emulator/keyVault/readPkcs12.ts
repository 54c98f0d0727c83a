import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";

const shroudedKeyBag = "2a864886f70d010c0a0102";
const certificateBag = "2a864886f70d010c0a0103";

/**
 * Reads a PKCS #12 file as `pkcs12File` makes it: without a password, and with bags that are not encrypted as a whole.
 *
 * @throws {Error} for any other file, or one without a key.
 */
export function readPkcs12(file: Buffer): {
  readonly privateKey: KeyObject;
  readonly certificate: X509Certificate;
} {
  const safe = contentOf(children(firstChild(file))[1]);
  const bags = children(safe).flatMap((info) => children(contentOf(info)));
  const bagOf = (type: string): Buffer => {
    const found = bags.map(children).find(([id]) => id?.content.toString("hex") === type)?.[1];
    if (found === undefined) throw new Error("The file has no certificate with its key.");
    return found.content;
  };
  const sealed = bagOf(shroudedKeyBag);
  const [, certificate] = children(firstChild(bagOf(certificateBag)));
  return {
    privateKey: createPrivateKey({ key: sealed, format: "der", type: "pkcs8", passphrase: "" }),
    certificate: new X509Certificate(firstChild(certificate).content),
  };
}

interface Element {
  readonly content: Buffer;
}

/** What an element of DER holds, one after the other. */
function children(parent: Element | undefined): Element[] {
  const { content = Buffer.alloc(0) } = parent ?? {};
  const found: Element[] = [];
  for (let at = 0; at < content.length;) {
    const first = content[at + 1] ?? 0;
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + lengthBytes;
    const length = lengthBytes === 0 ? first : content.readUIntBE(at + 2, lengthBytes);
    found.push({ content: content.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}

function firstChild(parent: Element | Buffer | undefined): Element {
  const [found] = children(Buffer.isBuffer(parent) ? { content: parent } : parent);
  if (found === undefined) throw new Error("The file is no PKCS #12 file.");
  return found;
}

/** The octets in a `ContentInfo`, which are DER themselves: the sequence in them. */
function contentOf(info: Element | undefined): Element {
  const [, explicit] = children(info);
  return firstChild(firstChild(explicit));
}
