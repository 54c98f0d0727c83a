import { isExchangeAudience } from "../access/trust";
import type { Cloud, TokenServiceRegion } from "../cloud/clouds";
import type { Fault } from "../errors";
import { faultAt, removeCommand } from "./settingsFaults";
import { asMap } from "../asMap";

type Given = Readonly<Record<string, unknown>>;

/**
 * Settings that have no meaning in the cloud of the tenant.
 *
 * @param given The values under `copilot-token:`, decoded from JSON.
 */
export function cloudFaults(cloud: Cloud, given: Given): Fault[] {
  return [
    ...["apps", "identities"].flatMap((kind) =>
      Object.entries(asMap(given[kind])).flatMap(([name, value]) =>
        audienceFaults(cloud, given, [kind, name, "federated"], asMap(value)["federated"]),
      ),
    ),
    ...Object.entries(asMap(given["apps"])).flatMap(([name, value]) =>
      regionFaults(
        cloud,
        given,
        ["apps", name, "userSignIn", "regions"],
        asMap(asMap(value)["userSignIn"])["regions"],
      ),
    ),
  ];
}

/** Entra takes such a credential, and refuses every sign-in by it (AADSTS700212). */
function audienceFaults(cloud: Cloud, given: Given, path: readonly string[], list: unknown): Fault[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown, index): Fault[] => {
    const { audience } = asMap(entry);
    const isOther =
      typeof audience === "string" && isExchangeAudience(audience) && audience !== cloud.exchangeAudience;
    if (!isOther) return [];
    const at = [...path, index, "audience"];
    const reason = `In ${cloud.title} Entra accepts ${cloud.exchangeAudience}, which is the default.`;
    return [{ ...faultAt(at, given, reason, removeCommand(at)), code: "CLOUD_DIFFERS" }];
  });
}

function regionFaults(cloud: Cloud, given: Given, path: readonly string[], list: unknown): Fault[] {
  if (!Array.isArray(list)) return [];
  const { tokenServices } = cloud;
  return list.flatMap((region: unknown, index): Fault[] => {
    if (typeof region !== "string" || tokenServices[region as TokenServiceRegion] !== undefined) return [];
    const at = [...path, index];
    const reason = `The token service of ${cloud.title} has ${Object.keys(tokenServices).join(", ")} and no other region.`;
    return [{ ...faultAt(at, given, reason, removeCommand(at)), code: "CLOUD_DIFFERS" }];
  });
}
