import { describe, expect, it } from "vitest";
import { faultsError, OperatorError, type Fault } from "../../core/errors";

const days: Fault = {
  code: "SETTING_INVALID",
  key: "copilot-token:rotation.everyDays",
  value: "0",
  reason: "At least 1 day.",
  repair: "pulumi config set --path 'copilot-token:rotation.everyDays' 60",
};
const surplus: Fault = {
  code: "SETTING_UNKNOWN",
  key: "copilot-token:colour",
  value: '"red"',
  reason: "This setting does not exist.",
  repair: "pulumi config rm --path 'copilot-token:colour'",
};

describe("OperatorError", () => {
  it("carries a code for machines and its origin", () => {
    const origin = new Error("socket");
    const error = new OperatorError("NO_ANSWER", "Nobody answered.", { cause: origin });
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.message, error.cause]).toEqual([
      "OperatorError",
      "NO_ANSWER",
      "Nobody answered.",
      origin,
    ]);
  });
});

describe("faultsError", () => {
  it("has the code of a single fault", () => {
    const error = faultsError([surplus]);
    expect([error.code, error.message]).toEqual([
      "SETTING_UNKNOWN",
      "One setting cannot work. Nothing was changed.\n" +
        '  copilot-token:colour: "red"\n' +
        "    This setting does not exist.\n" +
        "    pulumi config rm --path 'copilot-token:colour'",
    ]);
  });

  it("lists several in the order given", () => {
    const error = faultsError([days, surplus]);
    expect([error.code, error.message]).toEqual([
      "SETTINGS_INVALID",
      "2 settings cannot work. Nothing was changed.\n" +
        "  copilot-token:rotation.everyDays: 0\n" +
        "    At least 1 day.\n" +
        "    pulumi config set --path 'copilot-token:rotation.everyDays' 60\n" +
        '  copilot-token:colour: "red"\n' +
        "    This setting does not exist.\n" +
        "    pulumi config rm --path 'copilot-token:colour'",
    ]);
  });
});
