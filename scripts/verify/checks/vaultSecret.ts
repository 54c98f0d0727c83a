import { secretRecovery, vaultRecovery } from "../../../core/azureCli";
import { commandFix, onStack, ownCommand, personFix, refreshCommand, type Fix } from "../../../core/fix";
import { shellFlag } from "../../../core/sinks";
import { azureRoles } from "../../../core/access/azureRoles";
import type { OperatorError } from "../../../core/errors";
import { configKey } from "../../../core/settings/settingsFaults";
import type { SecretAppEvidence, SecretSeen, StackEvidence } from "../evidence";
import type { Finding } from "../report";
import { actsAt } from "../../../azure/arm";
import { ConnectionError } from "../../../azure/connectionError";
import { ServiceRefusal } from "../../../azure/serviceRefusal";
import { isoSeconds, refusalFacts } from "./explain";

/** `vault-secret`: readable by the caller, enabled, in date, and the one that outputs and directory name. */
export function checkVaultSecret(app: SecretAppEvidence, stack: StackEvidence): Finding {
  if (!app.secret.known) return unreadable(app, stack, app.secret.error);
  const secret = app.secret.value;
  const faults = disagreements(app, secret, stack);
  const evidence = {
    vault: stack.outputs.vaultName,
    secretName: app.outputs.secretName,
    version: secret.version,
    keyId: secret.tags["keyId"] ?? null,
    sequence: secret.tags["sequence"] ?? null,
    expiresAt: secret.expiresAt === undefined ? null : isoSeconds(secret.expiresAt),
    ...(secret.waitedSeconds > 0 ? { waitedSeconds: secret.waitedSeconds } : {}),
  };
  const [first] = faults;
  if (first !== undefined) {
    return {
      status: "fail",
      summary: faults.map(({ summary }) => summary).join("; "),
      evidence,
      fixes: first.fixes,
    };
  }
  return { status: "pass", summary: `${app.outputs.secretName} is readable, enabled and in date`, evidence };
}

interface Disagreement {
  readonly summary: string;
  readonly fixes: readonly Fix[];
}

function disagreements(app: SecretAppEvidence, secret: SecretSeen, stack: StackEvidence): Disagreement[] {
  const { credential, clientId, secretName } = app.outputs;
  const { tags } = secret;
  const found: Disagreement[] = [];
  if (!secret.enabled) found.push(disabled(stack, `${secretName} is disabled`));
  const expected = app.kind === "secret" ? "a client secret" : "the address of a key";
  if (
    secret.valueLooksLike !== expected ||
    (app.kind === "certificate" && secret.keyUri !== tags["keyUri"])
  ) {
    found.push({
      summary:
        secret.valueLooksLike === expected
          ? "it names another key than its tags do"
          : `its value looks like ${secret.valueLooksLike}, not like ${expected}`,
      fixes: [
        commandFix(
          "secret.not-a-secret",
          "The vault secret was written outside Pulumi (a GUID is the secret's ID, not its value). Publish a new one",
          rotateNow(app, stack),
        ),
      ],
    });
  }
  if (secret.expiresAt !== undefined && secret.expiresAt <= stack.now) {
    found.push({
      summary: `it expired at ${isoSeconds(secret.expiresAt)}`,
      fixes: [commandFix("secret.expired", "Publish a new one", rotateNow(app, stack))],
    });
  }
  if (tags["keyId"] !== credential.keyId) {
    found.push({ summary: keyDisagreement(tags, credential), fixes: [keyFix(tags, app, stack)] });
  } else if (secret.expiresAt?.getTime() !== wholeSeconds(credential.endsAt)) {
    const expires = secret.expiresAt === undefined ? "no expiry" : isoSeconds(secret.expiresAt);
    found.push({
      summary: `the vault says ${expires}, the outputs ${credential.endsAt}`,
      fixes: [restoreSecret(stack)],
    });
  }
  if (tags["clientId"] !== clientId) {
    found.push({
      summary: `it is tagged for client ${tags["clientId"] ?? "(none)"}, the outputs name ${clientId}`,
      fixes: [
        personFix(
          "secret.other-app",
          "See whether these outputs are another stack's, and who wrote the secret before you publish over it.",
        ),
      ],
    });
  }
  return [...found, ...directoryDisagreement(app, stack)];
}

function rotateNow({ name }: SecretAppEvidence, { stackName }: StackEvidence): string {
  return ownCommand("rotate", stackName, shellFlag("app", name), "--now");
}

/** The stack publishes what it holds once more. */
function restoreSecret({ stackName }: StackEvidence): Fix {
  return commandFix(
    "secret.older",
    "The vault secret was changed outside Pulumi. Publish the stack's own again",
    refreshCommand(stackName),
  );
}

function keyFix(
  tags: SecretSeen["tags"],
  { outputs: { credential } }: SecretAppEvidence,
  stack: StackEvidence,
): Fix {
  if (Number(tags["sequence"]) <= credential.sequence) return restoreSecret(stack);
  return commandFix(
    "secret.outputs-older",
    "Take fresh outputs, and verify with --outputs outputs.json",
    `${onStack("pulumi stack output --json", stack.stackName)} > outputs.json`,
  );
}

function disabled({ stackName }: StackEvidence, summary: string): Disagreement {
  return {
    summary,
    fixes: [
      commandFix(
        "secret.disabled",
        "Find out why. If it can be trusted, enable it again",
        refreshCommand(stackName),
      ),
    ],
  };
}

