import { describe, expect, it } from "vitest";
import { chooseCloud, chooseProgramCloud, refuseOtherCloud } from "../../../core/cloud/chosenCloud";
import { clouds } from "../../../core/cloud/clouds";
import { judgeBootstrapConfig } from "../../../core/settings/bootstrapSettings";
import { judgeStackConfig } from "../../../core/settings/stackConfig";

const codesOf = ({ faults }: ReturnType<typeof chooseCloud>): string[] =>
  faults.map(({ code, key, value }) => `${code} ${key} ${value}`);

describe("chooseCloud", () => {
  it.each([
    ["public", {}],
    ["public", { ARM_ENVIRONMENT: "Public", AZURE_AUTHORITY_HOST: "https://login.microsoftonline.com/" }],
    ["public", { AZURE_ENVIRONMENT: "AzureCloud", ARM_METADATA_HOSTNAME: "" }],
    ["usgovernment", { ARM_ENVIRONMENT: "usgovernment" }],
    ["usgovernment", { ARM_ENVIRONMENT: "USGovernmentL4", AZURE_ENVIRONMENT: "AzureUSGovernment" }],
    ["usgovernment", { AZURE_AUTHORITY_HOST: "https://login.microsoftonline.us" }],
    ["usgovernmentdod", { ARM_ENVIRONMENT: "dod", AZURE_AUTHORITY_HOST: "https://login.microsoftonline.us" }],
    ["usgovernmentdod", { ARM_ENVIRONMENT: "usgovernmentl5", AZURE_ENVIRONMENT: "usgovernment" }],
    [
      "china",
      { ARM_ENVIRONMENT: "china", AZURE_AUTHORITY_HOST: "https://login.partner.microsoftonline.cn/" },
    ],
    ["china", { ARM_METADATA_HOSTNAME: "management.chinacloudapi.cn" }],
  ])("finds %s in %j", (name, given) => {
    expect(chooseCloud(given)).toEqual({ cloud: clouds[name as keyof typeof clouds], faults: [] });
  });

  it.each([
    ["azuread:environment", "canary"],
    ["ARM_ENVIRONMENT", "gcc"],
    ["ARM_ENVIRONMENT", "usgov"],
    ["azure-native:environment", "dod"],
    ["AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com.evil.example"],
    ["azure-native:metadataHost", "evil.example"],
    ["azuread:metadataHost", "management.azure.com.evil.example"],
  ])("knows no cloud in %s: %s, and then takes none but the public one", (key, value) => {
    const chosen = chooseCloud({ [key]: value });
    expect([codesOf(chosen), chosen.cloud.name]).toEqual([[`CLOUD_UNSUPPORTED ${key} ${value}`], "public"]);
  });

  it.each([
    ["gcc", /GCC tenants are in the public cloud/],
    ["gcchigh", /GCC High is called usgovernment/],
  ])("says of %s what it is", (value, reason) => {
    expect(chooseCloud({ ARM_ENVIRONMENT: value }).faults[0]?.reason).toMatch(reason);
  });

  it("refuses two that disagree, with both values", () => {
    const chosen = chooseCloud({ "azuread:environment": "usgovernment", ARM_ENVIRONMENT: "china" });
    expect(codesOf(chosen)).toEqual(["CLOUD_DIFFERS ARM_ENVIRONMENT china"]);
    expect(chosen.faults[0]?.reason).toBe(
      'azuread:environment="usgovernment" and ARM_ENVIRONMENT="china" choose different clouds.',
    );
  });
});

