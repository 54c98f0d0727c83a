import { describe, expect, it } from "vitest";
import { artefactPaths } from "../../copilot/files";
import { parse } from "yaml";
import { app, everything, makeArtefacts, textFile, topicFiles, zipEntries } from "./support/artefactFixture";
import { child, readXml, type XmlNode } from "./support/xmlReader";

const files = makeArtefacts(everything);
const zip = zipEntries(files);
const unpacked = new Map(
  [...files.keys()]
    .filter((path) => path.startsWith("solution/"))
    .map((path) => [path.slice("solution/".length), textFile(files, path)]),
);
const zipText = (path: string): string => zip.get(path) ?? "";
const workflowIds = [...zip.keys()].flatMap((path) => /-([0-9A-F-]{36})\.json$/.exec(path)?.[1] ?? []);

function names(node: XmlNode): string[] {
  return node.children.map(({ name }) => name);
}

describe("the solution", () => {
  it("holds well-formed XML only, in both shapes", () => {
    const documents = [...zip, ...unpacked].filter(([path]) => path.endsWith(".xml"));
    expect(documents.length).toBeGreaterThan(20);
    for (const [path, text] of documents) expect(() => readXml(text), path).not.toThrow();
  });

  it("has the three files that an importer demands at the root of its zip, and only forward slashes", () => {
    expect([...zip.keys()].filter((path) => !path.includes("/"))).toEqual([
      "[Content_Types].xml",
      "customizations.xml",
      "solution.xml",
    ]);
    expect([...zip.keys()].filter((path) => path.includes("\\"))).toEqual([]);
  });

  it("is the same in both shapes but for manifests and flows' rows", () => {
    const shared = (entries: ReadonlyMap<string, string>): [string, string][] =>
      [...entries]
        .filter(([path]) => path.includes("/") && !path.startsWith("Other/") && !path.endsWith(".data.xml"))
        .sort();
    expect(shared(unpacked)).toEqual(shared(zip));
    const rows = child(readXml(zipText("customizations.xml")), "Workflows").children;
    const files = [...unpacked]
      .filter(([path]) => path.endsWith(".data.xml"))
      .map(([, text]) => readXml(text));
    const withoutLayout = (node: XmlNode): unknown => [
      node.name,
      node.attributes,
      node.text,
      node.children.map(withoutLayout),
    ];
    expect(files.map(withoutLayout).sort()).toEqual(rows.map(withoutLayout).sort());
    const manifests = [zipText("solution.xml"), unpacked.get("Other/Solution.xml") ?? ""];
    expect(withoutLayout(readXml(manifests[1] ?? ""))).toEqual(withoutLayout(readXml(manifests[0] ?? "")));
    const others = [zipText("customizations.xml"), unpacked.get("Other/Customizations.xml") ?? ""].map(
      (text) =>
        readXml(text)
          .children.filter(({ name }) => name !== "Workflows")
          .map(withoutLayout),
    );
    expect(others[1]).toEqual(others[0]);
  });

  it("has each flow's GUID in its five places", () => {
    expect(workflowIds).toHaveLength(3);
    const manifest = child(readXml(zipText("solution.xml")), "SolutionManifest");
    const roots = child(manifest, "RootComponents").children.map(({ attributes }) => attributes);
    const rows = child(readXml(zipText("customizations.xml")), "Workflows").children;
    const links = readXml(zipText("Assets/botcomponent_workflowset.xml")).children;
    const flowIds = topicFiles(files).flatMap(([, yaml]) => /flowId: (.*)/.exec(yaml)?.[1] ?? []);
    for (const id of workflowIds.map((each) => each.toLowerCase())) {
      expect(roots).toContainEqual({ type: "29", id: `{${id}}`, behavior: "0" });
      const row = rows.find(({ attributes }) => attributes["WorkflowId"] === `{${id}}`);
      expect(row && child(row, "JsonFileName").text.slice(1)).toSatisfy((path: string) => zip.has(path));
      const users = links.flatMap(({ attributes }) =>
        attributes["workflowid.workflowid"] === id ? (attributes["botcomponentid.schemaname"] ?? "") : [],
      );
      // Each agent's topic, and its tool where the flow asks Microsoft Graph.
      const names = users.map((name) => name.split(".").slice(0, 2).join("."));
      const tools = ["contoso_helpdesk.action", "cptoken_Tokenhelper.action"];
      expect(names.filter((name) => !tools.includes(name)).sort()).toEqual([
        "contoso_helpdesk.topic",
        "cptoken_Tokenhelper.topic",
      ]);
      const isTokenFlow = users.some((name) => name.includes("GetAzureAccessToken"));
      expect(names.filter((name) => tools.includes(name)).sort()).toEqual(isTokenFlow ? [] : tools);
      expect(flowIds).toContain(id);
    }
    expect(roots).toHaveLength(3);
  });

  it("has flows' rows as exports have them", () => {
    const [row] = child(readXml(zipText("customizations.xml")), "Workflows").children;
    expect(row && names(row)).toEqual([
      "JsonFileName", "Type", "Subprocess", "Category", "Mode", "Scope", "OnDemand", "TriggerOnCreate",
      "TriggerOnDelete", "AsyncAutodelete", "SyncWorkflowLogOnFailure", "StateCode", "StatusCode", "RunAs",
      "IsTransacted", "IntroducedVersion", "IsCustomizable", "BusinessProcessType",
      "IsCustomProcessingStepAllowedForOtherPublishers", "ModernFlowType", "PrimaryEntity", "LocalizedNames",
      "Descriptions",
    ]); // prettier-ignore
    expect(row && child(row, "ModernFlowType").text).toBe("1");
    const cloudFlow = zipEntries(makeArtefacts({ flowPlan: "power-automate" })).get("customizations.xml");
    expect(cloudFlow).toContain("<ModernFlowType>0</ModernFlowType>");
  });

  it("has tools with an input for each value, and links to their flows", () => {
    const [, tool = ""] =
      [...zip].find(([path]) => path.endsWith(".action.FindapersonCopilotAPIAuth/data")) ?? [];
    const data = parse(tool) as Record<string, unknown>;
    expect(Object.keys(data)).toEqual([
      "kind", "modelDisplayName", "modelDescription", "inputs", "outputs", "action", "outputMode",
    ]); // prettier-ignore
    expect(data["action"]).toEqual({ kind: "InvokeFlowTaskAction", flowId: expect.any(String) as string });
    const { inputs } = data as { inputs: Record<string, unknown>[] };
    expect(inputs.map((input) => [input["kind"], input["propertyName"], input["entity"]])).toEqual([
      ["AutomaticTaskInput", "text", "StringPrebuiltEntity"],
    ]);
    const links = readXml(zipText("Assets/botcomponent_workflowset.xml"));
    expect(links.name).toBe("botcomponent_workflowset");
    for (const link of links.children) {
      expect([link.name, Object.keys(link.attributes), names(link), link.children[0]?.text]).toEqual([
        "botcomponent_workflow",
        ["botcomponentid.schemaname", "workflowid.workflowid"],
        ["iscustomizable"],
        "1",
      ]);
    }
  });

  it("has customizations in the order of exports, with one connection reference, which the flows use", () => {
    const root = readXml(zipText("customizations.xml"));
    expect(names(root)).toEqual([
      "Entities", "Roles", "Workflows", "FieldSecurityProfiles", "Templates", "EntityMaps", "EntityRelationships",
      "OrganizationSettings", "optionsets", "CustomControls", "EntityDataProviders", "connectionreferences",
      "Languages",
    ]); // prettier-ignore
    const [reference, ...others] = child(root, "connectionreferences").children;
    const logicalName = reference?.attributes["connectionreferencelogicalname"] ?? "";
    expect([logicalName, others]).toEqual(["cptoken_CopilotAPIAuthDataverse", []]);
    for (const [path, text] of zip) {
      if (path.startsWith("Workflows/")) expect(text).toContain(`"${logicalName}"`);
    }
  });

  it("declares a content type for every file, by name for those without an extension", () => {
    const types = readXml(zipText("[Content_Types].xml")).children;
    const extensions = types.flatMap(({ attributes }) => attributes["Extension"] ?? []);
    const parts = types.flatMap(({ attributes }) => attributes["PartName"]?.slice(1) ?? []);
    const undeclared = [...zip.keys()].filter(
      (path) =>
        path !== "[Content_Types].xml" &&
        !parts.includes(path) &&
        !extensions.includes(/\.([a-z]+)$/.exec(path)?.[1] ?? ""),
    );
    expect(undeclared).toEqual([]);
    expect(parts).toEqual([...zip.keys()].filter((path) => path.endsWith("/data")));
  });

  it("defines four environment variables, one of them a secret, and holds no value of a tenant", () => {
    const definitions = [...zip]
      .filter(([path]) => path.startsWith("environmentvariabledefinitions/"))
      .map(([, text]) => readXml(text));
    expect(
      definitions.map((each) => [each.attributes["schemaname"], child(each, "type").text, names(each)[0]]),
    ).toEqual([
      ["cptoken_CopilotAPIAuthClientId", "100000000", "description"],
      ["cptoken_CopilotAPIAuthClientSecret", "100000005", "description"],
      ["cptoken_CopilotAPIAuthGraphScope", "100000000", "defaultvalue"],
      ["cptoken_CopilotAPIAuthTenantId", "100000000", "description"],
    ]);
    const all = [...zip.values()].join("\n");
    for (const value of [app.tenantId, app.clientId, app.secretResourceId]) expect(all).not.toContain(value);
  });

  it("names environment variables as root components only when asked to", () => {
    const manifest = zipEntries(makeArtefacts({ variableRootComponents: true })).get("solution.xml") ?? "";
    expect(manifest.match(/type="380" schemaName="\w+"/g)).toHaveLength(4);
    expect(zipText("solution.xml")).not.toContain("380");
  });

  it("links a direct topic to the four variables that it reads, a flow's topic to its connection", () => {
    const direct = zipEntries(makeArtefacts({ agents: ["contoso_helpdesk"], tokenTopic: "direct" }));
    const variableLinks = readXml(
      direct.get("Assets/botcomponent_environmentvariabledefinitionset.xml") ?? "",
    ).children.map(({ attributes }) => attributes);
    expect(variableLinks).toEqual(
      ["ClientId", "ClientSecret", "GraphScope", "TenantId"].map((name) => ({
        "botcomponentid.schemaname": "contoso_helpdesk.topic.GetAzureAccessTokenCopilotAPIAuth",
        "environmentvariabledefinitionid.schemaname": `cptoken_CopilotAPIAuth${name}`,
      })),
    );
    expect(zip.has("Assets/botcomponent_environmentvariabledefinitionset.xml")).toBe(false);
    expect(readXml(zipText("Assets/botcomponent_connectionreferenceset.xml")).children).toHaveLength(6);
  });

  it("gives a new agent its settings and system topics, an existing one only our topics", () => {
    expect([...zip.keys()].filter((path) => path.startsWith("bots/"))).toEqual([
      "bots/cptoken_Tokenhelper/bot.xml",
      "bots/cptoken_Tokenhelper/configuration.json",
    ]);
    const topicsOf = (agent: string): string[] =>
      [...zip.keys()].flatMap(
        (path) => new RegExp(`^botcomponents/${agent}.topic.(\\w+)/data`).exec(path)?.[1] ?? [],
      );
    const ours = [
      "AskMicrosoftGraphCopilotAPIAuth",
      "FindapersonCopilotAPIAuth",
      "GetAzureAccessTokenCopilotAPIAuth",
    ];
    expect(topicsOf("contoso_helpdesk")).toEqual(ours);
    expect(topicsOf("cptoken_Tokenhelper").filter((name) => !ours.includes(name))).toEqual([
      "ConversationStart", "EndofConversation", "Escalate", "Fallback", "MultipleTopicsMatched", "OnError",
      "ResetConversation", "Signin",
    ]); // prettier-ignore
    for (const [path, text] of zip) {
      if (!path.endsWith("botcomponent.xml")) continue;
      const component = readXml(text);
      const parent = child(child(component, "parentbotid"), "schemaname").text;
      expect(component.attributes["schemaname"]?.startsWith(`${parent}.`)).toBe(true);
    }
  });

  it("has topics that call only topics of the same agent", () => {
    for (const [path, yaml] of topicFiles(files)) {
      const agent = /botcomponents\/(\w+)\.topic/.exec(path)?.[1] ?? "";
      for (const [, called = ""] of yaml.matchAll(/dialog: (.*)/g)) {
        expect([agent, zip.has(`botcomponents/${called}/data`)]).toEqual([called.split(".")[0], true]);
      }
    }
  });

  it("holds the very topics that are written as files", () => {
    const inSolution = zipText("botcomponents/contoso_helpdesk.topic.GetAzureAccessTokenCopilotAPIAuth/data");
    expect(inSolution).toBe(textFile(files, artefactPaths.flowTopic));
    expect(parse(inSolution)).toHaveProperty("kind", "AdaptiveDialog");
  });
});

describe("a second generation", () => {
  it("differs in nothing, byte by byte", () => {
    expect(makeArtefacts(everything)).toEqual(files);
  });

  it("has other GUIDs for another app or another prefix, the same for another tenant", () => {
    const idsOf = (made: ReturnType<typeof makeArtefacts>): string[] =>
      [...made.keys()].flatMap((path) => /-([0-9A-F-]{36})\.json$/.exec(path)?.[1] ?? []);
    const sets = [
      idsOf(makeArtefacts()),
      idsOf(makeArtefacts({}, { name: "Other" })),
      idsOf(makeArtefacts({ publisherPrefix: "contoso" })),
    ];
    expect(new Set(sets.flat()).size).toBe(9);
    expect(idsOf(makeArtefacts({}, { tenantId: app.clientId }))).toEqual(sets[0]);
  });
});
