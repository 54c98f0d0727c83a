import { credentialDisplayName } from "../../core/secrets/credentialName";
import type { WantedCredential } from "../../core/secrets/credentialState";
import { stackId, type DeployedStack } from "./deployedStack";

const app = "CopilotAPIAuth";

/** What the program wants of the second client secret of a deployed stack's app. */
export function wantedSecret(
  { outputs }: DeployedStack,
  more: Partial<WantedCredential> = {},
): WantedCredential {
  const deployed = outputs.apps[app];
  if (deployed === undefined) throw new Error("the stack has no app");
  const { sequence = 2 } = more;
  return {
    app,
    sequence,
    cause: "asked",
    displayName: credentialDisplayName(app, sequence, stackId),
    lifetimeDays: 134,
    tenantId: outputs.tenantId,
    clientId: deployed.clientId,
    applicationId: `/applications/${deployed.applicationObjectId}`,
    secretResourceId: deployed.secretResourceId,
    consumerTags: {},
    tokens: 3,
    overSeconds: 4,
    patienceSeconds: 120,
    ...more,
  };
}
