import { shellFlag, shellWord } from "../../../core/sinks";
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
  const faults = disagreements(app, secret, stack.now);
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
      repair: first.repair,
    };
  }
  return { status: "pass", summary: `${app.outputs.secretName} is readable, enabled and in date`, evidence };
}

interface Disagreement {
  readonly summary: string;
  readonly repair: string;
}

function disagreements(app: SecretAppEvidence, secret: SecretSeen, now: Date): Disagreement[] {
  const { credential, clientId, secretName } = app.outputs;
  const { tags } = secret;
  const refresh =
    "Take fresh outputs (pulumi stack output --json). If they say the same, run pulumi up, which publishes again.";
  const rotate = `Publish a new one: npm run rotate -- ${shellFlag("app", app.name)} --now`;
  const found: Disagreement[] = [];
  if (!secret.enabled) {
    found.push({ summary: `${secretName} is disabled`, repair: enableCommand(app) });
  }
  if (secret.valueLooksLike !== "a client secret") {
    found.push({
      summary: `its value looks like ${secret.valueLooksLike}, not like a client secret`,
      repair: `Somebody wrote into the vault by hand (a GUID is the secret's ID, not its value). ${rotate}`,
    });
  }
  if (secret.expiresAt !== undefined && secret.expiresAt <= now) {
    found.push({ summary: `it expired at ${isoSeconds(secret.expiresAt)}`, repair: rotate });
  }
  if (tags["keyId"] !== credential.keyId) {
    found.push({ summary: keyDisagreement(tags, credential), repair: refresh });
  } else if (secret.expiresAt?.getTime() !== wholeSeconds(credential.endsAt)) {
    const expires = secret.expiresAt === undefined ? "no expiry" : isoSeconds(secret.expiresAt);
    found.push({ summary: `the vault says ${expires}, the outputs ${credential.endsAt}`, repair: refresh });
  }
  if (tags["clientId"] !== clientId) {
    found.push({
      summary: `it is tagged for client ${tags["clientId"] ?? "(none)"}, the outputs name ${clientId}`,
      repair: `Are these outputs another stack's? ${refresh}`,
    });
  }
  return [...found, ...directoryDisagreement(app, rotate)];
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

function directoryDisagreement(app: SecretAppEvidence, rotate: string): Disagreement[] {
  if (!app.directory.known) return [];
  const { keyId, endsAt } = app.outputs.credential;
  const live = app.directory.value.application?.passwordCredentials.find((one) => one.keyId === keyId);
  if (live === undefined) {
    return [{ summary: `the app has no credential ${keyId} any more`, repair: rotate }];
  }
  const end = live.endDateTime ?? "";
  return wholeSeconds(end) === wholeSeconds(endsAt)
    ? []
    : [{ summary: `Entra ends credential ${keyId} at ${end}, the outputs at ${endsAt}`, repair: rotate }];
}

/** Graph writes fractions of a second, the vault has none. */
function wholeSeconds(instant: string): number {
  return Math.floor(Date.parse(instant) / 1000) * 1000;
}

function enableCommand({ outputs }: SecretAppEvidence): string {
  return `az keyvault secret set-attributes --enabled true --id <vault>/secrets/${shellWord(outputs.secretName)}`;
}

function unreadable(app: SecretAppEvidence, stack: StackEvidence, error: OperatorError): Finding {
  const { summary, repair } = explainRefusal(app, stack, error);
  return {
    status: "fail",
    summary,
    evidence: { vault: stack.outputs.vaultName, secretName: app.outputs.secretName, ...refusalFacts(error) },
    repair,
  };
}

function explainRefusal(app: SecretAppEvidence, stack: StackEvidence, error: OperatorError): Disagreement {
  const { vaultName } = stack.outputs;
  const { secretName, secretResourceId } = app.outputs;
  if (error instanceof ConnectionError && error.code === "HOST_UNKNOWN") {
    return {
      summary: error.message,
      repair: `Is the vault deleted, or are the outputs another stack's? az keyvault list-deleted --query "[?name=='${vaultName}']"`,
    };
  }
  if (!(error instanceof ServiceRefusal)) {
    return { summary: error.message, repair: "Repair what the message names, then run again." };
  }
  const words = `${error.status} ${error.serviceCode}`;
  switch (error.serviceCode) {
    case "SecretNotFound":
      return {
        summary: `the vault ${vaultName} has no secret ${secretName} (${words})`,
        repair:
          `If it was deleted: az keyvault secret recover ${shellFlag("vault-name", vaultName)} ${shellFlag("name", secretName)}. ` +
          "If it never was: pulumi up. If both are no help, the outputs are another stack's.",
      };
    case "SecretDisabled":
      return { summary: `${secretName} is disabled (${words})`, repair: enableCommand(app) };
    case "ForbiddenByRbac":
      return forbiddenByRole(app, stack, secretResourceId);
    case "ForbiddenByFirewall":
      return {
        summary: `the vault's firewall refuses this address (${words}): ${error.detail}`,
        repair: "Add that address to copilot-token:vault.allowedIpRanges and run pulumi up.",
      };
    case "ForbiddenByConnection":
      return {
        summary: `the vault takes no public connections (${words}): ${error.detail}`,
        repair:
          "Run this inside the vault's network, or allow its address: copilot-token:vault.allowedIpRanges",
      };
    default:
      return { summary: error.message, repair: "Repair what the message names, then run again." };
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
    repair: `Add { id: ${caller}, type: ServicePrincipal } to ${configKey(["apps", app.name, "readers"])} and run pulumi up; or: az role assignment create --role "${azureRoles.secretsUser.name}" --assignee-object-id ${caller} ${shellFlag("scope", scope)}`,
  };
}
