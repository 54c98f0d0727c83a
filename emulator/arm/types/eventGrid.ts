import { isRecord, newGuid } from "../../server/http";
import { ArmError, badRequest } from "../armError";
import { parseScope } from "../armPath";
import type { ResourceChange, ResourceContent, ResourceType } from "../resourceType";
import { requireScope } from "../scopes";

const systemTopicType = "Microsoft.EventGrid/systemTopics";

/**
 * `Microsoft.EventGrid/systemTopics`: the events of one Azure resource.
 *
 * @see https://learn.microsoft.com/azure/event-grid/system-topics (read 2026-11)
 */
export const systemTopic: ResourceType = {
  type: systemTopicType,
  placement: "resourceGroup",
  location: "region",
  longRunning: true,
  namePattern: /^[a-zA-Z0-9-]{3,128}$/,
  build: buildTopic,
};

/** `…/systemTopics/{t}/eventSubscriptions/{e}`: which of them go where. */
export const systemTopicEventSubscription: ResourceType = {
  type: `${systemTopicType}/eventSubscriptions`,
  placement: "resourceGroup",
  location: "none",
  putStatus: { created: 201, updated: 201 },
  longRunning: true,
  namePattern: /^[a-zA-Z0-9-]{3,64}$/,
  build: (change) =>
    buildSubscription(change, String(change.parent?.properties["source"]), change.parent?.id ?? ""),
};

/** `{resource}/providers/Microsoft.EventGrid/eventSubscriptions/{e}`: the same without a topic of one's own. */
export const eventSubscription: ResourceType = {
  type: "Microsoft.EventGrid/eventSubscriptions",
  placement: "extension",
  location: "none",
  putStatus: { created: 201, updated: 201 },
  longRunning: true,
  namePattern: /^[a-zA-Z0-9-]{3,64}$/,
  build: (change) => buildSubscription(change, change.scope, change.scope),
};

function buildTopic({ tenant, properties, existing }: ResourceChange): ResourceContent {
  const { source, topicType } = properties;
  if (typeof source !== "string" || typeof topicType !== "string") {
    throw badRequest("A system topic needs source and topicType.", "InvalidRequest");
  }
  const sourceId = requireScope(tenant, source);
  const expected = parseScope(sourceId).resource?.type.replaceAll("/", ".");
  if (expected?.toLowerCase() !== topicType.toLowerCase()) {
    throw badRequest(`The topic type '${topicType}' does not fit the source '${source}'.`, "InvalidRequest");
  }
  const metricResourceId = existing?.properties["metricResourceId"] ?? newGuid();
  return {
    properties: { provisioningState: "Succeeded", source: sourceId, topicType: expected, metricResourceId },
  };
}

function buildSubscription(
  { tenant, properties }: ResourceChange,
  source: string,
  topic: string,
): ResourceContent {
  const { destination, filter, labels, eventDeliverySchema, retryPolicy, expirationTimeUtc } = properties;
  const { endpointType, properties: target } = isRecord(destination) ? destination : {};
  if (typeof endpointType !== "string") throw badRequest("Destination should not be null.", "InvalidRequest");
  const schema = typeof eventDeliverySchema === "string" ? eventDeliverySchema : "EventGridSchema";
  if (endpointType === "MonitorAlert") checkMonitorAlert(source, schema, isRecord(target) ? target : {});
  if (endpointType === "WebHook") {
    // Event Grid validates a webhook by calling it while the subscription is created, which nothing here can do.
    throw new ArmError(501, "NotEmulated", "Event Grid's call to a webhook is not emulated.");
  }
  for (const id of actionGroupsOf(target)) requireScope(tenant, id);
  return {
    properties: {
      topic,
      provisioningState: "Succeeded",
      destination: { endpointType, properties: target ?? {} },
      filter: { isSubjectCaseSensitive: false, ...(isRecord(filter) ? filter : {}) },
      labels: Array.isArray(labels) ? labels : [],
      eventDeliverySchema: schema,
      retryPolicy: {
        maxDeliveryAttempts: 30,
        eventTimeToLiveInMinutes: 1440,
        ...(isRecord(retryPolicy) ? retryPolicy : {}),
      },
      ...(expirationTimeUtc === undefined ? {} : { expirationTimeUtc }),
    },
  };
}

/**
 * An Azure Monitor alert accepts only Key Vault's events, and only in the cloud event schema.
 *
 * @see https://learn.microsoft.com/azure/event-grid/handle-key-vault-events-using-azure-monitor-alerts (read 2026-11)
 */
function checkMonitorAlert(source: string, schema: string, target: Record<string, unknown>): void {
  if (!/\/providers\/microsoft\.keyvault\/vaults\/[^/]+$/i.test(source)) {
    throw badRequest("Azure Monitor alerts take the events of Azure Key Vault only.", "InvalidRequest");
  }
  if (schema !== "CloudEventSchemaV1_0") {
    throw badRequest(
      `Event delivery schema '${schema}' is not supported for destination MonitorAlert: it must be CloudEventSchemaV1_0.`,
      "InvalidRequest",
    );
  }
  if (!/^Sev[0-4]$/.test(String(target["severity"]))) {
    throw badRequest(
      "The severity of a MonitorAlert destination must be one of Sev0 to Sev4.",
      "InvalidRequest",
    );
  }
}

function actionGroupsOf(target: unknown): string[] {
  const groups = isRecord(target) ? target["actionGroups"] : undefined;
  return Array.isArray(groups) ? groups.map(String) : [];
}
