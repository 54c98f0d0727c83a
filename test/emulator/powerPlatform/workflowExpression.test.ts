import { describe, expect, it } from "vitest";
import { evaluateTemplate, type ExpressionScope } from "../../../emulator/powerPlatform/workflowExpression";
import type { Value } from "../../../emulator/powerPlatform/value";

const outputs: Record<string, Value> = {
  HTTP: { statusCode: 401, body: { error: "invalid_client", list: ["a", "b"] } },
  Page: { statusCode: 502, body: "<html>" },
  Skipped: null,
};

const scope: ExpressionScope = {
  parameter: (name) => `value of ${name}`,
  outputs: (action) => outputs[action] ?? null,
  action: (name) => ({ name, error: { message: "reason" } }),
  trigger: { queries: { request: "people" } },
  item: { displayName: "Adele" },
};

describe("evaluateTemplate", () => {
  it.each<[Value, Value]>([
    ["plain text", "plain text"],
    ["@@literal", "@literal"],
    ["mail@contoso.com", "mail@contoso.com"],
    ["@outputs('HTTP')?['statusCode']", 401],
    ["code @{outputs('HTTP')?['statusCode']}: @{body('HTTP')?['error']}", "code 401: invalid_client"],
    ["@body('Skipped')?['error']?['message']", null],
    ["@{body('Skipped')?['error']}", ""],
    ["@parameters('It''s (x)')", "value of It's (x)"],
    ["@{encodeUriComponent(' +&~')}", "%20%2B%26~"],
    [
      "@coalesce(body('Skipped')?['value'], createArray(body('HTTP')))",
      [{ error: "invalid_client", list: ["a", "b"] }],
    ],
    ["@if(empty(string(outputs('Skipped')?['statusCode'])), 'none', 'some')", "none"],
    ["@concat('HTTP ', string(outputs('Page')?['statusCode']))", "HTTP 502"],
    ["@join(body('HTTP')?['list'], ', ')", "a, b"],
    ["@length(body('HTTP')?['list'])", 2],
    ["@item()?['displayName']", "Adele"],
    ["@triggerOutputs()?['queries']?['request']", "people"],
    ["@item()?[concat('display', 'Name')]", "Adele"],
    ["@body('HTTP')?[coalesce(triggerOutputs()?['queries']?['other'], 'error')]", "invalid_client"],
    ["@item()?['constructor']", null],
    ["@actions('HTTP')?['error']?['message']", "reason"],
    ["@{body('HTTP')}", '{"error":"invalid_client","list":["a","b"]}'],
    [{ list: ["@item()?['displayName']", 1, null] }, { list: ["Adele", 1, null] }],
  ])("%j", (template, value) => {
    expect(evaluateTemplate(template, scope)).toEqual(value);
  });

  it.each([
    [
      "a property of a text, as the platform does",
      "@body('Page')?['error_description']",
      "cannot be selected",
    ],
    ["a property that is no name", "@item()?[body('Skipped')]", "expected a property"],
    ["an unknown function", "@base64('x')", "base64() is not a function"],
    ["what follows an expression", "@body('HTTP') and more", "expected the end"],
    ["an open interpolation", "a @{body('HTTP')", "expected }"],
    ["a condition that is no boolean", "@if('yes', 'a', 'b')", "needs a boolean"],
    ["the length of nothing", "@length(body('Skipped'))", "an array is needed"],
  ])("refuses %s", (_, template, reason) => {
    expect(() => evaluateTemplate(template, scope)).toThrow(reason);
  });
});
