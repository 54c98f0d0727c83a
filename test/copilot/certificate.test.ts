import { clouds } from "../../core/cloud/clouds";
import { describe, expect, it } from "vitest";
import { artefacts } from "../../copilot/artefacts";
import { fitsConnector } from "../../copilot/byCertificate/certificateConnector";
import { requestTable } from "../../copilot/requests/requestTable";
import { defaultCopilotSettings, type CertificateApp, type CopilotSettings } from "../../copilot/settings";
import { copilotAppOf } from "../../scripts/copilot/copilotInput";
import { app, everything, textFile } from "./support/artefactFixture";

const certificateApp: CertificateApp = {
  cloud: clouds.public,
  name: "Reports",
  tenantId: app.tenantId,
  clientId: app.clientId,
  permissions: ["User.Read.All", "Sites.Read.All"],
  certificate: {
    vaultName: "kv-copilot",
    certificateName: "Reports-certificate",
    secretName: "Reports-signing-key",
  },
};
const name = "cptoken_reports-20as-20itself";

function make(settings: Partial<CopilotSettings> = {}, permissions = certificateApp.permissions) {
  return artefacts({ ...certificateApp, permissions }, { ...defaultCopilotSettings, ...settings });
}

interface OpenApi {
  readonly paths: Record<string, { get: { operationId: string; parameters: Record<string, unknown>[] } }>;
  readonly security: object[];
  readonly securityDefinitions: Record<string, object>;
}

function json(part: string, settings: Partial<CopilotSettings> = {}): unknown {
  return JSON.parse(textFile(make(settings), `connector/solution/Connectors/${name}_${part}.json`));
}

describe("the connector of an app with a certificate", () => {
  it("lets a connection sign in by a certificate, in the form of public exports, and holds neither ID nor secret", () => {
    const sets = json("connectionparametersets") as { values: { name: string; parameters: object }[] };
    const [only] = sets.values;
    expect(sets.values).toMatchObject([{ name: "certOauth", metadata: { allowSharing: true } }]);
    expect(json("connectionparameters")).toEqual(only?.parameters);
    expect(only?.parameters).toMatchObject({
      token: {
        oAuthSettings: {
          clientId: "00000000-0000-0000-0000-000000000000",
          scopes: ["https://graph.microsoft.com/.default"],
          customParameters: { grantType: { value: "client_credentials" } },
        },
      },
      "token:clientCertificateSecret": { type: "clientCertificate" },
    });
    const { security, securityDefinitions } = json("openapidefinition") as OpenApi;
    expect([security, Object.keys(securityDefinitions)]).toEqual([[{ certOauth: [] }], ["certOauth"]]);
    const row = textFile(make(), `connector/solution/Connectors/${name}.xml`);
    expect(row).toContain(
      `<connectionparametersets>/Connector/${name}_connectionparametersets.json</connectionparametersets>`,
    );
    expect([...make().values()].join()).not.toContain("clientSecret");
  });

  it("asks what the permissions allow, with values as parts of the path and of the query", () => {
    const request = ["find-site", "list-site-files"];
    const { paths } = json("openapidefinition", { requests: request }) as OpenApi;
    expect(Object.keys(paths)).toEqual([
      "/v1.0/users",
      "/v1.0/sites",
      "/v1.0/sites/{site}/drive/root/children",
    ]);
    expect(paths["/v1.0/sites"]?.get).toMatchObject({
      operationId: "FindASharePointSite",
      parameters: [{ name: "search", in: "query", required: true }],
    });
    expect(
      paths["/v1.0/sites/{site}/drive/root/children"]?.get.parameters.map((one) => [one["name"], one["in"]]),
    ).toEqual([
      ["site", "path"],
      ["$top", "query"],
      ["$select", "query"],
    ]);
  });

  it("leaves out what no connector can encode, and what changes something", () => {
    expect(requestTable.filter(fitsConnector).map(({ key }) => key)).toEqual([
      "list-group-members",
      "find-site",
      "list-site-files",
      "read-shared-mailbox",
    ]);
  });

  it("comes with a README that gives each field of the connection, and without topics or flows for agents", () => {
    const files = make(everything);
    expect([...files.keys()].filter((path) => !path.startsWith("connector/"))).toEqual(["README.md"]);
    const readme = textFile(files, "README.md");
    expect(readme).toContain(`| Client ID | \`${app.clientId}\` |`);
    expect(readme).toContain(
      "az keyvault secret download --vault-name kv-copilot --name Reports-certificate",
    );
    expect([...make({}, ["Mail.Send"]).keys()]).toEqual(["README.md"]);
  });
});

describe("copilotAppOf", () => {
  it("takes an app with a certificate only where its key may be exported", () => {
    const { clientId, permissions, tenantId } = certificateApp;
    const certificate = {
      certificateName: "Reports-certificate",
      secretName: "Reports-signing-key",
      secretResourceId: app.secretResourceId.replace(/[^/]+$/, "Reports-signing-key"),
      exportable: true,
    };
    const outputs = { clientId, permissions, signIn: "certificate", certificate } as const;
    expect(copilotAppOf(clouds.public, "Reports", tenantId, outputs)).toMatchObject({
      certificate: { vaultName: "kv", certificateName: "Reports-certificate" },
    });
    const sealed = { ...outputs, certificate: { ...certificate, exportable: false } };
    expect(copilotAppOf(clouds.public, "Reports", tenantId, sealed)).toBeUndefined();
    expect(
      copilotAppOf(clouds.public, "Reports", tenantId, { ...outputs, signIn: "federated" }),
    ).toBeUndefined();
  });
});
