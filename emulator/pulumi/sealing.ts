import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { isRecord, isSecret, mapValues, secretSignature, signatureKey } from "./properties";

/** Turns secrets in property values into ciphertext and back; everything else stays readable. */
export interface Sealer {
  /** Replaces each marked secret by its ciphertext. */
  seal(value: unknown): unknown;
  /**
   * Undoes {@link Sealer.seal}.
   *
   * @throws {Error} when the key is another one, or the ciphertext was changed.
   */
  open(value: unknown): unknown;
}

/** Length of a sealing key, in bytes. */
export const keyLength = 32;

const keys = new Map<string, Buffer>();

/** Derives the sealing key from what the user types or the environment holds. Takes some 30 ms, on purpose; once a process. */
export function sealingKey(passphrase: string, salt: Buffer): Buffer {
  const name = JSON.stringify([passphrase, salt.toString("base64")]);
  const key = keys.get(name) ?? scryptSync(passphrase, salt, keyLength);
  keys.set(name, key);
  return key;
}

/** Seals with AES-256-GCM, so that a state file gives no secret away and a changed one is noticed. */
export function sealerWith(key: Buffer): Sealer {
  return {
    seal: (value) =>
      mapValues(value, (item) =>
        isSecret(item)
          ? {
              to: {
                [signatureKey]: secretSignature,
                ciphertext: encrypt(key, JSON.stringify(item.value ?? null)),
              },
            }
          : undefined,
      ),
    open: (value) =>
      mapValues(value, (item) =>
        isRecord(item) && item[signatureKey] === secretSignature && typeof item["ciphertext"] === "string"
          ? { to: { [signatureKey]: secretSignature, value: decrypt(key, item["ciphertext"]) } }
          : undefined,
      ),
  };
}

function encrypt(key: Buffer, text: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return [nonce, cipher.getAuthTag(), sealed].map((part) => part.toString("base64")).join(":");
}

function decrypt(key: Buffer, ciphertext: string): unknown {
  const [nonce, tag, sealed] = ciphertext.split(":").map((part) => Buffer.from(part, "base64"));
  if (nonce === undefined || tag === undefined || sealed === undefined) {
    throw new Error("A secret in the engine's state has no nonce, tag or text.");
  }
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 });
  decipher.setAuthTag(tag);
  const text = Buffer.concat([decipher.update(sealed), decipher.final()]).toString("utf8");
  return JSON.parse(text) as unknown;
}
