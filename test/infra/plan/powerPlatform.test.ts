import { clouds } from "../../../core/cloud/clouds";
import { describe, expect, it } from "vitest";
import { dataverseClientId, virtualAgentsServiceName } from "../../../core/agent/powerPlatform";
import { findPowerPlatformAccess } from "../../../infra/plan/powerPlatform";
import { guid } from "../../support/azureMocks";
import { fakeDirectory, type DirectoryContents } from "../../support/fakeDirectory";

const environmentId = guid("e4");
const importer = { id: guid("1a"), type: "User" as const };
const genuine = {
  objectId: "virtual-agents-sp",
  displayName: virtualAgentsServiceName,
  applicationTenantId: clouds.public.microsoftTenantId,
};
const tenant: DirectoryContents = {
  principals: { [dataverseClientId]: "dataverse-sp" },
  named: { [virtualAgentsServiceName]: [genuine] },
};
const settings = { agents: [], importers: [] };

describe("findPowerPlatformAccess", () => {
  it("gives no access, and looks nothing up, without an environment", async () => {
    const { directory, asked } = fakeDirectory();
    expect(await findPowerPlatformAccess(clouds.public, settings, directory)).toEqual({
      tags: {},
      readers: [],
    });
    expect(asked).toEqual([]);
  });

  it("lets Dataverse, Microsoft's agent service and the importers read", async () => {
    const access = await findPowerPlatformAccess(
      clouds.public,
      { ...settings, environmentId, importers: [importer] },
      fakeDirectory(tenant).directory,
    );
    expect(access).toEqual({
      tags: { AllowedEnvironments: environmentId },
      readers: [
        { id: "dataverse-sp", type: "ServicePrincipal" },
        { id: "virtual-agents-sp", type: "ServicePrincipal" },
        importer,
      ],
    });
  });

  it("allows the agents named and no others", async () => {
    const access = await findPowerPlatformAccess(
      clouds.public,
      { ...settings, environmentId, agents: ["contoso_help", "contoso_sales"] },
      fakeDirectory(tenant).directory,
    );
    expect(access.tags).toEqual({
      AllowedBots: `${environmentId}/contoso_help,${environmentId}/contoso_sales`,
    });
  });

  it("takes the agent service that the settings name, and looks for none", async () => {
    const { directory, asked } = fakeDirectory({ ...tenant, named: {} });
    const virtualAgentsServiceObjectId = guid("0b");
    const access = await findPowerPlatformAccess(
      clouds.public,
      { ...settings, environmentId, virtualAgentsServiceObjectId },
      directory,
    );
    expect(access.readers.map(({ id }) => id)).toEqual(["dataverse-sp", virtualAgentsServiceObjectId]);
    expect(asked).toEqual([`service principal of ${dataverseClientId}`]);
  });

  it.each([
    ["POWER_PLATFORM_DATAVERSE_MISSING", { ...tenant, principals: {} }],
    ["POWER_PLATFORM_SERVICE_MISSING", { ...tenant, named: {} }],
    [
      "POWER_PLATFORM_SERVICE_IMPOSTOR",
      {
        ...tenant,
        named: { [virtualAgentsServiceName]: [{ ...genuine, applicationTenantId: guid("bad") }] },
      },
    ],
    [
      "POWER_PLATFORM_SERVICE_AMBIGUOUS",
      { ...tenant, named: { [virtualAgentsServiceName]: [genuine, { ...genuine, objectId: "second" }] } },
    ],
  ])("does not guess: %s", async (code, contents) => {
    const access = findPowerPlatformAccess(
      clouds.public,
      { ...settings, environmentId },
      fakeDirectory(contents).directory,
    );
    await expect(access).rejects.toMatchObject({ code });
  });
});
