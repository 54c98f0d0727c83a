import { isRecord } from "../../server/http";
import { badRequest } from "../armError";
import type { ResourceChange, ResourceContent, ResourceType } from "../resourceType";

const otherReceivers = [
  "smsReceivers",
  "webhookReceivers",
  "itsmReceivers",
  "azureAppPushReceivers",
  "automationRunbookReceivers",
  "voiceReceivers",
  "logicAppReceivers",
  "azureFunctionReceivers",
  "armRoleReceivers",
  "eventHubReceivers",
];

/**
 * `Microsoft.Insights/actionGroups`: whom Azure Monitor tells.
 *
 * @see https://learn.microsoft.com/rest/api/monitor/action-groups/create-or-update (read 2026-11)
 */
export const actionGroup: ResourceType = {
  type: "Microsoft.Insights/actionGroups",
  placement: "resourceGroup",
  location: "global",
  build: buildGroup,
};

function buildGroup({ properties }: ResourceChange): ResourceContent {
  const { groupShortName, enabled, emailReceivers } = properties;
  if (typeof groupShortName !== "string" || groupShortName === "" || groupShortName.length > 12) {
    throw badRequest("The groupShortName of an action group needs 1 to 12 characters.");
  }
  const receivers = Array.isArray(emailReceivers) ? emailReceivers.filter(isRecord) : [];
  if (
    receivers.some(
      ({ name, emailAddress }) => typeof name !== "string" || !/^\S+@\S+$/.test(String(emailAddress)),
    )
  ) {
    throw badRequest("Every email receiver needs a name and an email address.");
  }
  return {
    properties: {
      groupShortName,
      enabled: enabled !== false,
      emailReceivers: receivers.map((receiver) => ({
        useCommonAlertSchema: false,
        ...receiver,
        status: "Enabled",
      })),
      ...Object.fromEntries(otherReceivers.map((kind) => [kind, properties[kind] ?? []])),
    },
  };
}
