import type { Fault } from "../errors";
import { faultAt, removeCommand } from "../settings/settingsFaults";
import { asMap } from "../settings/settingsTogether";

/**
 * A fault for each entry of `identities.*.federated` that trusts a managed identity: no identity there can.
 *
 * @param reason Why not.
 * @param namespace Of the project whose settings these are.
 */
export function trustInIdentityFaults(
  given: Readonly<Record<string, unknown>>,
  reason: string,
  namespace: string,
): Fault[] {
  return Object.entries(asMap(given["identities"])).flatMap(([name, identity]) => {
    const { federated } = asMap(identity);
    return (Array.isArray(federated) ? federated : []).flatMap((trust, index) => {
      if (asMap(trust)["identity"] === undefined) return [];
      const path = ["identities", name, "federated", index];
      return [faultAt(path, given, reason, removeCommand(path, namespace), undefined, namespace)];
    });
  });
}
