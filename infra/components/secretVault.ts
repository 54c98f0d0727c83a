import * as authorization from "@pulumi/azure-native/authorization";
import * as keyvault from "@pulumi/azure-native/keyvault";
import * as monitor from "@pulumi/azure-native/monitor";
import * as operationalinsights from "@pulumi/azure-native/operationalinsights";
import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { asRange } from "../../core/vault/ipv4Range";
import type { VaultSku } from "../../core/settings/settings";
import { resourceGroupPrefix } from "../../core/vault/vaultAdoption";
import { vaultNamePrefix, vaultSuffixLength } from "../../core/vault/vaultName";
import { drawnSuffix, keeping } from "../names";
import { grantSecretReaders, type SecretReader } from "./secretReaders";
import type { VaultAdoption } from "../plan/vaultAdoption";

export interface SecretVaultArgs {
  /** Tenant ID, a GUID. Default: the one that is signed in to. */
  tenantId?: string;
  /** Subscription ID, a GUID. Default: the one that is deployed to. */
  subscriptionId?: string;
  /** Name, unique in all of Azure, 3 to 24 characters. Default: generated. */
  vaultName?: string;
  /** Pricing tier. Default: `standard`. */
  sku?: VaultSku;
  /** Days, 7 to 90, that Azure keeps a deleted secret or vault. Fixed once the vault exists. Default: 90. */
  softDeleteRetentionInDays?: number;
  /** IPv4 addresses and ranges that may reach the vault. Default: all networks. */
  allowedIpRanges?: string[];
  /** Identities that may read every secret of the vault. Default: none. */
  readers?: SecretReader[];
}

/** What the project's own program decides about its vault. */
export interface PlannedVault {
  /** Ends the names that this makes up, so that the next run finds what a killed one made. */
  readonly nameSuffix: pulumi.Input<string>;
  /** The stack's name that names in Azure have in them. */
  readonly namedAfter: string;
  /** Guard group and vault against deletion. */
  readonly protect?: boolean;
  /** A vault that the stack adopts instead of making one. */
  readonly adoption?: VaultAdoption;
}

export interface SecretVaultOptions extends pulumi.ComponentResourceOptions {
  /** Default: names are drawn once, and have the stack's name in them. Pulumi's own option `protect` works as usual. */
  planned?: PlannedVault;
}

/**
 * The key vault: roles instead of access policies, soft delete, purge protection, an audit log of every read.
 * A generated name is unique in all of Azure and stays the same for the life of the stack.
 */
export class SecretVault extends pulumi.ComponentResource {
  /** Region, as Azure writes it. */
  readonly location: pulumi.Output<string>;
  /** Name of the vault's resource group. */
  readonly resourceGroupName: pulumi.Output<string>;
  /** Name of the vault. */
  readonly vaultName: pulumi.Output<string>;
  /** Address of the vault. */
  readonly vaultUri: pulumi.Output<string>;
  /** ARM ID of the vault. */
  readonly vaultResourceId: pulumi.Output<string>;

