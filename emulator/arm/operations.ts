import { cloudOf } from "../tenant/clouds";
import { empty, json, newGuid, wholeSeconds } from "../server/http";
import type { ArmOperation, Tenant } from "../tenant/tenant";
import { ArmError } from "./armError";
import { removeResource } from "./removal";

/** Short enough for a test, where Azure says 10 to 30 seconds. Clients of Go read the first, all others the second. */
export const pollingHeaders = { "retry-after-ms": "10", "Retry-After": "1" };

/**
 * Begins an operation that is done after one poll "in progress".
 *
 * @param operation Its kind decides which header the client polls by.
 * @param collection Where a PUT is polled; most providers have `operationStatuses`.
 * @param place Where ARM keeps it, such as `/subscriptions/…/providers/Microsoft.KeyVault/locations/westeurope`.
 * @returns Headers for the 201 or 202 that announces it.
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations (read 2026-11)
 */
export function beginOperation(
  tenant: Tenant,
  operation: Pick<ArmOperation, "kind" | "resourceId">,
  place: string,
  apiVersion: string,
  collection = operation.kind === "put" ? "operationStatuses" : "operationResults",
): Record<string, string> {
  const operationId = newGuid();
  const operations = (tenant.state.arm.operations ??= {});
  const createdDateTime = operationTime(tenant);
  operations[operationId] = { ...operation, pollsLeft: 1, createdDateTime };
  const url = `${cloudOf(tenant.state).resourceManager}${place}/${collection}/${operationId}?api-version=${apiVersion}`;
  return { ...pollingHeaders, [operation.kind === "put" ? "Azure-AsyncOperation" : "Location"]: url };
}

/** Answers a poll: the body's `status` for a PUT; 202, then 200, for a DELETE. */
export function pollOperation(tenant: Tenant, operationId: string): Response {
  const operations = tenant.state.arm.operations ?? {};
  const operation = operations[operationId.toLowerCase()];
  if (operation === undefined) {
    throw new ArmError(404, "OperationNotFound", `The operation '${operationId}' could not be found.`);
  }
  if (operation.kind === "purge") return pollPurge(tenant, operation);
  if (operation.pollsLeft > 0) {
    operation.pollsLeft -= 1;
    return operation.kind === "put"
      ? json(200, { status: "InProgress" }, pollingHeaders)
      : empty(202, pollingHeaders);
  }
  if (operation.kind === "delete") {
    removeResource(tenant, operation.resourceId);
    return empty(200);
  }
  const resource = tenant.state.arm.resources[operation.resourceId];
  if (resource !== undefined) resource.properties["provisioningState"] = "Succeeded";
  return json(200, { status: "Succeeded" });
}

/** Key Vault tells of a purge in the body as well. The vault itself is gone from the beginning. */
function pollPurge(tenant: Tenant, operation: ArmOperation): Response {
  const { createdDateTime } = operation;
  if (operation.pollsLeft === 0) {
    return json(200, { createdDateTime, lastActionDateTime: operationTime(tenant), status: "Succeeded" });
  }
  operation.pollsLeft -= 1;
  return json(202, { createdDateTime, status: "NotStarted" }, pollingHeaders);
}

/** Such as `2026-11-22 10:00:00Z`. */
function operationTime({ clock }: Tenant): string {
  return wholeSeconds(clock.now()).replace("T", " ");
}
