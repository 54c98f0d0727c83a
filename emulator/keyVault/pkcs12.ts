import { createHash, createHmac, createPrivateKey, randomBytes } from "node:crypto";

const data = "1.2.840.113549.1.7.1";
const shroudedKeyBag = "1.2.840.113549.1.12.10.1.2";
const certificateBag = "1.2.840.113549.1.12.10.1.3";
const x509Certificate = "1.2.840.113549.1.9.22.1";
const localKeyId = "1.2.840.113549.1.9.21";
const sha256 = "2.16.840.1.101.3.4.2.1";
const iterations = 2000;

/**
 * Makes a PKCS #12 file without a password, as Key Vault hands out an exportable certificate.
 *
 * @param certificate DER.
 * @param privateKey PEM; undefined for a file with the certificate alone.
 * @see https://www.rfc-editor.org/rfc/rfc7292 (read 2026-11)
 * @see https://learn.microsoft.com/azure/key-vault/certificates/how-to-export-certificate (read 2026-11): the file has no
 *   password
 */
export function pkcs12File(certificate: Buffer, privateKey: string | undefined): Buffer {
  // The same ID joins the key and its certificate.
  const id = createHash("sha1").update(certificate).digest();
  const attributes = tlv(0x31, sequence(oid(localKeyId), tlv(0x31, octets(id))));
  const bag = (type: string, content: Buffer): Buffer => sequence(oid(type), explicit(content), attributes);
  const certificates = bag(certificateBag, sequence(oid(x509Certificate), explicit(octets(certificate))));
  const bags =
    privateKey === undefined ? [certificates] : [bag(shroudedKeyBag, sealed(privateKey)), certificates];
  const safe = sequence(...bags.map((one) => contentInfo(sequence(one))));
  const salt = randomBytes(20);
  const mac = createHmac("sha256", macKey(salt)).update(safe).digest();
  const digest = sequence(sequence(oid(sha256), tlv(0x05)), octets(mac));
  return sequence(integer(3), contentInfo(safe), sequence(digest, octets(salt), integer(iterations)));
}

function sealed(privateKey: string): Buffer {
  const form = { type: "pkcs8", format: "der", cipher: "aes-256-cbc", passphrase: "" } as const;
  return createPrivateKey(privateKey).export(form);
}

function contentInfo(content: Buffer): Buffer {
  return sequence(oid(data), explicit(octets(content)));
}

/**
 * The key of the file's MAC, for the empty password: two zero bytes.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7292#appendix-B.2 (read 2026-11); one block of SHA-256 suffices
 */
function macKey(salt: Buffer): Buffer {
  const blockBytes = 64;
  const purpose = Buffer.alloc(blockBytes, 3);
  const repeated = Buffer.alloc(blockBytes, salt);
  let key = Buffer.concat([purpose, repeated, Buffer.alloc(blockBytes)]);
  for (let round = 0; round < iterations; round += 1) key = createHash("sha256").update(key).digest();
  return key;
}

function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, ...parts);
}

function octets(content: Buffer): Buffer {
  return tlv(0x04, content);
}

function explicit(content: Buffer): Buffer {
  return tlv(0xa0, content);
}

function integer(value: number): Buffer {
  return tlv(0x02, Buffer.from(value < 0x80 ? [value] : [value >> 8, value & 0xff]));
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...others] = text.split(".").map(Number);
  const bytes = [first * 40 + second, ...others].flatMap((part) => {
    const groups = [part & 0x7f];
    for (let rest = part >>> 7; rest > 0; rest >>>= 7) groups.unshift((rest & 0x7f) | 0x80);
    return groups;
  });
  return tlv(0x06, Buffer.from(bytes));
}
