import {
  constants,
  createHash,
  createPublicKey,
  privateEncrypt,
  publicDecrypt,
  randomBytes,
  type KeyObject,
} from "node:crypto";

/** Algorithms that a vault's RSA key signs with, by their JOSE names. */
const algorithms: Readonly<Record<string, { readonly hash: string; readonly bytes: number }>> = {
  "256": { hash: "sha256", bytes: 32 },
  "384": { hash: "sha384", bytes: 48 },
  "512": { hash: "sha512", bytes: 64 },
};

/** What stands before the digest in a signature of PKCS #1 v1.5: RFC 8017, section 9.2, note 1. */
const digestInfo: Readonly<Record<string, string>> = {
  sha256: "3031300d060960864801650304020105000420",
  sha384: "3041300d060960864801650304020205000430",
  sha512: "3051300d060960864801650304020305000440",
};

/** Length of the digest that an algorithm takes; `undefined` for one that RSA keys do not have. */
export function digestBytes(algorithm: string): number | undefined {
  return /^(RS|PS)(256|384|512)$/.test(algorithm) ? algorithms[algorithm.slice(2)]?.bytes : undefined;
}

/**
 * Signs a digest, as a vault does: it never sees what was digested, and Node's own `sign` takes no digest.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8017 sections 8.1 and 8.2
 */
export function signDigest(algorithm: string, privateKey: KeyObject, digest: Buffer): Buffer {
  const hash = hashOf(algorithm);
  if (algorithm.startsWith("RS")) {
    return privateEncrypt(
      { key: privateKey, padding: constants.RSA_PKCS1_PADDING },
      withPrefix(hash, digest),
    );
  }
  const modulusBits = privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  const encoded = encodePss(hash, digest, modulusBits - 1);
  return privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, encoded);
}

/** Whether a signature is a key's own over a digest. */
export function verifyDigest(
  algorithm: string,
  privateKey: KeyObject,
  digest: Buffer,
  signature: Buffer,
): boolean {
  const hash = hashOf(algorithm);
  const key = createPublicKey(privateKey);
  try {
    if (algorithm.startsWith("RS")) {
      const padding = constants.RSA_PKCS1_PADDING;
      return publicDecrypt({ key, padding }, signature).equals(withPrefix(hash, digest));
    }
    return isPss(hash, digest, publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature));
  } catch {
    // OpenSSL throws on a signature of another length, or with another padding.
    return false;
  }
}

function hashOf(algorithm: string): string {
  const known = algorithms[algorithm.slice(2)];
  if (known === undefined) throw new Error(`No such algorithm: ${algorithm}`);
  return known.hash;
}

function withPrefix(hash: string, digest: Buffer): Buffer {
  return Buffer.concat([Buffer.from(digestInfo[hash] ?? "", "hex"), digest]);
}

/** EMSA-PSS with a salt as long as the digest, which JOSE prescribes. All of Key Vault's keys have whole bytes. */
function encodePss(hash: string, digest: Buffer, bits: number): Buffer {
  const length = Math.ceil(bits / 8);
  const salt = randomBytes(digest.length);
  const seal = sealOf(hash, digest, salt);
  const block = Buffer.alloc(length - digest.length - 1);
  block[block.length - salt.length - 1] = 1;
  salt.copy(block, block.length - salt.length);
  const masked = xor(block, mask(hash, seal, block.length));
  masked[0] = (masked[0] ?? 0) & 0x7f;
  return Buffer.concat([masked, seal, Buffer.from([0xbc])]);
}

function isPss(hash: string, digest: Buffer, encoded: Buffer): boolean {
  const blockLength = encoded.length - digest.length - 1;
  const seal = encoded.subarray(blockLength, -1);
  const block = xor(encoded.subarray(0, blockLength), mask(hash, seal, blockLength));
  const salt = block.subarray(-digest.length);
  return encoded.at(-1) === 0xbc && sealOf(hash, digest, salt).equals(seal);
}

function sealOf(hash: string, digest: Buffer, salt: Buffer): Buffer {
  return createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();
}

/** MGF1. */
function mask(hash: string, seed: Buffer, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let counter = 0; Buffer.concat(parts).length < length; counter += 1) {
    const index = Buffer.alloc(4);
    index.writeUInt32BE(counter);
    parts.push(createHash(hash).update(seed).update(index).digest());
  }
  return Buffer.concat(parts).subarray(0, length);
}

function xor(left: Buffer, right: Buffer): Buffer {
  return Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)));
}