describe("chooseProgramCloud", () => {
  it.each([
    ["public", {}, {}],
    ["public", { "azuread:environment": "global" }, { ARM_ENVIRONMENT: "public" }],
    ["usgovernment", {}, { ARM_ENVIRONMENT: "usgovernment" }],
    [
      "usgovernment",
      { "azuread:environment": "usgovernment", "azure-native:environment": "usgovernment" },
      {},
    ],
    ["usgovernmentdod", { "azuread:environment": "dod", "azure-native:environment": "usgovernment" }, {}],
    [
      "usgovernmentdod",
      { "azure-native:environment": "usgovernment" },
      { ARM_ENVIRONMENT: "usgovernmentl5" },
    ],
    ["china", { "azuread:environment": "china" }, { ARM_ENVIRONMENT: "china" }],
  ])("finds %s in %j with %j", (name, config, environment) => {
    expect(chooseProgramCloud(config, environment)).toEqual({
      cloud: clouds[name as keyof typeof clouds],
      faults: [],
    });
  });

  it.each([
    // The one that is not told takes the public cloud.
    [{ "azuread:environment": "usgovernment" }, {}, "azure-native:environment usgovernment"],
    [{ "azure-native:environment": "china" }, {}, "azuread:environment china"],
    // azure-native knows no cloud of DoD's own, and takes what it does not know for the public one.
    [{}, { ARM_ENVIRONMENT: "dod" }, "azure-native:environment usgovernment"],
    // azuread does not read it.
    [{}, { AZURE_ENVIRONMENT: "AzureChinaCloud" }, "azuread:environment china"],
  ])("names the provider that %j with %j leaves in another cloud", (config, environment, repair) => {
    const { cloud, faults } = chooseProgramCloud(config, environment);
    expect([cloud.name, faults.map(({ code, repair: command }) => [code, command])]).toEqual([
      "public",
      [["CLOUD_DIFFERS", `pulumi config set ${repair}`]],
    ]);
  });

  it("refuses an environment that differs from the configuration", () => {
    const config = { "azuread:environment": "dod", "azure-native:environment": "usgovernment" };
    expect(codesOf(chooseProgramCloud(config, { ARM_ENVIRONMENT: "usgovernment" }))).toEqual([
      "CLOUD_DIFFERS ARM_ENVIRONMENT usgovernment",
    ]);
  });
});

describe("refuseOtherCloud", () => {
  it("lets an environment pass that says nothing, or the cloud", () => {
    expect(() => {
      refuseOtherCloud({}, clouds.china);
      refuseOtherCloud({ ARM_ENVIRONMENT: "china" }, clouds.china);
      refuseOtherCloud({ AZURE_AUTHORITY_HOST: "login.microsoftonline.us" }, clouds.usgovernmentdod);
    }).not.toThrow();
  });

  it("refuses one that says another, with what to set", () => {
    expect(() => {
      refuseOtherCloud({ ARM_ENVIRONMENT: "public" }, clouds.usgovernmentdod);
    }).toThrow(
      /^ARM_ENVIRONMENT="public" means the public cloud, and the stack is in .*DoD.*Set ARM_ENVIRONMENT=usgovernmentl5\.$/,
    );
  });
});

describe("a stack's configuration", () => {
  it.each([
    "azuread:oidcRequestUrl",
    "azure-native:oidcRequestUrl",
    "azuread:msiEndpoint",
    "azure-native:msiEndpoint",
  ])("may not choose where a provider signs in: %s", (key) => {
    const values = { "azure-native:location": "westeurope", [key]: "https://evil.example/" };
    for (const judge of [judgeStackConfig, judgeBootstrapConfig]) {
      const fault = judge({ project: "copilot-token", values }).faults.find((one) => one.key === key);
      expect(fault).toMatchObject({
        code: "SIGN_IN_ADDRESS_SET",
        repair: `pulumi config rm --path '${key}'`,
      });
    }
  });

  it("is judged with the run's variables", () => {
    const config = {
      project: "p",
      values: { "azuread:environment": "china", "azure-native:environment": "china" },
    };
    const keysOf = (environment: Record<string, string>): string[][] =>
      judgeStackConfig(config, environment).faults.map(({ code, key, repair }) => [code, key, repair]);
    expect(keysOf({})).toEqual([
      ["LOCATION_MISSING", "azure-native:location", "pulumi config set azure-native:location chinanorth3"],
    ]);
    expect(keysOf({ ARM_ENVIRONMENT: "usgovernment" }).map(([code, key]) => [code, key])).toContainEqual([
      "CLOUD_DIFFERS",
      "ARM_ENVIRONMENT",
    ]);
  });

  it("has no audience and no region of another cloud", () => {
    const values = {
      "azuread:environment": "usgovernment",
      "azure-native:environment": "usgovernment",
      "azure-native:location": "usgovvirginia",
      "copilot-token:apps": JSON.stringify({
        Agent: {
          permissions: ["User.Read.All"],
          credential: "federated",
          federated: [
            { issuer: "https://issuer.example", subject: "s", audience: "api://AzureADTokenExchange" },
          ],
        },
        User: { delegated: ["User.Read"], userSignIn: { regions: ["usGovernment", "europe"] } },
      }),
    };
    const { faults } = judgeStackConfig({ project: "p", values });
    expect(faults.map(({ code, key, repair }) => [code, key, repair])).toEqual([
      [
        "CLOUD_DIFFERS",
        "copilot-token:apps.Agent.federated[0].audience",
        "pulumi config rm --path 'copilot-token:apps.Agent.federated[0].audience'",
      ],
      [
        "CLOUD_DIFFERS",
        "copilot-token:apps.User.userSignIn.regions[1]",
        "pulumi config rm --path 'copilot-token:apps.User.userSignIn.regions[1]'",
      ],
    ]);
  });
});
