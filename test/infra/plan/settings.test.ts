import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { readSettings } from "../../../infra/plan/settings";

const location = { "azure-native:location": "westeurope" };
const noLocation = {
  code: "LOCATION_MISSING",
  key: "azure-native:location",
  value: "(absent)",
  reason: "Azure needs the region of the vault.",
  repair: "pulumi config set azure-native:location westeurope",
};

/** As the engine hands a stack file over: every value a text, maps and lists as JSON. */
function read(config: Record<string, string>) {
  pulumi.runtime.setAllConfig(config);
  return readSettings();
}

describe("readSettings", () => {
  it("decodes what the stack file says", () => {
    const { settings } = read({
      ...location,
      "copilot-token:apps": '{"Mail":{"permissions":["Mail.Send"]}}',
      "copilot-token:protect": "false",
      "copilot-token:rotation": '{"everyDays":30}',
    });
    expect(settings).toMatchObject({
      apps: { Mail: { permissions: ["Mail.Send"], readers: [] } },
      protect: false,
      rotation: { everyDays: 30, keepDays: 60 },
    });
  });

  it("has a default for everything but the location", () => {
    expect(read(location).settings?.apps).toEqual({
      CopilotAPIAuth: { permissions: ["User.Read.All"], credential: "secret", federated: [], readers: [] },
    });
  });

  it("leaves the settings of providers and of other projects alone", () => {
    expect(read({ ...location, "azuread:tenantId": "x", "copilot-token-2:colour": "[]" }).faults).toEqual([]);
  });

  it("refuses a setting of its own under another prefix, which nothing reads", () => {
    expect(read({ ...location, "copilot-token-2:apps": "[]" }).faults).toMatchObject([
      {
        code: "SETTING_NAMESPACE",
        key: "copilot-token-2:apps",
        repair: "Rename it to copilot-token:apps in the stack file, or in the environment that sets it.",
      },
    ]);
  });

  it.each([
    ["is absent", {}],
    ["is empty", { "azure-native:location": "" }],
    ["is blank", { "azure-native:location": " " }],
  ])("says so when the location %s", (_what, config) => {
    expect(read(config)).toMatchObject({ faults: [noLocation] });
  });

  it("names a missing location beside the other faults, and keeps what was asked for", () => {
    const { faults, ...rest } = read({
      "copilot-token:apps": '{"Mail":{"permissions":["Mail.Send"]}}',
      "copilot-token:x": "1",
    });
    expect(faults.map(({ key }) => key)).toEqual(["copilot-token:x", "azure-native:location"]);
    expect(rest).toEqual({
      asked: {
        apps: { Mail: { credential: "secret", permissions: ["Mail.Send"], delegated: [] } },
        acceptTierZero: [],
      },
    });
  });

  it("takes text that is no JSON for text", () => {
    expect(read({ ...location, "copilot-token:protect": "yes" }).faults).toMatchObject([
      { key: "copilot-token:protect", value: '"yes"' },
    ]);
  });
});
