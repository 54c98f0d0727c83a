import type { Cloud } from "../cloud/clouds";
import { asRange } from "../vault/ipv4Range";
import { connectorClientId } from "./logicAppRequest";
import type { LogicAppSettings } from "../settings/logicAppSettings";

/** Who may call a Logic App, from where, and with a token for what. */
export interface LogicAppCallers<Text = string> extends Pick<
  LogicAppSettings,
  "callers" | "users" | "allowedIpRanges"
> {
  readonly tenantId: string;
  /** Client ID of the Logic App's own app registration: the audience of tokens of version 2.0. */
  readonly audienceClientId: Text;
}

/** No address at all. @see https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#restrict-ip (read 2026-11) */
const nowhere = "0.0.0.0-0.0.0.0";

/**
 * `accessControl` of a workflow. Its trigger accepts only Entra's tokens, since a SAS is a secret that is part of an
 * address. No address may read inputs and outputs of runs.
 *
 * `sasAuthenticationPolicy` is in Microsoft's documentation but not in its API specification. Typed clients, which are
 * generated from the specification, drop it silently.
 *
 * @see https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#enable-oauth (read 2026-11)
 */
export function logicAppAccess<Text>(cloud: Cloud, callers: LogicAppCallers<Text>): object {
  const { allowedIpRanges } = callers;
  return {
    triggers: {
      sasAuthenticationPolicy: { state: "Disabled" },
      openAuthenticationPolicies: { policies: policies(cloud, callers) },
      ...(allowedIpRanges.length === 0
        ? {}
        : {
            allowedCallerIpAddresses: allowedIpRanges.map((range) => ({ addressRange: asRange(range) })),
          }),
    },
    contents: { allowedCallerIpAddresses: [{ addressRange: nowhere }] },
  };
}

/**
 * One for each caller, by the claims of tokens of version 2.0, in which the audience is the client ID however a caller
 * spelled it; a token passes that has every claim of any of them.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference (read 2026-11)
 */
function policies<Text>(
  cloud: Cloud,
  { tenantId, audienceClientId, callers, users }: LogicAppCallers<Text>,
): object {
  const policy = (clientId: string, userId?: string): object => ({
    type: "AAD",
    claims: [
      { name: "iss", value: `${cloud.issuers.version2}/${tenantId}/v2.0` },
      { name: "aud", value: audienceClientId },
      { name: "azp", value: clientId },
      ...(userId === undefined ? [] : [{ name: "oid", value: userId }]),
    ],
  });
  return Object.fromEntries(
    callers
      .map((id) => id.toLowerCase())
      .flatMap((id): [string, object][] =>
        id === connectorClientId
          ? users.map((user) => [`user-${user.toLowerCase()}`, policy(id, user.toLowerCase())])
          : [[`caller-${id}`, policy(id)]],
      ),
  );
}
