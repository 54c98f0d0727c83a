import { describe, expect, it } from "vitest";
import { ExpiryAlerts } from "../../../infra/components/expiryAlerts";
import { createInAzure, subscriptionId } from "../../support/azureMocks";
import { inOrder, recordResources } from "../../support/recordResources";

const groupId = `/subscriptions/${subscriptionId}/resourceGroups/group`;
const child = (type: string, name: string, inputs: object, options: object = {}) => ({
  type,
  name,
  parent: "copilot-token:infra:ExpiryAlerts::expiry",
  inputs,
  options,
});

describe("ExpiryAlerts", () => {
  it("mails about the vault's secrets that near their end or reach it", async () => {
    const { resources, settled } = await recordResources({ create: createInAzure });
    new ExpiryAlerts("expiry", {
      email: "it@contoso.com",
      resourceGroupName: "group",
      location: "westeurope",
      vaultResourceId: "/vault",
      nameSuffix: "0a1b2c3d",
    });
    await settled();
    expect(inOrder(resources)).toEqual([
      child(
        "azure-native:eventgrid:SystemTopic",
        "expiry-",
        {
          systemTopicName: "expiry-0a1b2c3d",
          resourceGroupName: "group",
          location: "westeurope",
          source: "/vault",
          topicType: "Microsoft.KeyVault.vaults",
        },
        { ignoreChanges: ["systemTopicName"] },
      ),
      child("azure-native:eventgrid:SystemTopicEventSubscription", "expiry", {
        resourceGroupName: "group",
        systemTopicName: "expiry-generated",
        eventSubscriptionName: "expiry",
        eventDeliverySchema: "CloudEventSchemaV1_0",
        filter: {
          includedEventTypes: ["Microsoft.KeyVault.SecretNearExpiry", "Microsoft.KeyVault.SecretExpired"],
          isSubjectCaseSensitive: false,
        },
        destination: {
          endpointType: "MonitorAlert",
          severity: "Sev1",
          description:
            "A client secret of copilot-token nears its end: a rotation is overdue. Run the command rotate.",
          actionGroups: [`${groupId}/expiry-generated`],
        },
      }),
      child(
        "azure-native:monitor:ActionGroup",
        "expiry-",
        {
          actionGroupName: "expiry-0a1b2c3d",
          resourceGroupName: "group",
          location: "Global",
          enabled: true,
          groupShortName: "copilottoken",
          emailReceivers: [{ name: "expiry", emailAddress: "it@contoso.com", useCommonAlertSchema: true }],
        },
        { ignoreChanges: ["actionGroupName"] },
      ),
      {
        type: "copilot-token:infra:ExpiryAlerts",
        name: "expiry",
        parent: undefined,
        inputs: {},
        options: {},
      },
    ]);
  });
});
