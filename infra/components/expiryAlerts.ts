import * as eventgrid from "@pulumi/azure-native/eventgrid";
import * as monitor from "@pulumi/azure-native/monitor";
import * as pulumi from "@pulumi/pulumi";
import { drawnSuffix, keeping } from "../names";

export interface ExpiryAlertsArgs {
  /** Address that mails go to. */
  email: string;
  /** Resource group that the alert is made in. */
  resourceGroupName: pulumi.Input<string>;
  /** The vault's region: a system topic lives where its source lives. */
  location: pulumi.Input<string>;
  /** ARM ID of the key vault. */
  vaultResourceId: pulumi.Input<string>;
  /** Ends the names that this makes up. Default: drawn once, and kept in the state. */
  nameSuffix?: pulumi.Input<string>;
}

/**
 * Sends an email 30 days before a published secret expires, and when it expires, even if CI has stopped. A stack that
 * rotates in time never causes an email.
 *
 * Event Grid accepts an Azure Monitor alert as destination for Key Vault's events, only in the CloudEvents schema.
 *
 * @see https://learn.microsoft.com/azure/event-grid/handler-azure-monitor-alerts (read 2026-11)
 * @see https://learn.microsoft.com/azure/event-grid/event-schema-key-vault (read 2026-11): 30 days
 */
export class ExpiryAlerts extends pulumi.ComponentResource {
  constructor(name: string, args: ExpiryAlertsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("copilot-token:infra:ExpiryAlerts", name, {}, opts);

    const madeUpName = pulumi.interpolate`${name}-${args.nameSuffix ?? drawnSuffix(name, this)}`;
    const actionGroup = new monitor.ActionGroup(
      `${name}-`,
      {
        actionGroupName: madeUpName,
        resourceGroupName: args.resourceGroupName,
        location: "Global",
        enabled: true,
        groupShortName: "copilottoken",
        emailReceivers: [{ name: "expiry", emailAddress: args.email, useCommonAlertSchema: true }],
      },
      keeping("actionGroupName", { parent: this }),
    );
    const topic = new eventgrid.SystemTopic(
      `${name}-`,
      {
        systemTopicName: madeUpName,
        resourceGroupName: args.resourceGroupName,
        location: args.location,
        source: args.vaultResourceId,
        topicType: "Microsoft.KeyVault.vaults",
      },
      keeping("systemTopicName", { parent: this }),
    );
    new eventgrid.SystemTopicEventSubscription(
      name,
      {
        resourceGroupName: args.resourceGroupName,
        systemTopicName: topic.name,
        eventSubscriptionName: name,
        eventDeliverySchema: "CloudEventSchemaV1_0",
        filter: {
          includedEventTypes: ["Microsoft.KeyVault.SecretNearExpiry", "Microsoft.KeyVault.SecretExpired"],
        },
        destination: {
          endpointType: "MonitorAlert",
          severity: "Sev1",
          description:
            "A client secret of copilot-token nears its end: a rotation is overdue. Run the command rotate.",
          actionGroups: [actionGroup.id],
        },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
