import { json } from "../server/http";
import { vaultUrl } from "./bundle";
import { badParameter } from "./keyVaultError";
import type { VaultRequest } from "./vaultRequest";

const maximumPageSize = 25;

/**
 * One page of a list. The link to the next is absolute, with Key Vault's port, and null on the last page.
 *
 * @throws {KeyVaultError} 400 for a `maxresults` outside 1 to 25.
 * @see https://learn.microsoft.com/rest/api/keyvault/secrets/get-secrets/get-secrets (read 2026-11)
 */
export function listPage({ vault, url }: VaultRequest, items: readonly object[]): Response {
  const asked = url.searchParams.get("maxresults");
  const size = asked === null ? maximumPageSize : Number(asked);
  if (!Number.isInteger(size) || size < 1 || size > maximumPageSize) {
    throw badParameter(`maxresults must be between 1 and ${maximumPageSize}.`);
  }
  const start = Number(url.searchParams.get("$skiptoken") ?? 0);
  const end = start + size;
  if (end >= items.length) return json(200, { value: items.slice(start), nextLink: null });
  const query = new URLSearchParams({
    "api-version": url.searchParams.get("api-version") ?? "",
    $skiptoken: String(end),
    maxresults: String(size),
  });
  const nextLink = `${vaultUrl(vault)}:443${url.pathname}?${query.toString()}`;
  return json(200, { value: items.slice(start, end), nextLink });
}
