import { isRecord } from "../../server/http";
import { badRequest } from "../armError";
import type { ResourceChange, ResourceContent, ResourceType } from "../resourceType";
import { requireScope } from "../scopes";

/** What a vault can send, as categories and as category groups. */
const vaultLogs = ["AuditEvent", "AzurePolicyEvaluationDetails"];
const vaultLogGroups = ["audit", "allLogs"];
const destinations = [
  "workspaceId",
  "storageAccountId",
  "eventHubAuthorizationRuleId",
  "marketplacePartnerId",
];

/**
 * `{resource}/providers/Microsoft.Insights/diagnosticSettings/{name}`: needs a destination, and categories that the
 * resource has.
 *
 * @see https://learn.microsoft.com/azure/key-vault/general/monitor-key-vault-reference (read 2026-11)
 */
export const diagnosticSetting: ResourceType = {
  type: "Microsoft.Insights/diagnosticSettings",
  placement: "extension",
  location: "none",
  putStatus: { created: 200, updated: 200 },
  build: buildSetting,
};

function buildSetting({ tenant, scope, properties, id }: ResourceChange): ResourceContent {
  const { workspaceId } = properties;
  if (destinations.every((name) => typeof properties[name] !== "string")) {
    throw badRequest("At least one data sink needs to be specified.");
  }
  if (typeof workspaceId === "string") requireScope(tenant, workspaceId);
  const logs = entries(properties["logs"]);
  const metrics = entries(properties["metrics"]);
  if (/\/providers\/microsoft\.keyvault\/vaults\/[^/]+$/i.test(scope)) {
    for (const { category, categoryGroup } of logs) check(category, vaultLogs, categoryGroup, vaultLogGroups);
    for (const { category } of metrics) check(category, ["AllMetrics"], undefined, []);
  }
  return {
    // Azure Monitor answers the resource's part of the ID in lower case.
    id: `${scope.toLowerCase()}/providers/microsoft.insights/diagnosticSettings/${id.slice(id.lastIndexOf("/") + 1)}`,
    properties: {
      ...Object.fromEntries(destinations.map((name) => [name, properties[name] ?? null])),
      eventHubName: properties["eventHubName"] ?? null,
      serviceBusRuleId: properties["serviceBusRuleId"] ?? null,
      logAnalyticsDestinationType: properties["logAnalyticsDestinationType"] ?? null,
      logs: logs.map(complete),
      metrics: metrics.map(complete),
    },
  };
}

function entries(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function complete(entry: Record<string, unknown>): object {
  const { category = null, categoryGroup = null, enabled = false, retentionPolicy } = entry;
  return {
    category,
    categoryGroup,
    enabled,
    retentionPolicy: retentionPolicy ?? { enabled: false, days: 0 },
  };
}

function check(
  category: unknown,
  categories: readonly string[],
  categoryGroup: unknown,
  groups: readonly string[],
): void {
  const known =
    (typeof category === "string" && categories.includes(category)) ||
    (typeof categoryGroup === "string" && groups.includes(categoryGroup));
  if (!known) throw badRequest(`Category '${String(category ?? categoryGroup)}' is not supported.`);
}
