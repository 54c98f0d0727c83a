import { describe, expect, it } from "vitest";
import type { ActionDefinition, ActionEnd } from "../../../emulator/powerPlatform/flowActions";
import { hidden, runHistory } from "../../../emulator/powerPlatform/runHistory";
import type { Value } from "../../../emulator/powerPlatform/value";

const define = (type: string, inputs: Value, secured: readonly string[] = []): ActionDefinition => ({
  type,
  runAfter: {},
  inputs,
  limit: null,
  runtimeConfiguration: { secureData: { properties: [...secured] } },
});
const end: ActionEnd = { status: "Succeeded", inputs: "in", outputs: "out", error: null };

describe("runHistory", () => {
  it("hides what is secured and what takes it at once, but not what takes it from a Parse JSON", () => {
    const actions = new Map([
      ["HTTP", define("Http", {}, ["inputs", "outputs"])],
      ["Parse", define("ParseJson", { content: "@body('HTTP')" }, ["inputs"])],
      ["Direct", define("Response", { body: "@{body('HTTP')?['access_token']}" })],
      ["Through", define("Response", { body: "@{body('Parse')?['access_token']}" })],
    ]);
    const ends = new Map([...actions.keys()].map((name) => [name, end]));
    expect(runHistory(actions, ends).map(({ action, inputs, outputs }) => [action, inputs, outputs])).toEqual(
      [
        ["HTTP", hidden, hidden],
        ["Parse", hidden, hidden],
        ["Direct", hidden, hidden],
        ["Through", "in", "out"],
      ],
    );
  });

  it("begins with what a workflow was called with, and hides it and what takes it where that is secured", () => {
    const actions = new Map([["Take", define("Http", { uri: "@{triggerOutputs()?['queries']?['a']}" })]]);
    const ends = new Map([["Take", end]]);
    const shown = (properties: readonly string[]): unknown =>
      runHistory(actions, ends, {
        name: "manual",
        outputs: "called",
        runtimeConfiguration: { secureData: { properties: [...properties] } },
      }).map(({ action, inputs, outputs }) => [action, inputs, outputs]);
    expect(shown(["outputs"])).toEqual([
      ["manual", null, hidden],
      ["Take", hidden, "out"],
    ]);
    expect(shown([])).toEqual([
      ["manual", null, "called"],
      ["Take", "in", "out"],
    ]);
  });
});
