import { newGuid } from "../../server/http";
import { badRequest } from "../armError";
import { keepDeletedWorkspace, takeDeletedWorkspace } from "./deletedWorkspaces";
import type { ResourceChange, ResourceContent, ResourceType } from "../resourceType";

/**
 * `Microsoft.OperationalInsights/workspaces`: Log Analytics, where a vault's audit log goes.
 *
 * @see https://learn.microsoft.com/rest/api/loganalytics/workspaces/create-or-update (read 2026-11)
 */
export const workspace: ResourceType = {
  type: "Microsoft.OperationalInsights/workspaces",
  placement: "resourceGroup",
  location: "region",
  longRunning: true,
  namePattern: /^[a-zA-Z0-9][a-zA-Z0-9-]{2,61}[a-zA-Z0-9]$/,
  build: buildWorkspace,
  removed: keepDeletedWorkspace,
};

function buildWorkspace({ tenant, id, name, properties, existing, now }: ResourceChange): ResourceContent {
  const before = (existing ?? takeDeletedWorkspace(tenant, id, name))?.properties ?? {};
  const instant = now.toISOString();
  const days = Number(properties["retentionInDays"] ?? before["retentionInDays"] ?? 30);
  if (!Number.isInteger(days) || days < 30 || days > 730) {
    throw badRequest(
      "'RetentionInDays' property doesn't match the SKU limits: from 30 to 730.",
      "InvalidParameter",
    );
  }
  const limits = { dailyQuotaGb: -1, quotaNextResetTime: instant, dataIngestionStatus: "RespectQuota" };
  return {
    etag: `"${newGuid()}"`,
    properties: {
      customerId: before["customerId"] ?? newGuid(),
      provisioningState: "Succeeded",
      sku: {
        name: "PerGB2018",
        lastSkuUpdate: instant,
        ...record(before["sku"]),
        ...record(properties["sku"]),
      },
      retentionInDays: days,
      features: {
        legacy: 0,
        searchVersion: 1,
        enableLogAccessUsingOnlyResourcePermissions: true,
        ...record(properties["features"]),
      },
      workspaceCapping: {
        ...limits,
        ...record(before["workspaceCapping"]),
        ...record(properties["workspaceCapping"]),
      },
      publicNetworkAccessForIngestion: properties["publicNetworkAccessForIngestion"] ?? "Enabled",
      publicNetworkAccessForQuery: properties["publicNetworkAccessForQuery"] ?? "Enabled",
      createdDate: before["createdDate"] ?? instant,
      modifiedDate: instant,
    },
  };
}

function record(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}
