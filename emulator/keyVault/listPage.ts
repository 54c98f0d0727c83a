import { json } from "../server/http";
import { vaultUrl } from "./bundle";
import { badParameter } from "./keyVaultError";
import type { VaultRequest } from "./vaultRequest";

const maximumPageSize = 25;

/** What a list shows, with what it is ordered by. */
export interface ListItem {
  /** An object's name, with the ID of a version behind a slash; case does not matter. */
  readonly marker: string;
  readonly item: object;
}

/**
 * One page of a list, in the order of names and then of version IDs. The link to the next is absolute, with Key
 * Vault's port, and null on the last page.
 *
 * @throws {KeyVaultError} 400 for a `maxresults` outside 1 to 25.
 * @see https://learn.microsoft.com/rest/api/keyvault/secrets/get-secrets/get-secrets (read 2026-11)
 */
export function listPage({ vault, url }: VaultRequest, items: readonly ListItem[]): Response {
  const asked = url.searchParams.get("maxresults");
  const size = asked === null ? maximumPageSize : Number(asked);
  if (!Number.isInteger(size) || size < 1 || size > maximumPageSize) {
    throw badParameter(`maxresults must be between 1 and ${maximumPageSize}.`);
  }
  const first = readMarker(url.searchParams.get("$skiptoken"));
  const rest = items
    .map(({ marker, item }) => ({ key: marker.toUpperCase(), item }))
    .sort((left, right) => (left.key < right.key ? -1 : 1))
    .filter(({ key }) => first === undefined || key >= first);
  const page = rest.slice(0, size).map(({ item }) => item);
  const next = rest[size];
  if (next === undefined) return json(200, { value: page, nextLink: null });
  const apiVersion = encodeURIComponent(url.searchParams.get("api-version") ?? "");
  const nextLink =
    `${vaultUrl(vault)}:443${url.pathname}?api-version=${apiVersion}` +
    `&$skiptoken=${writeMarker(next.key)}${asked === null ? "" : `&maxresults=${size}`}`;
  return json(200, { value: page, nextLink });
}

/** Where the next page begins, as Key Vault writes it: the key of its first item in two wrappings. */
function writeMarker(key: string): string {
  const path = `secret/${key}`;
  const marker = `${String(path.length).padStart(6, "0")}!${path}!000028!9999-12-31T23:59:59.9999999Z!`;
  const inner = Buffer.from(marker).toString("base64").replaceAll("=", "-");
  const token = { NextMarker: `2!${inner.length}!${inner}`, TargetLocation: 0 };
  return Buffer.from(JSON.stringify(token)).toString("base64url");
}

/** @throws {KeyVaultError} 400 for a token that names no item. */
function readMarker(token: string | null): string | undefined {
  if (token === null) return undefined;
  const text = Buffer.from(token, "base64url").toString("utf8");
  const [, inner = ""] = /"NextMarker":"2!\d+!([^"]+)"/.exec(text) ?? [];
  const [, key] =
    /!secret\/([^!]+)!/.exec(Buffer.from(inner.replaceAll("-", "="), "base64").toString("utf8")) ?? [];
  if (key === undefined) throw badParameter("The specified $skiptoken is not valid.");
  return key.toUpperCase();
}
