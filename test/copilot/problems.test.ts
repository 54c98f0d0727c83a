import { clouds } from "../../core/cloud/clouds";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { graphProblems, logicAppProblems, tokenProblems } from "../../copilot/problems";

/** Files of the emulated Entra that answer what no flow or topic of an app with a secret asks. */
const others: Readonly<Record<string, string>> = {
  authorize: "a person's sign-in page",
  certificateAssertion: "a sign-in by certificate",
  clientAssertion: "a sign-in by federated credential",
  consent: "a person's consent",
  redirectUris: "a person's sign-in page",
  requestedScopes: "scopes of a person",
  userGrants: "a token of a person",
  users: "a person's sign-in page",
};

describe("the problems that an agent has words for", () => {
  it("are all that the emulated Entra can say to a client secret", () => {
    const sources = readdirSync("emulator/entra").map((file) => file.replace(/\.ts$/, ""));
    expect(Object.keys(others).filter((name) => !sources.includes(name))).toEqual([]);
    const numbers = sources
      .filter((name) => others[name] === undefined)
      .flatMap((name) => {
        const source = readFileSync(`emulator/entra/${name}.ts`, "utf8");
        return source.match(/(?<![\w.])\d{5,7}(?=,)/g) ?? [];
      });
    // 70003: another grant type, which the topics and flows never ask for.
    const possible = [...new Set(numbers)].filter((number) => number !== "70003");
    expect(possible.length).toBeGreaterThan(10);
    const known = tokenProblems(clouds.public).flatMap(({ codes }) => codes);
    expect(possible.filter((number) => !known.includes(`AADSTS${number}`))).toEqual([]);
  });

  it.each([
    ["a token", tokenProblems(clouds.public)],
    ["Microsoft Graph", graphProblems(clouds.public)],
    ["a Logic App", logicAppProblems],
  ])("have a key of their own in the topic's nodes: %s", (_, problems) => {
    const keys = problems.map(({ key }) => key);
    expect(keys.filter((key, index) => !/^[a-z]{6}$/.test(key) || keys.indexOf(key) !== index)).toEqual([]);
    const codes = problems.flatMap((problem) => problem.codes);
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
  });
});
