import { artefactPaths } from "../../copilot/files";
import { describe, expect, it } from "vitest";
import { defaultCopilotSettings, appFaults, settingsFaults } from "../../copilot/settings";
import { dataverseLimits as limits, fitted, longestAgentSchemaName } from "../../copilot/limits";
import {
  app,
  makeArtefacts,
  makeLogicAppArtefacts,
  makeUserArtefacts,
  zipEntries,
} from "./support/artefactFixture";
import { readXml, type XmlNode } from "./support/xmlReader";

/** What a solution's XML says of every name: where it stands, and Dataverse's limit. */
const named: Readonly<Record<string, (node: XmlNode) => [string | undefined, number][]>> = {
  SolutionManifest: (node) => [
    [textOf(node, "UniqueName"), limits.solutionUniqueName],
    [labelOf(node), limits.solutionFriendlyName],
  ],
  Workflow: ({ attributes }) => [[attributes["Name"], limits.workflowName]],
  bot: (node) => [
    [node.attributes["schemaname"], limits.schemaName],
    [textOf(node, "name"), limits.displayName],
  ],
  botcomponent: ({ attributes }) => [[attributes["schemaname"], limits.schemaName]],
  connectionreference: ({ attributes }) => [
    [attributes["connectionreferencelogicalname"], limits.connectionReference],
  ],
  Connector: (node) => [
    [textOf(node, "name"), limits.schemaName],
    [textOf(node, "displayname"), limits.connectorName],
  ],
  environmentvariabledefinition: (node) => [
    [node.attributes["schemaname"], limits.schemaName],
    [node.children.find(({ name }) => name === "displayname")?.attributes["default"], limits.displayName],
  ],
};

function textOf(node: XmlNode, name: string): string | undefined {
  return node.children.find((child) => child.name === name)?.text;
}

function labelOf(node: XmlNode): string | undefined {
  const labels = node.children.find(({ name }) => name === "LocalizedNames");
  return labels?.children[0]?.attributes["description"];
}

function everyNode(node: XmlNode): XmlNode[] {
  return [node, ...node.children.flatMap(everyNode)];
}

/** Every name of a solution with its limit. */
function namesOf(zip: ReadonlyMap<string, string>): [string, number][] {
  return [...zip]
    .filter(([path]) => path.endsWith(".xml"))
    .flatMap(([, text]) => everyNode(readXml(text)))
    .flatMap((node) => named[node.name]?.(node) ?? [])
    .map(([name, limit]) => [name ?? "", limit]);
}

const longKey = "A".repeat(53);
const longestKey = `Contoso.${"Helpdesk".repeat(11)}`;
const longestAgent = `contoso_${"x".repeat(longestAgentSchemaName - 8)}`;

describe.each([
  ["a key of 53 letters", longKey],
  ["the longest key", longestKey],
])("the names of an app with %s", (_, name) => {
  const settings = {
    agents: [longestAgent],
    newAgent: "N".repeat(42),
    publisherPrefix: "contosox",
    severalApps: true,
  };

  it.each([
    ["with a secret", zipEntries(makeArtefacts(settings, { name }))],
    ["with a Logic App", zipEntries(makeLogicAppArtefacts(settings, { name }))],
    ["for its signed-in user", zipEntries(makeUserArtefacts(settings, { name }))],
  ])("are within Dataverse's limits, %s, and are as many", (_, zip) => {
    expect(appFaults({ ...app, name })).toEqual([]);
    const all = namesOf(zip);
    expect(all.length).toBeGreaterThan(12);
    expect(all.filter(([text, limit]) => text.length === 0 || text.length > limit)).toEqual([]);
    const ofComponents = [...zip.keys()].filter((path) => path.endsWith("/data"));
    expect(new Set(ofComponents.map((path) => path.toLowerCase())).size).toBe(ofComponents.length);
  });
});

describe("a connector", () => {
  it.each([longKey, longestKey])("has names within the limits: %s", (name) => {
    const all = namesOf(zipEntries(makeUserArtefacts({}, { name }), artefactPaths.connectorZip));
    expect(all.length).toBeGreaterThan(3);
    expect(all.filter(([text, limit]) => text.length === 0 || text.length > limit)).toEqual([]);
  });
});

describe("the names of two apps on one agent", () => {
  const beginning = `Contoso-${"Helpdesk".repeat(9)}`;
  it.each([
    ["whose keys are short", "Sales", "Support"],
    ["whose keys differ at the end of many letters", `${beginning}1`, `${beginning}2`],
    ["one of which has no ASCII letters but two", "Ünïcödé-AB", "日本AC"],
  ])("differ, whatever case, and are within the limits: %s", (_, ...keys) => {
    for (const publisherPrefix of ["ab", "contoso", "contosox"]) {
      const settings = { agents: [longestAgent], publisherPrefix, severalApps: true };
      const [left = [], right = []] = keys.map((name) => {
        const zip = zipEntries(makeArtefacts(settings, { name }));
        const all = namesOf(zip);
        expect(all.filter(([text, limit]) => text.length === 0 || text.length > limit)).toEqual([]);
        const paths = [...zip.keys()].filter((path) => path.endsWith("/data") || path.endsWith(".json"));
        return [...all.map(([text]) => text), ...paths].map((text) => text.toLowerCase());
      });
      expect(left.length).toBeGreaterThan(15);
      expect(left.filter((name) => right.includes(name))).toEqual([]);
    }
  });
});

describe("an agent's schema name", () => {
  it("is refused with the numbers when it leaves too little to its topics", () => {
    const [fault] = settingsFaults({ ...defaultCopilotSettings, agents: [`${longestAgent}x`] });
    expect(fault?.reason).toContain("which may have 60 and has 61");
    expect(settingsFaults({ ...defaultCopilotSettings, agents: [longestAgent] })).toEqual([]);
  });

  it("is refused when another agent has it, in capitals or as the new one", () => {
    const [twice] = settingsFaults({ ...defaultCopilotSettings, agents: ["contoso_Desk", "contoso_desk"] });
    expect([twice?.value, twice?.reason]).toEqual(["contoso_desk", "It is named twice."]);
    const settings = { ...defaultCopilotSettings, agents: ["cptoken_Tokenhelper"], newAgent: "Token helper" };
    expect(settingsFaults(settings).map(({ reason }) => reason)).toEqual([
      'It is named twice: --new-agent "Token helper" has this schema name.',
    ]);
  });
});

describe("fitted", () => {
  it("leaves a name alone that fits, and shortens one that does not, always alike and never to another's", () => {
    expect(fitted("x".repeat(20), 20)).toBe("x".repeat(20));
    const [left, right] = [fitted(`${"x".repeat(20)}a`, 20), fitted(`${"x".repeat(20)}b`, 20)];
    expect([left.length, right.length, left === right]).toEqual([20, 20, false]);
    expect(fitted(`${"x".repeat(20)}a`, 20)).toBe(left);
  });
});
