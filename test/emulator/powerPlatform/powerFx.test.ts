import { describe, expect, it } from "vitest";
import { evaluatePowerFx, fillTemplate, type VariableLookup } from "../../../emulator/powerPlatform/powerFx";
import { EmulationError, type Value } from "../../../emulator/powerPlatform/value";

const variables: Record<string, Value> = {
  "Topic.Text": "AADSTS7000215: no",
  "Topic.Empty": "",
  "Topic.Blank": null,
  "Topic.Number": 3599,
  "Topic.Record": { type: "Bearer", seconds: 3599 },
};

const lookup: VariableLookup = (scope, name) => {
  const value = variables[`${scope}.${name}`];
  if (value === undefined) throw new EmulationError(`no ${scope}.${name}`);
  return value;
};

describe("evaluatePowerFx", () => {
  it.each<[string, Value]>([
    ['"a ""quoted"" word"', 'a "quoted" word'],
    ['Concatenate("a", Topic.Number, Topic.Blank, "b")', "a3599b"],
    ["Topic.Record.type", "Bearer"],
    ["Topic.Blank.type.deeper", null],
    ["IsBlank(Topic.Empty)", true],
    ["!IsBlank(Topic.Text)", true],
    ['"aadsts7000215" in Topic.Text', true],
    ['"AADSTS7000222" in Topic.Text || "no" in Topic.Text', true],
    ['"x" in Topic.Blank', false],
    ['Topic.Record.type = "Bearer"', true],
    ['Coalesce(Topic.Blank, Topic.Empty, "last")', "last"],
    ["Text(Topic.Record.seconds)", "3599"],
    ['EncodeUrl("~._-aZ9 &=+%/:!\'()*")', "~._-aZ9%20%26%3D%2B%25%2F%3A%21%27%28%29%2A"],
  ])("%s", (formula, value) => {
    expect(evaluatePowerFx(formula, lookup)).toBe(value);
  });

  it.each([
    ["an unknown function", "ParseJSON(Topic.Text)", "ParseJSON is not one"],
    ["an unknown operator", "Topic.Number + 1", "expected the end"],
    ["an unknown variable", "Topic.Nothing", "no Topic.Nothing"],
    ["a record where text is needed", "Text(Topic.Record)", "record or table"],
    ["a text where a boolean is needed", "!Topic.Text", "true or false"],
    ["a property of a text", "Topic.Text.length", "no record"],
    ["half a formula", 'Concatenate("a"', "expected )"],
    ["nothing", "", "expected a value"],
  ])("refuses %s", (_, formula, reason) => {
    expect(() => evaluatePowerFx(formula, lookup)).toThrow(reason);
  });
});

describe("fillTemplate", () => {
  it("puts values into a message", () => {
    expect(fillTemplate("{Topic.Record.type} for {Topic.Number} s{Topic.Blank}.", lookup)).toBe(
      "Bearer for 3599 s.",
    );
  });
});
