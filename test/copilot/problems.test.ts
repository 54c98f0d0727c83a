import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { graphProblems, logicAppProblems, tokenProblems } from "../../copilot/problems";

/** Where the emulated Entra refuses a sign-in with a client secret. */
const signIn = ["tokenEndpoint", "tenantName", "clientSecret", "requestedResource"];

describe("the problems that an agent has words for", () => {
  it("are all that the emulated Entra can say to a client secret", () => {
    const numbers = signIn.flatMap((name) => {
      const source = readFileSync(`emulator/entra/${name}.ts`, "utf8");
      return source.match(/(?<![\w.])\d{5,7}(?=,)/g) ?? [];
    });
    expect(numbers.length).toBeGreaterThan(7);
    const known = tokenProblems.flatMap(({ codes }) => codes);
    // 70003: another grant type, which the topics and flows never ask for.
    const possible = [...new Set(numbers)].filter((number) => number !== "70003");
    expect(possible.filter((number) => !known.includes(`AADSTS${number}`))).toEqual([]);
  });

  it.each([
    ["a token", tokenProblems],
    ["Microsoft Graph", graphProblems],
    ["a Logic App", logicAppProblems],
  ])("have a key of their own in the topic's nodes: %s", (_, problems) => {
    const keys = problems.map(({ key }) => key);
    expect(keys.filter((key, index) => !/^[a-z]{6}$/.test(key) || keys.indexOf(key) !== index)).toEqual([]);
    const codes = problems.flatMap((problem) => problem.codes);
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
  });
});
