import { empty, json, wholeSeconds } from "../../server/http";
import type { DeletedVault, Tenant } from "../../tenant/tenant";
import { ArmError, badRequest, methodNotAllowed } from "../armError";
import { demandRight, readBody, type ArmRequest } from "../armRequest";
import { normaliseLocation } from "../locations";
import { page } from "../lists";
import { beginOperation } from "../operations";
import { findVault, nameTaken, vault } from "./vault";
import { isPurgeProtected } from "./vaultProperties";

const collection = "Microsoft.KeyVault/deletedVaults";

/** Forgets soft-deleted vaults whose time has come; Azure does so even under purge protection. */
export function forgetPurgedVaults({ state, clock }: Tenant): void {
  const now = clock.now().getTime();
  for (const [key, { scheduledPurgeDate }] of Object.entries(state.arm.deletedVaults)) {
    if (Date.parse(scheduledPurgeDate) > now) continue;
    Reflect.deleteProperty(state.arm.deletedVaults, key);
    Reflect.deleteProperty(state.vaults, key);
  }
}

/** `GET /subscriptions/{s}/providers/Microsoft.KeyVault/deletedVaults`. */
export function listDeletedVaults(request: ArmRequest): Response {
  if (request.method !== "GET") throw methodNotAllowed(request.method);
  demandRight(request, `${collection}/read`, request.path.scope);
  const { arm } = request.tenant.state;
  const value = Object.values(arm.deletedVaults).map((deleted) => describe(request, deleted));
  return json(200, page(value, new URL(request.request.url)));
}

/**
 * `GET …/locations/{l}/deletedVaults/{v}` and `POST …/purge`, which purge protection refuses.
 *
 * @see https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/purge-deleted (read 2026-11)
 */
export function handleDeletedVault(request: ArmRequest): Response {
  const { tenant, path, method } = request;
  const [location = "", name = ""] = path.names;
  const purges = path.types[2]?.toLowerCase() === "purge";
  if (method !== (purges ? "POST" : "GET")) throw methodNotAllowed(method);
  const right = `Microsoft.KeyVault/locations/deletedVaults/${purges ? "purge/action" : "read"}`;
  demandRight(request, right, path.scope);
  const deleted = tenant.state.arm.deletedVaults[name.toLowerCase()];
  if (deleted === undefined || deleted.vault.location !== normaliseLocation(location)) {
    throw new ArmError(404, "DeletedVaultNotFound", `The specified deleted vault '${name}' does not exist.`);
  }
  if (!purges) return json(200, describe(request, deleted));
  if (isPurgeProtected(deleted.vault)) {
    throw new ArmError(405, "MethodNotAllowed", "Operation 'DeletedVaultPurge' is not allowed.");
  }
  Reflect.deleteProperty(tenant.state.arm.deletedVaults, name.toLowerCase());
  Reflect.deleteProperty(tenant.state.vaults, name.toLowerCase());
  const place = `/subscriptions/${tenant.state.subscriptionId}/providers/Microsoft.KeyVault/locations/${normaliseLocation(location)}`;
  const operation = { kind: "purge", resourceId: deleted.vault.id.toLowerCase() } as const;
  return empty(202, beginOperation(tenant, operation, place, request.apiVersion));
}

/** `POST /subscriptions/{s}/providers/Microsoft.KeyVault/checkNameAvailability`. */
export async function checkVaultName(request: ArmRequest): Promise<Response> {
  const { tenant, method, path } = request;
  if (method !== "POST") throw methodNotAllowed(method);
  demandRight(request, "Microsoft.KeyVault/checkNameAvailability/read", path.scope);
  const { name } = await readBody(request);
  if (typeof name !== "string") throw badRequest("The parameter name is not specified.");
  if (vault.namePattern?.test(name) === false) {
    return json(200, {
      nameAvailable: false,
      reason: "AccountNameInvalid",
      message: vault.nameRule?.(name),
    });
  }
  const taken =
    findVault(tenant, name) !== undefined || tenant.state.arm.deletedVaults[name.toLowerCase()] !== undefined;
  return json(
    200,
    taken
      ? { nameAvailable: false, reason: "AlreadyExists", message: nameTaken(name).message }
      : { nameAvailable: true },
  );
}

function describe(
  { tenant }: ArmRequest,
  { vault: deleted, deletionDate, scheduledPurgeDate }: DeletedVault,
): object {
  const { id, name, location = "", tags } = deleted;
  return {
    id: `/subscriptions/${tenant.state.subscriptionId}/providers/Microsoft.KeyVault/locations/${location}/deletedVaults/${name}`,
    name,
    type: collection,
    properties: {
      vaultId: id,
      location,
      tags,
      deletionDate: wholeSeconds(new Date(deletionDate)),
      scheduledPurgeDate: wholeSeconds(new Date(scheduledPurgeDate)),
      ...(isPurgeProtected(deleted) ? { purgeProtectionEnabled: true } : {}),
    },
  };
}
