import { empty, json, newGuid } from "../server/http";
import type { ArmOperation, Tenant } from "../tenant/tenant";
import { ArmError } from "./armError";
import { removeResource } from "./removal";

const arm = "https://management.azure.com";

/** Short enough for a test, where Azure says 10 to 30 seconds. Clients of Go read the first, all others the second. */
const polling = { "retry-after-ms": "50", "Retry-After": "1" };

/**
 * Begins an operation that is done after one poll "in progress".
 *
 * @param operation Its kind decides which header the client polls by.
 * @param place Where ARM keeps it, such as `/subscriptions/…/providers/Microsoft.KeyVault/locations/westeurope`.
 * @returns Headers for the 201 or 202 that announces it.
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations (read 2026-11)
 */
export function beginOperation(
  tenant: Tenant,
  operation: Pick<ArmOperation, "kind" | "resourceId">,
  place: string,
  apiVersion: string,
): Record<string, string> {
  const operationId = newGuid();
  const operations = (tenant.state.arm.operations ??= {});
  operations[operationId] = { ...operation, pollsLeft: 1 };
  const collection = operation.kind === "put" ? "operationStatuses" : "operationResults";
  const url = `${arm}${place}/${collection}/${operationId}?api-version=${apiVersion}`;
  return { ...polling, [operation.kind === "put" ? "Azure-AsyncOperation" : "Location"]: url };
}

/** Answers a poll: the body's `status` for a PUT; 202, then 200, for a DELETE. */
export function pollOperation(tenant: Tenant, operationId: string): Response {
  const operations = tenant.state.arm.operations ?? {};
  const operation = operations[operationId.toLowerCase()];
  if (operation === undefined) {
    throw new ArmError(404, "OperationNotFound", `The operation '${operationId}' could not be found.`);
  }
  if (operation.pollsLeft > 0) {
    operation.pollsLeft -= 1;
    return operation.kind === "put" ? json(200, { status: "InProgress" }, polling) : empty(202, polling);
  }
  if (operation.kind === "delete") {
    removeResource(tenant, operation.resourceId);
    return empty(200);
  }
  const resource = tenant.state.arm.resources[operation.resourceId];
  if (resource !== undefined) resource.properties["provisioningState"] = "Succeeded";
  return json(200, { status: "Succeeded" });
}
