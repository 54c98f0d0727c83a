import { commandFix, refreshCommand } from "../../../core/fix";
import { actsAt } from "../../../azure/arm";
import { secretReadingRole } from "../keyVaultRoles";
import type { SecretAppEvidence, PowerPlatformEvidence, StackEvidence } from "../evidence";
import type { Finding } from "../report";
import { notReached } from "./explain";

/** Tags by which a vault secret says whose topics may use it. */
const tagNames = ["AllowedBots", "AllowedEnvironments"] as const;

/**
 * `power-platform-secret`: the secret's current version is tagged for the environment and agents of the settings and
 * for no others, and the services that read for flows and topics have a role that lets them.
 *
 * @returns undefined where the stack gives Power Platform no access.
 * @see https://learn.microsoft.com/power-apps/maker/data-platform/environmentvariables-azure-key-vault-secrets (read 2026-11)
 */
export function checkPowerPlatformSecret(app: SecretAppEvidence, stack: StackEvidence): Finding | undefined {
  const { powerPlatform } = stack;
  if (powerPlatform === undefined) return undefined;
  if (!app.secret.known) return notReached("vault-secret");
  const { version, tags } = app.secret.value;
  const { secretName } = app.outputs;
  const services = knownServices(powerPlatform);
  const refused = services.filter(({ objectId }) => mayRead(objectId, app, stack) === false);
  const evidence = {
    version,
    ...Object.fromEntries(tagNames.map((name) => [name, tags[name] ?? null])),
    refused: refused.map(({ objectId }) => objectId),
  };
  const wrong = tagNames.filter((name) => !sameEntries(tags[name], powerPlatform.tags[name]));
  if (wrong.length > 0) {
    return {
      status: "fail",
      summary: wrong.map((name) => disagreement(name, tags[name], powerPlatform.tags[name])).join("; "),
      evidence,
      fixes: [
        commandFix(
          "power-platform.restore",
          "The settings are newer than the last run, or the vault secret was written outside Pulumi",
          refreshCommand(stack.stackName),
        ),
      ],
    };
  }
  if (refused.length > 0) {
    return {
      status: "fail",
      summary: `no role lets ${refused.map(({ name, objectId }) => `${name} (${objectId})`).join(" and ")} read ${secretName}`,
      evidence,
      fixes: [commandFix("power-platform.restore", "It was removed", refreshCommand(stack.stackName))],
    };
  }
  const tagged = Object.entries(powerPlatform.tags).map(([name, value]) => `${name} is ${value}`);
  const readers =
    stack.vaultRoles.known && services.length > 0
      ? `${services.map(({ name }) => name).join(" and ")} may read it`
      : "who may read it, the caller may not see";
  return { status: "pass", summary: `${tagged.join()}; ${readers}`, evidence };
}

/** Those of the two services that could be looked up. */
function knownServices({ services }: PowerPlatformEvidence): { name: string; objectId: string }[] {
  const { dataverse, virtualAgentsService } = services;
  return [
    ...(dataverse.known ? [{ name: "Dataverse", objectId: dataverse.value }] : []),
    ...(virtualAgentsService.known
      ? [{ name: "Power Virtual Agents Service", objectId: virtualAgentsService.value }]
      : []),
  ];
}

/** Undefined when the caller may not read role assignments. */
function mayRead(
  objectId: string,
  app: SecretAppEvidence,
  { vaultRoles }: StackEvidence,
): boolean | undefined {
  if (!vaultRoles.known) return undefined;
  return vaultRoles.value.some(
    ({ properties }) =>
      properties.principalId === objectId &&
      secretReadingRole(properties.roleDefinitionId) !== undefined &&
      actsAt(properties.scope, app.outputs.secretResourceId),
  );
}

/** The order of a tag's entries does not matter, and case does not in identifiers. */
function sameEntries(actual = "", wanted = ""): boolean {
  const sorted = (text: string): string =>
    text
      .split(",")
      .map((entry) => entry.trim().toLowerCase())
      .sort()
      .join();
  return sorted(actual) === sorted(wanted);
}

function disagreement(name: string, actual: string | undefined, wanted: string | undefined): string {
  return wanted === undefined
    ? `${name} is ${actual ?? ""}, which the settings do not ask for`
    : `${name} is ${actual ?? "missing"}, and the settings ask for ${wanted}`;
}
