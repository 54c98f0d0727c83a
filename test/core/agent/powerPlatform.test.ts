import { clouds } from "../../../core/cloud/clouds";
import { describe, expect, it } from "vitest";
import { OperatorError } from "../../../core/errors";
import {
  chooseVirtualAgentsService,
  isAgentSchemaName,
  isEnvironmentId,
  isPublisherPrefix,
  secretTags,
  virtualAgentsServiceName,
  type ServicePrincipalCandidate,
} from "../../../core/agent/powerPlatform";

const { microsoftTenantId } = clouds.public;
const environmentId = "7d0a2c64-58f1-4e39-9b07-c3e5a1f8d246";

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof OperatorError) return error.code;
    throw error;
  }
  return "none";
}

describe("secretTags", () => {
  it("names each agent with its environment", () => {
    expect(secretTags({ environmentId, agents: ["contoso_a", "contoso_b"] })).toEqual({
      AllowedBots: `${environmentId}/contoso_a,${environmentId}/contoso_b`,
    });
  });

  it("allows the whole environment when no agent is named", () => {
    expect(secretTags({ environmentId, agents: [] })).toEqual({ AllowedEnvironments: environmentId });
  });

  it.each([
    [256, "none"],
    [257, "POWER_PLATFORM_TAG_TOO_LONG"],
  ])("with a value of %i characters fails with: %s", (length, code) => {
    const agent = `contoso_${"x".repeat(length - `${environmentId}/contoso_`.length)}`;
    expect(codeOf(() => secretTags({ environmentId, agents: [agent] }))).toBe(code);
  });
});

describe("chooseVirtualAgentsService", () => {
  const genuine: ServicePrincipalCandidate = {
    objectId: "57c2f8b0-e649-4d3a-a18b-9d7e5c0f2a86",
    displayName: virtualAgentsServiceName,
    applicationTenantId: microsoftTenantId,
  };
  const impostor = {
    ...genuine,
    objectId: "11c2f8b0-e649-4d3a-a18b-9d7e5c0f2a11",
    applicationTenantId: environmentId,
  };
  const second = { ...genuine, objectId: "22c2f8b0-e649-4d3a-a18b-9d7e5c0f2a22" };
  const other = { ...genuine, displayName: "Power Virtual Agents" };

  it.each([
    ["alone", [genuine]],
    ["beside an impostor", [impostor, genuine]],
    ["beside another name", [other, genuine]],
  ])("takes Microsoft's own, %s", (_, candidates) => {
    expect(chooseVirtualAgentsService(clouds.public, candidates)).toBe(genuine.objectId);
  });

  it.each([
    ["POWER_PLATFORM_SERVICE_MISSING", []],
    ["POWER_PLATFORM_SERVICE_MISSING", [other]],
    ["POWER_PLATFORM_SERVICE_IMPOSTOR", [impostor]],
    ["POWER_PLATFORM_SERVICE_AMBIGUOUS", [genuine, second]],
  ])("refuses with %s", (code, candidates) => {
    expect(codeOf(() => chooseVirtualAgentsService(clouds.public, candidates))).toBe(code);
  });

  it("offers the override whenever it refuses", () => {
    for (const candidates of [[], [impostor], [genuine, second]]) {
      expect(() => chooseVirtualAgentsService(clouds.public, candidates)).toThrow(
        "pulumi config set --path copilot-token:powerPlatform.virtualAgentsServiceObjectId",
      );
    }
  });
});

describe("names of Power Platform", () => {
  it.each([
    ["cr", true],
    ["contoso1", true],
    ["c", false],
    ["contoso12", false],
    ["1abc", false],
    ["MsCrmA", false],
    ["a_b", false],
  ])("prefix %s: %s", (text, valid) => {
    expect(isPublisherPrefix(text)).toBe(valid);
  });

  it.each([
    [environmentId, true],
    [`Default-${environmentId}`, true],
    ["https://contoso.crm.dynamics.com", false],
    [`${environmentId}0`, false],
  ])("environment %s: %s", (text, valid) => {
    expect(isEnvironmentId(text)).toBe(valid);
  });

  it.each([
    ["contoso_helpdesk", true],
    ["copilots_header_cref7_LookupDataAgent", true],
    ["helpdesk", false],
    ["contoso_help desk", false],
    ["contoso_a,contoso_b", false],
  ])("agent %s: %s", (text, valid) => {
    expect(isAgentSchemaName(text)).toBe(valid);
  });
});
