import { vaultRecovery } from "../../core/azureCli";
import { commandFix, fixLine, ownCommand, personFix, upCommand, waitFix, type Fix } from "../../core/fix";
import { explainMissingRight } from "../../core/access/missingRight";
import { secretPolicyRefusal } from "../../core/secrets/secretPolicy";
import { shellFlag } from "../../core/sinks";
import type { StackOutputs } from "../../core/outputs/stackOutputs";
import { signInHint } from "../shared/engines/pulumiFailure";
import type { EngineFailure } from "../shared/engines/stackEngine";
import type { RotateFailure } from "./report";
import type { Wish } from "./rotationPlan";

/** Where the run was, for commands. */
export interface RunPlace {
  readonly stack: string;
  readonly outputs: StackOutputs;
  /** What the caller asked for, which the same command asks for again. */
  readonly wish: Wish;
  /** Apps that the caller named; empty for all. */
  readonly apps: readonly string[];
}

const wishFlags: Readonly<Record<Wish, readonly string[]>> = {
  due: [],
  now: ["--now"],
  leaked: ["--leaked"],
  leakedNow: ["--leaked", "--now"],
};

/** The command that was run: without its flags, the next run would have nothing to do. */
function sameCommand({ stack, wish, apps }: RunPlace): string {
  return ownCommand("rotate", stack, ...apps.map((app) => shellFlag("app", app)), ...wishFlags[wish]);
}

/** What to do about a failure of the engine's run, where the provider's message does not say it. */
export function explainFailure({ resource, message }: EngineFailure, place: RunPlace): RotateFailure {
  const failure = { subject: resource ?? null, message: message.trim() };
  const fixes = fixesFor(message, resource, place);
  return fixes.length === 0 ? failure : { ...failure, fixes };
}

function fixesFor(message: string, resource: string | undefined, place: RunPlace): readonly Fix[] {
  const { stack, outputs } = place;
  const app = appOf(resource, outputs);
  const kind = outputs.apps[app]?.signIn === "certificate" ? "certificate" : "secret";
  const policy = secretPolicyRefusal(kind, message, app, outputs.rotation);
  if (policy !== undefined) return [personFix("rotate.policy", `${policy.reason} ${policy.repair}`)];
  const missing = explainMissingRight(message);
  if (missing !== undefined) {
    return [personFix("rotate.right", `${missing} A right that is new needs up to ten minutes.`)];
  }
  const untrusted = signInHint(message);
  if (untrusted !== undefined) return [personFix("rotate.untrusted", untrusted)];
  const again = sameCommand(place);
  if (/AADSTS7000215/.test(message)) {
    return [
      /Entra refused the new client secret/.test(message)
        ? commandFix(
            "rotate.again",
            "It had not reached every replica of Entra in time. The next run makes another",
            again,
          )
        : personFix(
            "rotate.own-secret",
            "The identity that runs this signs in with a wrong client secret: correct ARM_CLIENT_SECRET.",
          ),
    ];
  }
  if (/ForbiddenByFirewall|ForbiddenByConnection/.test(message)) {
    return [
      personFix(
        "rotate.firewall",
        "The vault's firewall refuses this machine: add its address to copilot-token:vault.allowedIpRanges, or run inside the vault's network.",
      ),
    ];
  }
  if (/ParentResourceNotFound/.test(message)) {
    return [
      commandFix(
        "rotate.vault-gone",
        "The vault is gone. Recover it; the next run makes another secret",
        vaultRecovery(outputs.vaultName),
        again,
      ),
    ];
  }
  if (/ObjectIsDeletedButRecoverable|currently in a deleted but recoverable state/.test(message)) {
    return [
      waitFix(
        "rotate.secret-deleted",
        "The secret was deleted in the vault, and Azure was still recovering it. Run the command again.",
      ),
    ];
  }
  if (/already exists/i.test(message)) {
    return [
      commandFix(
        "run.already-exists",
        "The next run adopts what is this stack's, and tells whose the rest is",
        upCommand(stack),
      ),
    ];
  }
  return [];
}

/** Resources are named for their app, credentials with a number behind. */
function appOf(resource: string | undefined, outputs: StackOutputs): string {
  const names = Object.keys(outputs.apps);
  return (
    names.find((name) => resource === name || resource?.startsWith(`${name}-`) === true) ?? names[0] ?? ""
  );
}

/** A failure for people, its fixes below it. */
export function failureText({ subject, message, fixes = [] }: RotateFailure): string {
  const what = `${subject === null ? "" : `${subject}: `}${message}`;
  return [what, ...fixes.map((fix) => `-> ${fixLine(fix)}`)].join("\n");
}
