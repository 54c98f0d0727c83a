import type { StackOutputs } from "../../core/outputs/stackOutputs";

/** What `AdminConsent` of infra/components/adminConsent.ts makes, whatever the stack. */
const consents = "**copilot-token:infra:AdminConsent$azuread:index/appRoleAssignment:AppRoleAssignment::**";

/**
 * What a rotation does not touch, as patterns of URNs: the consents that a separate granter has given. The engine would
 * sign in as the granter just to read them, which the rotator may not. Permissions that the settings add meanwhile are
 * granted by the deployer's next run.
 */
export function leftAlone({ granter }: StackOutputs): readonly string[] {
  return granter === undefined ? [] : [consents];
}
