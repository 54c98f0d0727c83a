import type { Cloud } from "../cloud/clouds";
import { servicePrincipalCreation } from "../azureCli";
import { commandFix, fixLine, personFix, type Fix } from "../fix";
import { OperatorError } from "../errors";

/** Client ID of Dataverse, which reads secret environment variables for flows; the same in every tenant. */
export const dataverseClientId = "00000007-0000-0000-c000-000000000000";

/**
 * The enterprise application that reads secret environment variables for topics. Its client ID is not
 * published consistently, so it is looked up by this name and judged by {@link chooseVirtualAgentsService}.
 *
 * @see https://learn.microsoft.com/power-apps/maker/data-platform/environmentvariables-azure-key-vault-secrets (read 2026-11)
 */
export const virtualAgentsServiceName = "Power Virtual Agents Service";

/** Key Vault refuses a longer tag value. */
const longestTagValue = 256;

/** Whether Dataverse takes it as a publisher's customization prefix: 2 to 8 letters and digits, a letter first. */
export function isPublisherPrefix(text: string): boolean {
  return /^[a-zA-Z][a-zA-Z0-9]{1,7}$/.test(text) && !/^mscrm/i.test(text);
}

/** Whether it is a Power Platform environment's ID: a GUID, or `Default-` and the tenant's GUID. */
export function isEnvironmentId(text: string): boolean {
  return /^(Default-)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}

/** Whether it is an agent's schema name, such as `contoso_helpdesk`: a prefix, an underscore, a name. */
export function isAgentSchemaName(text: string): boolean {
  return /^[a-zA-Z][a-zA-Z0-9]*_[a-zA-Z0-9_-]{1,90}$/.test(text);
}

/** Who may use a secret in topics. */
export interface AllowedAgents {
  readonly environmentId: string;
  /** Schema names of agents; an empty list means every agent of the environment. */
  readonly agents: readonly string[];
}

/**
 * The tags without which a topic may not read a secret. They belong on every version of the vault secret,
 * since the one that is current is the one that is asked.
 *
 * @returns `AllowedBots`, `{environmentId}/{agentSchemaName}` parted by commas, when agents are named;
 *   else `AllowedEnvironments`.
 * @throws {OperatorError} `POWER_PLATFORM_TAG_TOO_LONG` when Key Vault could not hold the value.
 * @see https://learn.microsoft.com/power-apps/maker/data-platform/environmentvariables-azure-key-vault-secrets (read 2026-11)
 */
export function secretTags({ environmentId, agents }: AllowedAgents): Record<string, string> {
  if (agents.length === 0) return { AllowedEnvironments: environmentId };
  const value = agents.map((agent) => `${environmentId}/${agent}`).join(",");
  if (value.length > longestTagValue) {
    throw new OperatorError(
      "POWER_PLATFORM_TAG_TOO_LONG",
      `The tag AllowedBots for ${agents.length} agents would have ${value.length} characters; Key Vault takes ` +
        `${longestTagValue}. Name fewer agents in copilot-token:powerPlatform.agents, or none to allow every ` +
        "agent of the environment.",
    );
  }
  return { AllowedBots: value };
}

const dataverseFix = commandFix(
  "power-platform.dataverse",
  "It appears with the first Dataverse environment. An administrator can make it",
  servicePrincipalCreation(dataverseClientId),
);

/**
 * Demands the service principal that reads secrets for flows.
 *
 * @param objectId Of Dataverse's service principal in this tenant, if there is one.
 * @throws {OperatorError} `POWER_PLATFORM_DATAVERSE_MISSING`.
 */
export function chooseDataverse(objectId: string | undefined): string {
  if (objectId !== undefined) return objectId;
  throw new OperatorError(
    "POWER_PLATFORM_DATAVERSE_MISSING",
    `Dataverse (client ID ${dataverseClientId}) has no service principal in this tenant, so no flow could read ` +
      `the secret. ${fixLine(dataverseFix)}`,
  );
}

/** What to do about a service of Power Platform that is not in the tenant, or not Microsoft's. */
export function powerPlatformFix({ code }: OperatorError): Fix {
  return code === "POWER_PLATFORM_DATAVERSE_MISSING"
    ? dataverseFix
    : personFix("power-platform.services", "Do what the message says.");
}

/** A service principal as `azuread.getServicePrincipal` and Microsoft Graph describe it. */
export interface ServicePrincipalCandidate {
  readonly objectId: string;
  readonly displayName: string;
  /** The tenant that owns the application: anyone can register one of any name in their own tenant. */
  readonly applicationTenantId: string;
}

/**
 * Finds the one service principal that may be trusted with a secret on behalf of topics.
 *
 * @param candidates Service principals of that name in this tenant.
 * @returns Its object ID.
 * @throws {OperatorError} `POWER_PLATFORM_SERVICE_MISSING`, `POWER_PLATFORM_SERVICE_IMPOSTOR` when only
 *   applications of other owners bear the name, `POWER_PLATFORM_SERVICE_AMBIGUOUS`.
 */
export function chooseVirtualAgentsService(
  { microsoftTenantId }: Pick<Cloud, "microsoftTenantId">,
  candidates: readonly ServicePrincipalCandidate[],
): string {
  const named = candidates.filter(({ displayName }) => displayName === virtualAgentsServiceName);
  const genuine = named.filter(({ applicationTenantId }) => applicationTenantId === microsoftTenantId);
  const [only] = genuine;
  if (only !== undefined && genuine.length === 1) return only.objectId;
  if (genuine.length > 1) {
    throw new OperatorError(
      "POWER_PLATFORM_SERVICE_AMBIGUOUS",
      `${genuine.length} enterprise applications of Microsoft are called "${virtualAgentsServiceName}" ` +
        `(${genuine.map(({ objectId }) => objectId).join(", ")}), so it is unclear which one reads secrets. ${override}`,
    );
  }
  if (named.length > 0) {
    throw new OperatorError(
      "POWER_PLATFORM_SERVICE_IMPOSTOR",
      `"${virtualAgentsServiceName}" (${named.map(({ objectId }) => objectId).join(", ")}) is not Microsoft's: its ` +
        `application belongs to tenant ${named.map((each) => each.applicationTenantId).join(", ")}, ` +
        `not ${microsoftTenantId}. It gets no right to the secret. ${override}`,
    );
  }
  throw serviceMissing(`"${virtualAgentsServiceName}"`);
}

/**
 * Demands the same, in a cloud where its client ID is known.
 *
 * @param objectId Of its service principal in this tenant, if there is one.
 * @throws {OperatorError} `POWER_PLATFORM_SERVICE_MISSING`.
 */
export function demandVirtualAgentsService(clientId: string, objectId: string | undefined): string {
  if (objectId !== undefined) return objectId;
  throw serviceMissing(`of Copilot Studio (client ID ${clientId})`);
}

function serviceMissing(which: string): OperatorError {
  return new OperatorError(
    "POWER_PLATFORM_SERVICE_MISSING",
    `No enterprise application ${which} is in this tenant. It appears when the first agent is made in Copilot Studio. ${override}`,
  );
}

const override =
  "To name it yourself: pulumi config set --path " +
  "copilot-token:powerPlatform.virtualAgentsServiceObjectId <object ID>";
