import { describe, expect, it } from "vitest";
import { otherClouds, refuseOtherClouds } from "../../../core/access/cloud";
import { judgeBootstrapConfig } from "../../../core/settings/bootstrapSettings";
import { judgeStackConfig } from "../../../core/settings/stackConfig";

const keysOf = (given: Record<string, string>): string[] => otherClouds(given).map(({ key }) => key);

describe("otherClouds", () => {
  it.each([
    {},
    { "azuread:environment": "public", "azure-native:environment": "public" },
    { ARM_ENVIRONMENT: "Public", AZURE_AUTHORITY_HOST: "https://login.microsoftonline.com/" },
    { "azuread:environment": "global", AZURE_ENVIRONMENT: "AzureCloud", ARM_METADATA_HOSTNAME: "" },
  ])("finds none in %j", (given) => {
    expect(otherClouds(given)).toEqual([]);
  });

  it.each([
    ["azuread:environment", "usgovernment"],
    ["azure-native:environment", "china"],
    ["ARM_ENVIRONMENT", "dod"],
    ["AZURE_ENVIRONMENT", "AzureUSGovernment"],
    ["AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us"],
    ["AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com.evil.example"],
    ["ARM_METADATA_HOSTNAME", "management.usgovcloudapi.net"],
    ["azure-native:metadataHost", "evil.example"],
    ["azuread:metadataHost", "management.azure.com.evil.example"],
  ])("names %s: %s", (key, value) => {
    expect(keysOf({ [key]: value })).toEqual([key]);
  });

  it("names each of two that disagree, with its value", () => {
    const given = { "azuread:environment": "usgovernment", ARM_ENVIRONMENT: "china" };
    expect(otherClouds(given).map(({ key, value }) => `${key} ${value}`)).toEqual([
      "azuread:environment usgovernment",
      "ARM_ENVIRONMENT china",
    ]);
    expect(() => {
      refuseOtherClouds(given);
    }).toThrow(/azuread:environment="usgovernment", ARM_ENVIRONMENT="china": nothing was sent/);
  });

  it.each([
    "azuread:oidcRequestUrl",
    "azure-native:oidcRequestUrl",
    "azuread:msiEndpoint",
    "azure-native:msiEndpoint",
  ])("a stack file may not choose where a provider signs in: %s", (key) => {
    const values = { "azure-native:location": "westeurope", [key]: "https://evil.example/" };
    for (const judge of [judgeStackConfig, judgeBootstrapConfig]) {
      const fault = judge({ project: "copilot-token", values }).faults.find((one) => one.key === key);
      expect(fault).toMatchObject({
        code: "SIGN_IN_ADDRESS_SET",
        repair: `pulumi config rm --path '${key}'`,
      });
    }
  });

  it("is part of the verdict on a stack file, with the run's variables", () => {
    const config = { project: "p", values: { "azure-native:location": "usgovvirginia" } };
    expect(judgeStackConfig(config).faults).toEqual([]);
    const { faults } = judgeStackConfig(config, { ARM_ENVIRONMENT: "usgovernment" });
    expect(faults.map(({ code, key }) => [code, key])).toEqual([["CLOUD_UNSUPPORTED", "ARM_ENVIRONMENT"]]);
  });
});
