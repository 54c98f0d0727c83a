import { describe, expect, it } from "vitest";
import { configKey, faultAt, removeCommand, setCommand } from "../../../core/settings/settingsFaults";

describe("configKey", () => {
  it.each([
    [["protect"], "copilot-token:protect"],
    [["rotation", "verification", "tokens"], "copilot-token:rotation.verification.tokens"],
    [["apps", "Mail-2", "readers", 0, "id"], "copilot-token:apps.Mail-2.readers[0].id"],
    [["apps", "Mail.Sender", "permissions", 12], 'copilot-token:apps["Mail.Sender"].permissions[12]'],
    [["apps", "2nd"], 'copilot-token:apps["2nd"]'],
    [["apps", ""], 'copilot-token:apps[""]'],
  ])("writes %j as %s", (path, key) => {
    expect(configKey(path)).toBe(key);
  });
});

describe("the commands", () => {
  it.each([
    ["60", "60"],
    ["User.Read.All", "User.Read.All"],
    ["203.0.113.0/24", "203.0.113.0/24"],
    ["<object ID>", "'<object ID>'"],
    ["two words", "'two words'"],
    ["", "''"],
  ])("set the value %j, quoted where a shell wants it", (value, word) => {
    expect(setCommand(["owners", 0], value)).toBe(
      `pulumi config set --path 'copilot-token:owners[0]' ${word}`,
    );
  });

  it("take a setting out", () => {
    expect(removeCommand(["apps", "Mail.Sender"])).toBe(
      "pulumi config rm --path 'copilot-token:apps[\"Mail.Sender\"]'",
    );
  });
});

describe("faultAt", () => {
  const given = { apps: { Mail: { permissions: ["Mail.Send", null] } } };

  it.each([
    [["apps", "Mail", "permissions", 0], '"Mail.Send"'],
    [["apps", "Mail", "permissions", 1], "null"],
    [["apps", "Mail", "permissions", 2], "(absent)"],
    [["apps", "Mail"], '{"permissions":["Mail.Send",null]}'],
    [["apps", "Files", "permissions", 0], "(absent)"],
    [["apps", "Mail", "permissions", 0, "deeper"], "(absent)"],
  ])("prints what stands at %j", (path, value) => {
    expect(faultAt(path, given, "Why.", "What to do.")).toEqual({
      code: "SETTING_INVALID",
      key: configKey(path),
      value,
      reason: "Why.",
      repair: "What to do.",
    });
  });
});
