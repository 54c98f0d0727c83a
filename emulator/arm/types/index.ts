import type { ResourceType } from "../resourceType";
import { actionGroup } from "./actionGroup";
import { diagnosticSetting } from "./diagnosticSetting";
import { eventSubscription, systemTopic, systemTopicEventSubscription } from "./eventGrid";
import { federatedIdentityCredential } from "./federatedIdentityCredential";
import { storageAccount } from "./storageAccount";
import { userAssignedIdentity } from "./userAssignedIdentity";
import { vault } from "./vault";
import { subnet, virtualNetwork } from "./virtualNetwork";
import { workflow } from "./workflow";
import { workspace } from "./workspace";

/** Every resource type that the emulated ARM keeps. */
export const emulatedTypes: readonly ResourceType[] = [
  vault,
  storageAccount,
  userAssignedIdentity,
  federatedIdentityCredential,
  diagnosticSetting,
  workspace,
  workflow,
  systemTopic,
  systemTopicEventSubscription,
  eventSubscription,
  actionGroup,
  virtualNetwork,
  subnet,
];

/** The rules of a type by its full name; case does not matter. */
export function findType(type: string): ResourceType | undefined {
  return emulatedTypes.find((known) => known.type.toLowerCase() === type.toLowerCase());
}