  constructor(name: string, args: SecretVaultArgs = {}, { planned, ...opts }: SecretVaultOptions = {}) {
    super("copilot-token:infra:SecretVault", name, {}, opts);
    const plan = planned ?? { nameSuffix: drawnSuffix(name, this), namedAfter: pulumi.getStack() };
    const { adoption, namedAfter } = plan;
    const signedIn = () => authorization.getClientConfigOutput({ parent: this });
    const groupId =
      adoption === undefined || adoption.hasGroup
        ? undefined
        : `/subscriptions/${adoption.subscriptionId}/resourceGroups/${adoption.resourceGroupName}`;
    const resourceGroup = new resources.ResourceGroup(
      `${resourceGroupPrefix}${namedAfter}-`,
      {
        resourceGroupName:
          adoption?.resourceGroupName ??
          pulumi.interpolate`${resourceGroupPrefix}${namedAfter}-${plan.nameSuffix}`,
      },
      keeping("resourceGroupName", this.guarded(plan, groupId)),
    );
    const vault = new keyvault.Vault(
      name,
      {
        resourceGroupName: adoption?.resourceGroupName ?? resourceGroup.name,
        location: resourceGroup.location,
        vaultName: adoption?.vaultName ?? args.vaultName ?? this.generatedName(name, namedAfter),
        properties: {
          tenantId: args.tenantId ?? signedIn().tenantId,
          sku: { family: "A", name: args.sku ?? "standard" },
          enableRbacAuthorization: true,
          enableSoftDelete: true,
          enablePurgeProtection: true,
          softDeleteRetentionInDays: args.softDeleteRetentionInDays ?? 90,
          ...networkRules(args.allowedIpRanges ?? []),
        },
      },
      adoption === undefined
        ? this.guarded(plan, undefined)
        : keeping("location", this.guarded(plan, adoption.vaultId)),
    );
    this.auditTo(name, plan, resourceGroup, vault);
    grantSecretReaders(
      name,
      {
        scope: vault.id,
        subscriptionId: args.subscriptionId ?? signedIn().subscriptionId,
        readers: args.readers ?? [],
      },
      this,
    );

    this.location = resourceGroup.location;
    this.resourceGroupName = resourceGroup.name;
    this.vaultName = vault.name;
    this.vaultUri = vault.properties.apply(({ vaultUri }) => vaultUri);
    this.vaultResourceId = vault.id;
    this.registerOutputs({ vaultName: this.vaultName, vaultUri: this.vaultUri });
  }

  /** @param existingId Of what the stack adopts; counts in the run that adopts it. */
  private guarded(
    { protect, adoption }: PlannedVault,
    existingId: string | undefined,
  ): pulumi.CustomResourceOptions {
    const shared = { parent: this, ...(protect === undefined ? {} : { protect }) };
    return adoption?.isNew !== true || existingId === undefined
      ? shared
      : { ...shared, import: existingId, ignoreChanges: ["*"] };
  }

  private generatedName(name: string, namedAfter: string): pulumi.Output<string> {
    const suffix = new random.RandomString(
      name,
      { length: vaultSuffixLength, special: false, upper: false },
      { parent: this },
    );
    return pulumi.interpolate`${vaultNamePrefix(namedAfter)}${suffix.result}`;
  }

  private auditTo(
    name: string,
    { nameSuffix }: PlannedVault,
    resourceGroup: resources.ResourceGroup,
    vault: keyvault.Vault,
  ): void {
    const workspace = new operationalinsights.Workspace(
      `${name}-audit-`,
      {
        workspaceName: pulumi.interpolate`${name}-audit-${nameSuffix}`,
        resourceGroupName: resourceGroup.name,
        location: resourceGroup.location,
        sku: { name: "PerGB2018" },
        retentionInDays: 90,
      },
      keeping("workspaceName", { parent: this }),
    );
    new monitor.DiagnosticSetting(
      name,
      {
        name: "audit",
        resourceUri: vault.id,
        workspaceId: workspace.id,
        logs: [{ category: "AuditEvent", enabled: true }],
      },
      { parent: this },
    );
  }
}

/**
 * Closed to all but the ranges given, or open to every address: reading still needs a role either way. Always
 * stated, since Azure keeps the rules of a vault whose body names none.
 */
function networkRules(allowedIpRanges: readonly string[]): {
  networkAcls: { bypass: string; defaultAction: string; ipRules: { value: string }[] };
} {
  return {
    networkAcls: {
      // Azure Resource Manager, by which the stack writes secrets, is one of the trusted services.
      bypass: "AzureServices",
      defaultAction: allowedIpRanges.length === 0 ? "Allow" : "Deny",
      ipRules: allowedIpRanges.map((range) => ({ value: asRange(range) })),
    },
  };
}
