import { explainMissingRight } from "../../core/access/missingRight";
import { secretPolicyRefusal } from "../../core/secrets/secretPolicy";
import type { StackOutputs } from "../../core/outputs/stackOutputs";
import { defaultDays } from "../../core/settings/settingsTogether";
import { signInHint } from "../shared/engines/signInHint";
import type { EngineFailure } from "../shared/engines/stackEngine";
import type { RotateFailure } from "./report";

/**
 * What to do about a failure of the engine's run, where the provider's words alone do not say it.
 */
export function explainFailure({ resource, message }: EngineFailure, outputs: StackOutputs): RotateFailure {
  const failure = { subject: resource ?? null, message: message.trim() };
  const app = appOf(resource, outputs);
  const policy = secretPolicyRefusal(message, app, outputs.rotation ?? defaultDays);
  if (policy !== undefined) return { ...failure, repair: `${policy.reason} ${policy.repair}` };
  const missing = explainMissingRight(message);
  if (missing !== undefined) {
    return { ...failure, repair: `${missing} A right that is new needs up to ten minutes.` };
  }
  const untrusted = signInHint(message);
  if (untrusted !== undefined) return { ...failure, repair: untrusted };
  const known = hints.find(([pattern]) => pattern.test(message));
  return known === undefined ? failure : { ...failure, repair: known[1] };
}

const hints: readonly (readonly [RegExp, string])[] = [
  [
    /AADSTS7000215/,
    "Usually the new secret has not reached every replica. Run rotate again; it continues with the same one. If Entra lists " +
      "no such keyId any more, it was removed by hand: run pulumi refresh, and the next run creates another.",
  ],
  [
    /ForbiddenByFirewall|ForbiddenByConnection/,
    "The vault's firewall refuses this machine: add its address to copilot-token:vault.allowedIpRanges, or run inside the vault's network.",
  ],
  [
    /ParentResourceNotFound/,
    "The vault was deleted. Recover it (az keyvault recover, or npm run destroy -- --restore after npm run destroy), then run rotate again: " +
      "it continues with the same secret.",
  ],
  [
    /ObjectIsDeletedButRecoverable|currently in a deleted but recoverable state/,
    "The secret was deleted in the vault. Recover it (az keyvault secret recover), then run rotate again.",
  ],
];

/** Resources are named for their app, credentials with a number behind. */
function appOf(resource: string | undefined, outputs: StackOutputs): string {
  const names = Object.keys(outputs.apps);
  return (
    names.find((name) => resource === name || resource?.startsWith(`${name}-`) === true) ?? names[0] ?? ""
  );
}

/** A failure for people, its repair below it. */
export function failureText({ subject, message, repair }: RotateFailure): string {
  return `${subject === null ? "" : `${subject}: `}${message}${repair === undefined ? "" : `\n-> ${repair}`}`;
}
