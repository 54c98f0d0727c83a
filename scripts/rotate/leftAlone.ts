import type { StackOutputs } from "../../core/outputs/stackOutputs";

/** What `AdminConsent` of infra/components/adminConsent.ts makes, whatever the stack. */
const consents = "**copilot-token:infra:AdminConsent$azuread:index/appRoleAssignment:AppRoleAssignment::**";

/**
 * What a rotation leaves alone, as patterns of URNs: the consents that a granter apart has given, since the engine would
 * sign in as the granter for a mere look, and nobody who rotates may. What the settings ask for meanwhile waits for the
 * deployer's next run.
 */
export function leftAlone({ granter }: StackOutputs): readonly string[] {
  return granter === undefined ? [] : [consents];
}
