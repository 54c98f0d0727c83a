import { isRecord, newGuid } from "../../server/http";
import type { ArmResource, Tenant } from "../../tenant/tenant";
import { ArmError, badRequest } from "../armError";
import type { ResourceChange, ResourceContent, ResourceType } from "../resourceType";

const networkType = "Microsoft.Network/virtualNetworks";

/**
 * `Microsoft.Network/virtualNetworks`, for a vault's network rules: without peerings and addresses in use.
 *
 * @see https://learn.microsoft.com/rest/api/virtualnetwork/virtual-networks/create-or-update (read 2026-11)
 */
export const virtualNetwork: ResourceType = {
  type: networkType,
  placement: "resourceGroup",
  location: "region",
  polledAt: "operations",
  build: buildNetwork,
  made: updating,
};

/** `…/virtualNetworks/{v}/subnets/{s}`, with the services that may be reached from it. */
export const subnet: ResourceType = {
  type: `${networkType}/subnets`,
  placement: "resourceGroup",
  location: "none",
  polledAt: "operations",
  build: buildSubnet,
  made: updating,
  removed: (tenant, { id }) => {
    const network = networkOf(tenant, id);
    if (network !== undefined) network.properties["subnets"] = subnetsOf(network, id);
  },
};

function buildNetwork({ properties, existing, body }: ResourceChange): ResourceContent {
  const { addressSpace, subnets, enableDdosProtection = false } = properties;
  const before = existing?.properties ?? {};
  if (!isRecord(addressSpace))
    throw badRequest("The virtual network has no address space.", "InvalidRequestFormat");
  if (Array.isArray(subnets) && subnets.length > 0) {
    throw new ArmError(
      501,
      "NotEmulated",
      "Subnets inside a virtual network's body are not emulated; PUT each one separately.",
    );
  }
  return {
    etag: newEtag(),
    // Azure shows no tags where none were sent.
    tags: isRecord(body["tags"]) ? body["tags"] : undefined,
    properties: {
      provisioningState: "Succeeded",
      resourceGuid: before["resourceGuid"] ?? newGuid(),
      addressSpace,
      subnets: before["subnets"] ?? [],
      virtualNetworkPeerings: [],
      enableDdosProtection,
    },
  };
}

function buildSubnet({ properties, id, name, parent }: ResourceChange): ResourceContent {
  const {
    addressPrefix,
    serviceEndpoints,
    privateEndpointNetworkPolicies,
    privateLinkServiceNetworkPolicies,
  } = properties;
  if (typeof addressPrefix !== "string")
    throw badRequest("The subnet has no address prefix.", "InvalidRequestFormat");
  const endpoints = Array.isArray(serviceEndpoints) ? serviceEndpoints.filter(isRecord) : [];
  const content = {
    etag: newEtag(),
    properties: {
      provisioningState: "Succeeded",
      addressPrefix,
      ipamPoolPrefixAllocations: [],
      serviceEndpoints: endpoints.map(({ service, locations = ["*"] }) => ({
        provisioningState: "Succeeded",
        service,
        locations,
      })),
      delegations: [],
      privateEndpointNetworkPolicies: privateEndpointNetworkPolicies ?? "Disabled",
      privateLinkServiceNetworkPolicies: privateLinkServiceNetworkPolicies ?? "Enabled",
    },
  };
  if (parent !== undefined) {
    const shown = { id, name, ...content, type: subnet.type };
    parent.properties["subnets"] = [...subnetsOf(parent, id), shown];
  }
  return content;
}

/** The answer to the PUT says that it is under way; so does each of a subnet's service endpoints. */
function updating(resource: ArmResource): ArmResource {
  const { serviceEndpoints } = resource.properties;
  const provisioningState = "Updating";
  const endpoints = Array.isArray(serviceEndpoints)
    ? { serviceEndpoints: serviceEndpoints.filter(isRecord).map((one) => ({ ...one, provisioningState })) }
    : {};
  return { ...resource, properties: { ...resource.properties, ...endpoints, provisioningState } };
}

/** A network's subnets without one of them. */
function subnetsOf(network: ArmResource, exceptId: string): object[] {
  const { subnets } = network.properties;
  const known = Array.isArray(subnets) ? subnets.filter(isRecord) : [];
  return known.filter(({ id }) => String(id).toLowerCase() !== exceptId.toLowerCase());
}

function networkOf({ state }: Tenant, subnetId: string): ArmResource | undefined {
  return state.arm.resources[subnetId.split("/").slice(0, -2).join("/").toLowerCase()];
}

function newEtag(): string {
  return `W/"${newGuid()}"`;
}
