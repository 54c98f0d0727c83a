import { describe, expect, it } from "vitest";
import { deletionOrder } from "../../../emulator/pulumi/deletionOrder";
import {
  changedKeys,
  containsSecret,
  isSecret,
  markSecrets,
  plain,
  sameValue,
  secret,
} from "../../../emulator/pulumi/properties";
import { outputsBeforeCreation, outputsBeforeUpdate } from "../../../emulator/pulumi/previewOutputs";
import { ignoreChanges } from "../../../emulator/pulumi/resourceStep";
import { driftedInputs } from "../../../emulator/pulumi/driftedInputs";
import { urnOf, urnParts } from "../../../emulator/pulumi/urn";

describe("markSecrets", () => {
  it("gives a provider's plain answer the marks of what it was asked", () => {
    const asked = { value: secret("v"), nested: { key: secret("k"), name: "n" }, list: [secret("l"), "m"] };
    const marked = markSecrets(
      { value: "v", nested: { key: "k", name: "n" }, list: ["l", "m"], more: 1 },
      asked,
    );

    expect(marked).toEqual({
      value: secret("v"),
      nested: { key: secret("k"), name: "n" },
      list: secret(["l", "m"]),
      more: 1,
    });
    expect(plain(marked)).toEqual({ value: "v", nested: { key: "k", name: "n" }, list: ["l", "m"], more: 1 });
    expect([isSecret(marked["value"]), containsSecret(marked), containsSecret(plain(marked))]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe("sameValue", () => {
  it.each([
    [{ a: 1, b: undefined }, { a: 1, b: null }, true],
    [secret("x"), "x", true],
    [[1, 2], [2, 1], false],
    [{ a: [] }, {}, false],
    ["", undefined, false],
  ])("compares %j with %j: %s", (one, other, expected) => {
    expect(sameValue(one, other)).toBe(expected);
  });

  it("names what differs", () => {
    expect(changedKeys({ a: 1, b: 2, c: 3 }, { a: 1, b: 3, d: 4 })).toEqual(["b", "c", "d"]);
  });
});

describe("ignoreChanges", () => {
  const olds = { a: 1, nested: { x: 1, y: 1 } };
  const news = { a: 2, b: 2, nested: { x: 2, y: 2 } };

  it.each([
    [["a"], { a: 1, b: 2, nested: { x: 2, y: 2 } }],
    [["b"], { a: 2, nested: { x: 2, y: 2 } }],
    [["nested.y"], { a: 2, b: 2, nested: { x: 2, y: 1 } }],
    [["nowhere.deep"], news],
    [["*"], olds],
  ])("puts the old value instead of %j", (paths, expected) => {
    expect(ignoreChanges(news, olds, paths)).toEqual(expected);
  });
});

describe("what a preview knows", () => {
  it("is no block before creation, and the old outputs with the new inputs before an update", () => {
    const inputs = { name: "n", properties: { sku: "s" }, value: secret({ a: 1 }) };

    expect(outputsBeforeCreation(inputs)).toEqual({ name: "n", value: secret({ a: 1 }) });
    expect(outputsBeforeUpdate({ name: "o", properties: { sku: "r", uri: "u" }, id: 1 }, inputs)).toEqual({
      name: "n",
      properties: { sku: "s", uri: "u" },
      id: 1,
      value: secret({ a: 1 }),
    });
  });
});

describe("driftedInputs", () => {
  it("moves what changed in Azure, and nothing else", () => {
    const before = { sku: "basic", tags: { a: "1" }, properties: { mode: "on", uri: "u" }, state: "ok" };
    const now = {
      sku: "basic",
      tags: { a: "2" },
      properties: { mode: "off", uri: "w" },
      state: "busy",
      web: ["evil"],
    };
    const inputs = { sku: "BASIC", tags: { a: "1" }, properties: { mode: "on" }, given: "up" };
    const found = { sku: "basic", tags: { a: "2" }, properties: { mode: "off" }, web: ["evil"] };

    expect(driftedInputs(inputs, found, { before, now })).toEqual({
      sku: "BASIC",
      tags: { a: "2" },
      properties: { mode: "off" },
      given: "up",
      web: ["evil"],
    });
  });

  it("drops what was removed", () => {
    expect(driftedInputs({ tags: { a: "1" } }, {}, { before: { tags: { a: "1" } }, now: {} })).toEqual({});
  });
});

describe("urnOf", () => {
  it("puts the parents' types before the resource's own, but not the stack's", () => {
    const stack = urnOf("dev", "p", undefined, { type: "pulumi:pulumi:Stack", name: "p-dev" });
    const outer = urnOf("dev", "p", stack, { type: "a:b:Outer", name: "o" });
    const inner = urnOf("dev", "p", outer, { type: "a:b:Inner", name: "i::j" });

    expect([stack, outer, inner]).toEqual([
      "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev",
      "urn:pulumi:dev::p::a:b:Outer::o",
      "urn:pulumi:dev::p::a:b:Outer$a:b:Inner::i::j",
    ]);
    expect(urnParts(inner)).toEqual({ type: "a:b:Inner", name: "i::j" });
  });
});

describe("deletionOrder", () => {
  it("ends with what everything rests on, whatever the order of registration", () => {
    const resource = (urn: string, dependencies: string[] = [], parent?: string) => ({
      urn,
      type: "t",
      name: urn,
      custom: true,
      inputs: {},
      outputs: {},
      dependencies,
      ...(parent === undefined ? {} : { parent }),
    });
    const order = deletionOrder([
      resource("late", ["base"]),
      resource("base"),
      resource("child", [], "parent"),
      resource("parent", ["base"]),
    ]);

    expect(order.map(({ urn }) => urn)).toEqual(["child", "parent", "late", "base"]);
  });
});
