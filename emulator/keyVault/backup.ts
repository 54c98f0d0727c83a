import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { isRecord } from "../server/http";
import type { Tenant, VaultSecret } from "../tenant/tenant";

/**
 * A secret with all its versions as a blob that only this tenant can open.
 *
 * @see https://learn.microsoft.com/azure/key-vault/general/backup (read 2026-11)
 */
export async function sealBackup(tenant: Tenant, secret: VaultSecret): Promise<string> {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", await backupKey(tenant), nonce);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(secret), "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64url");
}

/** Opens a blob; `undefined` when it is damaged or another tenant's. */
export async function openBackup(tenant: Tenant, blob: string): Promise<VaultSecret | undefined> {
  const bytes = Buffer.from(blob, "base64url");
  const key = await backupKey(tenant);
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    const opened: unknown = JSON.parse(
      Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8"),
    );
    return isRecord(opened) ? (opened as unknown as VaultSecret) : undefined;
  } catch {
    return undefined;
  }
}

async function backupKey({ signingKey }: Tenant): Promise<Buffer> {
  const { privateKey } = await signingKey;
  return createHash("sha256")
    .update(privateKey.export({ type: "pkcs8", format: "der" }))
    .digest();
}
