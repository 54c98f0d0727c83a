import { setTimeout } from "node:timers/promises";
import type { Tenant } from "../../tenant/tenant";
import { ArmError, badRequest } from "../armError";
import { isWithin } from "../armPath";
import type { ResourceChange, ResourceContent, ResourceType } from "../resourceType";

/** How long Entra takes to write one: the window in which a second write is refused. */
const writeMilliseconds = 20;
const maximumPerIdentity = 20;
const writesInFlight = new WeakMap<Tenant, Set<string>>();

/**
 * `…/userAssignedIdentities/{i}/federatedIdentityCredentials/{f}`: at most 20 an identity, written one at a time.
 *
 * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations (read 2026-11)
 */
export const federatedIdentityCredential: ResourceType = {
  type: "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
  placement: "resourceGroup",
  location: "none",
  namePattern: /^[a-zA-Z0-9][\w-]{2,119}$/,
  build: buildCredential,
};

async function buildCredential(change: ResourceChange): Promise<ResourceContent> {
  const { tenant, parent, properties } = change;
  const identityId = parent?.id.toLowerCase() ?? "";
  const { issuer, subject, audiences } = properties;
  if (
    typeof issuer !== "string" ||
    typeof subject !== "string" ||
    !Array.isArray(audiences) ||
    audiences.length !== 1
  ) {
    throw badRequest("A federated identity credential needs issuer, subject and one entry in audiences.");
  }
  const inFlight = writesInFlight.get(tenant) ?? new Set();
  writesInFlight.set(tenant, inFlight);
  if (inFlight.has(identityId)) {
    throw new ArmError(
      409,
      "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity",
      "Too many requests are writing federated identity credentials under one managed identity at the same time. " +
        "Write them one after the other.",
    );
  }
  inFlight.add(identityId);
  try {
    await setTimeout(writeMilliseconds);
  } finally {
    inFlight.delete(identityId);
  }
  checkSiblings(change, identityId, issuer, subject);
  return { properties: { issuer, subject, audiences: audiences.map(String) } };
}

function checkSiblings(
  { tenant, id }: ResourceChange,
  identityId: string,
  issuer: string,
  subject: string,
): void {
  const siblings = Object.values(tenant.state.arm.resources).filter(
    (resource) =>
      resource.type === federatedIdentityCredential.type &&
      isWithin(resource.id, identityId) &&
      resource.id !== id,
  );
  if (
    siblings.some(({ properties }) => properties["issuer"] === issuer && properties["subject"] === subject)
  ) {
    throw new ArmError(
      409,
      "Conflict",
      "Issuer and subject combination already exists for this Managed Identity.",
    );
  }
  if (siblings.length >= maximumPerIdentity) {
    throw badRequest(
      `Too many Federated Identity Credentials have been assigned to this managed identity: at most ${maximumPerIdentity}.`,
    );
  }
}
