import { clouds } from "../../core/cloud/clouds";
import { describe, expect, it } from "vitest";
import { artefactPaths } from "../../copilot/files";
import { defaultCopilotSettings, requestFaults } from "../../copilot/settings";
import { connectorClientId } from "../../core/agent/logicAppRequest";
import { copilotAppOf } from "../../scripts/copilot/copilotInput";
import {
  app,
  everything,
  flowFiles,
  logicAppApp,
  makeLogicAppArtefacts,
  textFile,
  zipEntries,
} from "./support/artefactFixture";
import { child, readXml } from "./support/xmlReader";

const files = makeLogicAppArtefacts(everything);
const zip = zipEntries(files);
const connectorId = "/providers/Microsoft.PowerApps/apis/shared_webcontents";
const pathVariable = "cptoken_CopilotAPIAuthLogicAppPath";
const reference = "cptoken_CopilotAPIAuthLogicApp";

describe("the artefacts for an app with a Logic App", () => {
  it("are the graph-call pair and its solution, and nothing that gets a token", () => {
    expect([...files.keys()].filter((path) => !path.startsWith("solution/")).sort()).toEqual([
      "README.md",
      "deployment-settings.json",
      "solution.zip",
      "tools/ask-microsoft-graph-sites.mcs.yml",
      "tools/ask-microsoft-graph.mcs.yml",
      "topics/ask-microsoft-graph-sites.yaml",
      "topics/ask-microsoft-graph.yaml",
    ]);
    expect(flowFiles(files)).toHaveLength(2);
    const everyText = [...files.keys()].map((path) => textFile(files, path)).join("\n");
    expect(everyText).not.toMatch(
      /RetrieveEnvironmentVariableSecretValue|client_secret|100000005|shared_common/,
    );
  });

  it("connect by the connector that signs its user in, under one name everywhere", () => {
    const references = child(readXml(zip.get("customizations.xml") ?? ""), "connectionreferences").children;
    expect(references.map((each) => [each.attributes, child(each, "connectorid").text])).toEqual([
      [{ connectionreferencelogicalname: reference }, connectorId],
    ]);
    const settings = JSON.parse(textFile(files, artefactPaths.deploymentSettings)) as unknown;
    expect(settings).toEqual({
      EnvironmentVariables: [
        {
          SchemaName: pathVariable,
          Value:
            "/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/invoke?api-version=2016-10-01",
        },
      ],
      ConnectionReferences: [{ LogicalName: reference, ConnectionId: "", ConnectorId: connectorId }],
    });
    expect(zip.get("Assets/botcomponent_connectionreferenceset.xml")).toContain(reference);
  });

  it("ask for a request by its name, with no header and no body of their own", () => {
    const [, flow = ""] = flowFiles(files)[0] ?? [];
    expect(JSON.parse(flow)).toMatchObject({
      properties: {
        definition: {
          actions: {
            Ask_the_Logic_App: {
              inputs: {
                host: { connectionName: "shared_webcontents", operationId: "InvokeHttp", apiId: connectorId },
                parameters: {
                  "request/method": "GET",
                  "request/url": `@{parameters('CopilotAPIAuth Logic App path (${pathVariable})')}&request=people`,
                },
              },
            },
          },
        },
      },
    });
  });

  it("ask for another one of the Logic App's requests when told to", () => {
    const [, graphRequest] = logicAppApp.logicApp.requests;
    const [, flow = ""] = flowFiles(makeLogicAppArtefacts({ graphRequest }))[0] ?? [];
    expect(flow).toContain("&request=sites");
  });

  it("come with a README that says how to connect, and who may then ask", () => {
    const readme = textFile(files, artefactPaths.readme);
    for (const words of [
      "`https://prod-07.westeurope.logic.azure.com`",
      `\`${logicAppApp.logicApp.audience}\``,
      connectorClientId,
      "| `sites` | `GET /v1.0/sites/root?$select=displayName` | `displayName` |",
      "ConnectionAuthorizationFailed",
    ]) {
      expect(readme).toContain(words);
    }
    expect(readme).not.toContain("client secret (");
  });
});

describe("requestFaults", () => {
  const elsewhere = { path: "/v1.0/applications", field: "displayName" };

  it("names what the Logic App may be asked when it is asked for something else", () => {
    const faults = requestFaults(logicAppApp, { ...defaultCopilotSettings, graphRequest: elsewhere });
    expect(faults.map(({ code, key }) => [code, key])).toEqual([
      ["COPILOT_REQUEST_NOT_ALLOWED", "--graph-request (CopilotAPIAuth)"],
    ]);
    expect(faults[0]?.reason).toContain("/v1.0/sites/root?$select=displayName (displayName)");
  });

  it.each([
    ["an app with a secret", app, elsewhere],
    ["one of its requests", logicAppApp, logicAppApp.logicApp.requests[0]],
    ["no request", logicAppApp, undefined],
  ])("finds nothing in %s", (_, of, graphRequest) => {
    expect(requestFaults(of, { graphRequest })).toEqual([]);
  });
});

describe("copilotAppOf", () => {
  const { clientId, permissions, secretResourceId, tenantId } = app;
  const { logicApp } = logicAppApp;
  const common = { clientId, permissions };

  it.each([
    ["its Logic App", { ...common, signIn: "managedIdentity" as const, logicApp }, ["logicApp"]],
    ["its secret", { ...common, signIn: "secret" as const, secretResourceId }, ["secretResourceId", "apis"]],
  ])("takes an app by %s", (_, outputs, keys) => {
    const found = copilotAppOf(clouds.public, "Agent", tenantId, outputs);
    expect(Object.keys(found ?? {})).toEqual([
      "cloud",
      "name",
      "tenantId",
      "clientId",
      "permissions",
      ...keys,
    ]);
  });

  it.each([
    ["that an agent could not use", { ...common, signIn: "managedIdentity" as const }],
    ["whose secret is on its way out", { ...common, signIn: "federated" as const, secretResourceId }],
  ])("takes no app %s", (_, outputs) => {
    expect(copilotAppOf(clouds.public, "Agent", tenantId, outputs)).toBeUndefined();
  });
});
