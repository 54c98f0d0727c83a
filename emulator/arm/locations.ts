import type { Cloud } from "../tenant/clouds";

/**
 * Azure's public regions, by name and display name: enough to refuse one that does not exist.
 *
 * @see https://learn.microsoft.com/azure/reliability/regions-list (read 2026-11)
 */
const regions: Readonly<Record<string, string>> = {
  australiacentral: "Australia Central",
  australiaeast: "Australia East",
  australiasoutheast: "Australia Southeast",
  austriaeast: "Austria East",
  belgiumcentral: "Belgium Central",
  brazilsouth: "Brazil South",
  canadacentral: "Canada Central",
  canadaeast: "Canada East",
  centralindia: "Central India",
  centralus: "Central US",
  chilecentral: "Chile Central",
  denmarkeast: "Denmark East",
  eastasia: "East Asia",
  eastus: "East US",
  eastus2: "East US 2",
  francecentral: "France Central",
  germanywestcentral: "Germany West Central",
  indonesiacentral: "Indonesia Central",
  israelcentral: "Israel Central",
  italynorth: "Italy North",
  japaneast: "Japan East",
  japanwest: "Japan West",
  koreacentral: "Korea Central",
  koreasouth: "Korea South",
  malaysiawest: "Malaysia West",
  mexicocentral: "Mexico Central",
  newzealandnorth: "New Zealand North",
  northcentralus: "North Central US",
  northeurope: "North Europe",
  norwayeast: "Norway East",
  polandcentral: "Poland Central",
  qatarcentral: "Qatar Central",
  southafricanorth: "South Africa North",
  southcentralus: "South Central US",
  southindia: "South India",
  southeastasia: "Southeast Asia",
  spaincentral: "Spain Central",
  swedencentral: "Sweden Central",
  switzerlandnorth: "Switzerland North",
  uaenorth: "UAE North",
  uksouth: "UK South",
  ukwest: "UK West",
  westcentralus: "West Central US",
  westeurope: "West Europe",
  westindia: "West India",
  westus: "West US",
  westus2: "West US 2",
  westus3: "West US 3",
};

/** @see https://learn.microsoft.com/azure/azure-government/documentation-government-welcome (read 2026-11) */
const governmentRegions: Readonly<Record<string, string>> = {
  usgovarizona: "USGov Arizona",
  usgovtexas: "USGov Texas",
  usgovvirginia: "USGov Virginia",
  usdodcentral: "USDoD Central",
  usdodeast: "USDoD East",
};

/** @see https://docs.azure.cn/availability-zones/az-overview (read 2026-11) */
const chinaRegions: Readonly<Record<string, string>> = {
  chinaeast: "China East",
  chinaeast2: "China East 2",
  chinanorth: "China North",
  chinanorth2: "China North 2",
  chinanorth3: "China North 3",
};

function regionsOf({ azureName }: Cloud): Readonly<Record<string, string>> {
  if (azureName === "AzureCloud") return regions;
  return azureName === "AzureChinaCloud" ? chinaRegions : governmentRegions;
}

/** `West Europe` and `westeurope` are the same to ARM, which answers the second form. */
export function normaliseLocation(location: string): string {
  return location.replaceAll(" ", "").toLowerCase();
}

/** Whether a normalised location is a region of the cloud. */
export function isRegion(cloud: Cloud, location: string): boolean {
  return Object.hasOwn(regionsOf(cloud), location);
}

/** Every region, for ARM's own list. */
export function allRegions(cloud: Cloud): { name: string; displayName: string }[] {
  return Object.entries(regionsOf(cloud)).map(([name, displayName]) => ({ name, displayName }));
}
