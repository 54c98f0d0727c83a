import { isRecord, readJsonObject } from "../server/http";
import type { ArmResource, Tenant, VaultData } from "../tenant/tenant";
import type { Caller } from "../entra/tokens";
import { demand, type Need } from "./access";
import { badParameter } from "./keyVaultError";
import type { VersionChanges } from "./vaultObjects";

/** One request to a vault that is there, by a caller who is known. */
export interface VaultRequest {
  readonly tenant: Tenant;
  readonly vault: ArmResource;
  readonly data: VaultData;
  readonly caller: Caller;
  readonly request: Request;
  readonly url: URL;
}

/**
 * Lets a request pass whose sender has the right, at one object or, without a name, at the whole vault.
 *
 * @throws {KeyVaultError} 403.
 */
export function demandRight({ tenant, vault, caller }: VaultRequest, need: Need, name?: string): void {
  demand(tenant, vault, caller, need, name);
}

/** @throws {KeyVaultError} 400 `BadParameter`. */
export async function readBody({ request }: VaultRequest): Promise<Record<string, unknown>> {
  const body = await readJsonObject(request);
  if (body === undefined) throw badParameter("The request body is not a JSON object.");
  return body;
}

/**
 * What a body says of a version, whatever kind of object it is.
 *
 * @throws {KeyVaultError} 400 `BadParameter`.
 */
export function readChanges({ tags, attributes }: Readonly<Record<string, unknown>>): VersionChanges {
  const { enabled, nbf, exp } = isRecord(attributes) ? attributes : {};
  return {
    tags: optional(tags, isTags, "tags"),
    enabled: optional(enabled, (flag): flag is boolean => typeof flag === "boolean", "attributes.enabled"),
    nbf: optional(nbf, isSeconds, "attributes.nbf"),
    exp: optional(exp, isSeconds, "attributes.exp"),
  };
}

/** @throws {KeyVaultError} 400 `BadParameter`. */
export function optionalText(given: unknown, name: string): string | undefined {
  return optional(given, (value): value is string => typeof value === "string", name);
}

function optional<Value>(
  given: unknown,
  is: (value: unknown) => value is Value,
  name: string,
): Value | undefined {
  if (given === undefined || given === null) return undefined;
  if (is(given)) return given;
  throw badParameter(`Property '${name}' has invalid value.`);
}

function isSeconds(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value);
}

/** At most 15, name and value of at most 256 characters each. */
function isTags(value: unknown): value is Record<string, string> {
  return (
    isRecord(value) &&
    Object.keys(value).length <= 15 &&
    Object.entries(value).every(
      ([name, text]) => name.length <= 256 && typeof text === "string" && text.length <= 256,
    )
  );
}
