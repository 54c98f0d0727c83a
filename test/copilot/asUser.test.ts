import { unzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { artefactPaths } from "../../copilot/files";
import { chosenRequestFaults } from "../../copilot/requests/chosenRequests";
import { userReads, userReadsFor, userRequest } from "../../core/permissions/userReads";
import { isGraphPath } from "../../core/permissions/graphRequest";
import { everything, makeUserArtefacts, textFile, userApp, zipEntries } from "./support/artefactFixture";

describe("the files for an app that acts as its signed-in user", () => {
  it("have each value of Copilot Studio's page, and the one command that takes back what it shows", () => {
    const readme = textFile(makeUserArtefacts(), artefactPaths.readme);
    expect(readme).toContain("| Service provider | Microsoft Entra ID V2 with federated credentials |");
    expect(readme).toContain("| Scopes | `openid profile User.Read Files.ReadWrite` |");
    expect(readme).toContain("| Require users to sign in | On |");
    expect(readme).toContain(
      "    pulumi config set --path 'copilot-token:apps.HelpdeskAgent.agentSignIn.issuer' '<Federated credential issuer>' && " +
        "pulumi config set --path 'copilot-token:apps.HelpdeskAgent.agentSignIn.subject' '<Federated credential value>' && pulumi up\n",
    );
    expect(readme).toContain("Authentication settings do not travel in a solution.");
  });

  it("have the address of the app's certificate, where it signs in by one", () => {
    const certificateUrl = "https://copilot.vault.azure.net/certificates/HelpdeskAgent-certificate";
    const files = makeUserArtefacts({}, { agentCredential: "certificate", certificateUrl });
    const readme = textFile(files, artefactPaths.readme);
    expect(readme).toContain("| Service provider | Microsoft Entra ID V2 with certificates |");
    expect(readme).toContain(`| Certificate Key Vault URL | \`${certificateUrl}\` |`);
    expect(readme).not.toContain("Client secret |");
  });

  it("ask what the permissions allow, with the user's token in the header and nowhere else", () => {
    const topic = textFile(makeUserArtefacts(), artefactPaths.asMeTopic);
    expect([...topic.matchAll(/https:\/\/graph\.microsoft\.com(\S+)"/g)].map(([, path]) => path)).toEqual([
      "/v1.0/me?$select=displayName",
      "/v1.0/me/drive/root/children?$top=5&$select=name",
    ]);
    const uses = topic.split("\n").filter((line) => line.includes("AccessToken"));
    expect(uses.map((line) => line.trim().split(":")[0])).toEqual([
      "condition",
      "Authorization",
      "Authorization",
    ]);
  });

  it("ask what the settings name instead of that", () => {
    const graphRequest = { path: "/v1.0/me/manager?$select=displayName", field: "displayName" };
    const topic = textFile(makeUserArtefacts({ graphRequest }), artefactPaths.asMeTopic);
    expect(topic.match(/https:\/\/graph/g)).toHaveLength(1);
  });

  it("take no request of the table, which apps make as themselves", () => {
    const settings = {
      requests: ["find-person"],
      mailbox: undefined,
      graphRequest: undefined,
      apiRequests: [],
    };
    expect(chosenRequestFaults([userApp], settings)).toMatchObject([
      {
        key: "--request",
        reason: expect.stringContaining("acts as itself"),
        repair: expect.stringContaining("--graph-request"),
      },
    ]);
  });

  it("are a README and the sign-in topic where no read fits", () => {
    const files = makeUserArtefacts({}, { delegated: ["Mail.Send"] });
    expect([...files.keys()]).toEqual(["README.md", "topics/sign-in.yaml"]);
    expect(textFile(files, "README.md")).toContain("--graph-request");
  });

  it("are a solution with only topics where an agent is named", () => {
    const entries = zipEntries(makeUserArtefacts(everything));
    expect([...entries.keys()].filter((path) => path.startsWith("Workflows/"))).toEqual([]);
    expect(entries.get("customizations.xml")).toContain("<connectionreferences />");
    expect([...entries.keys()]).toContain(
      "botcomponents/contoso_helpdesk.topic.AskMicrosoftGraphasmeHelpdeskAgent/data",
    );
    expect(entries.get("botcomponents/cptoken_Tokenhelper.topic.Signin/data")).toContain(
      "I then reach what you can reach",
    );
  });
});

interface OpenApi {
  readonly host: string;
  readonly basePath: string;
  readonly paths: Record<string, { get: { operationId?: string; parameters?: Record<string, string>[] } }>;
}

describe("the connector of an app that acts as its signed-in user", () => {
  const json = (path: string): unknown =>
    JSON.parse(textFile(makeUserArtefacts(), `connector/solution/${path}`));
  const name = "cptoken_helpdeskagent-20as-20me";

  it("is a component of its own solution, in both shapes", () => {
    const files = makeUserArtefacts();
    const parts = [
      ".xml",
      "_connectionparameters.json",
      "_openapidefinition.json",
      "_policytemplateinstances.json",
    ];
    expect([...files.keys()].filter((path) => path.startsWith("connector/solution/C"))).toEqual(
      [".xml", "_openapidefinition.json", "_connectionparameters.json", "_policytemplateinstances.json"].map(
        (part) => `connector/solution/Connectors/${name}${part}`,
      ),
    );
    const zip = unzipSync(files.get("connector/solution.zip") as Uint8Array);
    expect(Object.keys(zip).filter((path) => path.startsWith("Connector/"))).toEqual(
      parts.map((part) => `Connector/${name}${part}`),
    );
    const manifest = textFile(files, "connector/solution/Other/Solution.xml");
    expect(manifest).toMatch(
      new RegExp(`<RootComponent type="372" id="\\{[0-9a-f-]{36}\\}" schemaName="${name}" behavior="0" />`),
    );
    const row = textFile(files, `connector/solution/Connectors/${name}.xml`);
    expect(row).toContain(`<openapidefinition>/Connector/${name}_openapidefinition.json</openapidefinition>`);
    expect(/id="\{(.*)\}"/.exec(manifest)?.[1]).toBe(/<connectorid>(.*)<\/connectorid>/.exec(row)?.[1]);
  });

  it("asks what the permissions allow", () => {
    const { host, basePath, paths } = json(`Connectors/${name}_openapidefinition.json`) as OpenApi;
    expect([host, basePath, Object.keys(paths)]).toEqual([
      "graph.microsoft.com",
      "/",
      ["/v1.0/me", "/v1.0/me/drive/root/children"],
    ]);
    const { operationId, parameters } = paths["/v1.0/me/drive/root/children"]?.get ?? {};
    expect(operationId).toBe("GetYourFiles");
    expect(parameters?.map((one) => [one["name"], one["default"], one["x-ms-visibility"]])).toEqual([
      ["$top", "5", "internal"],
      ["$select", "name", "internal"],
    ]);
  });

  it("signs in by a managed identity on behalf of the user, and holds no secret", () => {
    const { token } = json(`Connectors/${name}_connectionparameters.json`) as {
      token: { oAuthSettings: object };
    };
    expect(token.oAuthSettings).toMatchObject({
      clientId: userApp.clientId,
      clientAssertionType: "GenericFederatedIdentityCredential",
      properties: { AzureActiveDirectoryResourceId: "https://graph.microsoft.com" },
      customParameters: {
        EnableOnbehalfOfLogin: { value: "true" },
        grantType: { value: "authorization_code_with_federated_identity_credentials" },
      },
    });
    expect(JSON.stringify(token)).not.toMatch(/secret/i);
  });

  it("is not made for an app with a client secret", () => {
    const files = makeUserArtefacts({}, { agentCredential: "secret" });
    expect([...files.keys()].filter((path) => path.startsWith("connector"))).toEqual([]);
    expect(textFile(files, "README.md")).not.toContain("--connect");
  });

  it("has a name that Power Platform takes, whatever the app's is", () => {
    const long = makeUserArtefacts({}, { name: `Helpdesk-${"x".repeat(90)}` });
    const path = [...long.keys()].find((one) => one.endsWith("me.xml")) ?? "";
    const displayName = /<displayname>(.*)<\/displayname>/.exec(textFile(long, path))?.[1] ?? "";
    expect(displayName).toMatch(/^[a-z0-9]+ as me$/i);
    expect(displayName).toHaveLength(30);
  });
});

describe("reads of the user's own data", () => {
  it("are each allowed by one of their permissions, and are paths that a topic may ask", () => {
    for (const read of userReads) {
      for (const permission of read.permissions) expect(userReadsFor([permission])).toContain(read);
      expect(isGraphPath(userRequest(read).path)).toBe(true);
    }
    expect(userReadsFor(["openid", "Mail.Send"])).toEqual([]);
  });
});
