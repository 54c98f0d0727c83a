import { describe, expect, it } from "vitest";
import { CloudName, clouds } from "../../../core/cloud/clouds";
import { cloudNames, clouds as emulated } from "../../../emulator/tenant/clouds";

describe("the emulator's clouds", () => {
  it("are those of the product", () => {
    expect([...cloudNames]).toEqual(Object.values(CloudName));
  });

  it.each([...cloudNames])("are where the product's are: %s", (name) => {
    const own = clouds[name];
    const { authority, issuers, graph, resourceManager, resourceManagerAudience, ...other } = emulated[name];
    expect({ authority, issuers, graph, resourceManager, resourceManagerAudience }).toEqual({
      authority: own.authority,
      issuers: own.issuers,
      graph: own.graph,
      resourceManager: own.resourceManager,
      resourceManagerAudience: own.resourceManagerAudience,
    });
    expect([
      other.azureName,
      other.vaultSuffix,
      other.logicAppSuffix,
      other.exchangeAudience,
      other.serviceSubject,
      other.powerApps,
      other.sharePointSuffix,
      other.dataverseDomain,
      other.exchangeOnline,
      other.officeManagement,
      other.microsoftTenantId,
    ]).toEqual([
      own.azureCli,
      own.vaultSuffix,
      own.logicAppSuffix,
      own.exchangeAudience,
      own.managedIdentitySubject,
      own.powerApps,
      own.sharePointSuffix,
      own.dataverseDomain,
      own.apis["Office365ExchangeOnline"]?.audience,
      own.apis["Office365Management"]?.audience,
      own.microsoftTenantId,
    ]);
    if (own.copilotStudioClientId !== undefined) {
      expect(other.copilotStudioClientId).toBe(own.copilotStudioClientId);
    }
  });
});
