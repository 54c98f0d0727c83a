import { OperatorError } from "../../core/errors";
import { azureClient, type AzureClient } from "../../azure/azureClient";
import { graphApi, type GraphApi } from "../../azure/graph";
import { microsoftGraph } from "../../azure/services";
import { signIn, type Identity } from "../../azure/signIn";
import { textClaim } from "../../azure/tokenClaims";
import type { World } from "../shared/world";

/** Azure and the tenant's directory, as the caller sees them. */
export interface AzureView {
  readonly client: AzureClient;
  readonly identity: Identity;
  readonly graph: GraphApi;
}

/** Seconds to wait for transient errors to end, from now on. */
const patienceSeconds = 180;

export function azureView(world: World): AzureView {
  const client = azureClient(world, { waitSeconds: patienceSeconds });
  const identity = signIn(world.env, client);
  return { client, identity, graph: graphApi(client, () => identity.getToken(microsoftGraph)) };
}

/**
 * The tenant that the caller is signed in to.
 *
 * @param expected The stack's tenant; undefined where it is not known.
 * @throws {OperatorError} `TENANT_DIFFERS`: from another tenant everything looks gone already, and the engine would
 *   forget what it never deleted.
 */
export async function signedInTenant({ identity }: AzureView, expected: string | undefined): Promise<string> {
  const tenantId = textClaim((await identity.getToken(microsoftGraph)).decode(), "tid") ?? "";
  if (expected === undefined || expected.toLowerCase() === tenantId.toLowerCase()) return tenantId;
  throw new OperatorError(
    "TENANT_DIFFERS",
    `The stack lives in tenant ${expected}, and the sign-in is to ${tenantId} (${identity.description}); nothing was ` +
      `changed. Sign in there: az login --tenant ${expected}, or set the ARM_* variables.`,
  );
}