function keyDisagreement(tags: SecretSeen["tags"], credential: { keyId: string; sequence: number }): string {
  const vaultSequence = Number(tags["sequence"]);
  const why =
    vaultSequence > credential.sequence
      ? ": the outputs are older than the last rotation"
      : vaultSequence < credential.sequence
        ? ": the last rotation was not published"
        : "";
  return (
    `the vault holds keyId ${tags["keyId"] ?? "(no tag)"} (sequence ${tags["sequence"] ?? "unknown"}), ` +
    `the outputs name ${credential.keyId} (sequence ${credential.sequence})${why}`
  );
}

function directoryDisagreement(app: SecretAppEvidence, stack: StackEvidence): Disagreement[] {
  if (!app.directory.known) return [];
  const { keyId, endsAt } = app.outputs.credential;
  const fixes = [commandFix("secret.not-in-entra", "Publish a new one", rotateNow(app, stack))];
  const list = app.kind === "secret" ? "passwordCredentials" : "keyCredentials";
  const live = app.directory.value.application?.[list].find((one) => one.keyId === keyId);
  if (live === undefined) return [{ summary: `the app has no credential ${keyId} any more`, fixes }];
  const end = live.endDateTime ?? "";
  return wholeSeconds(end) === wholeSeconds(endsAt)
    ? []
    : [{ summary: `Entra ends credential ${keyId} at ${end}, the outputs at ${endsAt}`, fixes }];
}

/** Graph writes fractions of a second, the vault has none. */
function wholeSeconds(instant: string): number {
  return Math.floor(Date.parse(instant) / 1000) * 1000;
}

function unreadable(app: SecretAppEvidence, stack: StackEvidence, error: OperatorError): Finding {
  const { summary, fixes } = explainRefusal(app, stack, error);
  return {
    status: "fail",
    summary,
    evidence: { vault: stack.outputs.vaultName, secretName: app.outputs.secretName, ...refusalFacts(error) },
    fixes,
  };
}

function explainRefusal(app: SecretAppEvidence, stack: StackEvidence, error: OperatorError): Disagreement {
  const { vaultName } = stack.outputs;
  const { secretName, secretResourceId } = app.outputs;
  const refresh = refreshCommand(stack.stackName);
  // Azure's hosts of vaults that are gone do not resolve; behind a proxy that is an answer.
  const isGone =
    (error instanceof ConnectionError && error.code === "HOST_UNKNOWN") ||
    (error instanceof ServiceRefusal && error.serviceCode === "VaultNotFound");
  if (isGone) {
    return {
      summary: error.message,
      fixes: [
        commandFix(
          "secret.vault-gone",
          "If the vault was deleted, and the outputs are no other stack's, recover it",
          vaultRecovery(vaultName),
        ),
      ],
    };
  }
  const unknown = personFix("secret.unreadable", "Correct what the message names, then run this again.");
  if (!(error instanceof ServiceRefusal)) return { summary: error.message, fixes: [unknown] };
  const words = `${error.status} ${error.serviceCode}`;
  switch (error.serviceCode) {
    case "SecretNotFound":
      return {
        summary: `the vault ${vaultName} has no secret ${secretName} (${words})`,
        fixes: [
          commandFix("secret.deleted", "If it was deleted", secretRecovery(vaultName, secretName)),
          commandFix("secret.never-made", "If it was purged or never made", refresh),
        ],
      };
    case "SecretDisabled":
      return disabled(stack, `${secretName} is disabled (${words})`);
    case "ForbiddenByRbac":
      return forbiddenByRole(app, stack, secretResourceId);
    case "ForbiddenByFirewall":
      return {
        summary: `the vault's firewall refuses this address (${words}): ${error.detail}`,
        fixes: [
          personFix(
            "secret.firewall",
            "Verify from an address that the vault lets in, or add this one to copilot-token:vault.allowedIpRanges and run pulumi up.",
          ),
        ],
      };
    case "ForbiddenByConnection":
      return {
        summary: `the vault takes no public connections (${words}): ${error.detail}`,
        fixes: [
          commandFix(
            "secret.private",
            "It was closed outside Pulumi. Unless the change is intended",
            refresh,
          ),
        ],
      };
    default:
      return { summary: error.message, fixes: [unknown] };
  }
}

function forbiddenByRole(app: SecretAppEvidence, stack: StackEvidence, scope: string): Disagreement {
  const caller = stack.callerObjectId ?? "<your object id>";
  const held =
    stack.vaultRoles.known &&
    stack.vaultRoles.value.some(
      ({ properties }) => properties.principalId === stack.callerObjectId && actsAt(properties.scope, scope),
    );
  return {
    summary:
      `the caller, object ${caller} (${stack.callerDescription}), may not read ${app.outputs.secretName} ` +
      `(403 ForbiddenByRbac)${held ? ", although a role assignment is there: it had not reached the vault" : ""}`,
    fixes: [
      personFix(
        "secret.role",
        `Verify as one of the secret's readers, or make this identity one: { id: ${caller}, type: ServicePrincipal } in ` +
          `${configKey(["apps", app.name, "readers"])}, which gives it ${azureRoles.secretsUser.name}, then pulumi up.`,
      ),
    ],
  };
}
