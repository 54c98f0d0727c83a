import { describe, expect, it } from "vitest";
import { clouds } from "../../core/cloud/clouds";
import { apiRequestFaults, apiRequestsOf, apisOfRequests } from "../../copilot/requests/apiRequests";
import { artefactPaths } from "../../copilot/files";
import { app, logicAppApp, makeArtefacts, textFile, topicFiles } from "./support/artefactFixture";

const management = {
  clientId: "c5393580-f805-4401-95e8-94b7a6ef2fc2",
  name: "Office 365 Management APIs",
  audience: "https://manage.office.com",
};
const orders = {
  clientId: "11111111-2222-4333-8444-555555555555",
  name: "Orders API",
  audience: "api://11111111-2222-4333-8444-555555555555",
};
const apis = [management, orders];
const faultsOf = (...texts: string[]): string[] =>
  apiRequestFaults([{ ...app, apis }], texts).map(({ reason, repair }) => `${reason} ${repair}`);

const list = "https://manage.office.com/api/v1.0/t/activity/feed/subscriptions/list";

describe("a request of another API", () => {
  it.each([
    "Office365Management",
    "office365management",
    "Office 365 Management APIs",
    "C5393580-F805-4401-95E8-94B7A6EF2FC2",
    "https://manage.office.com",
    "https://manage.office.com/",
  ])("names the API: %s", (name) => {
    expect(faultsOf(`${name} ${list} [].contentType`)).toEqual([]);
    expect(apiRequestsOf(clouds.public, apis, [`${name} ${list} [].contentType`])).toMatchObject([
      {
        key: "ask-office365managementapis",
        title: "Ask Office 365 Management APIs",
        method: "GET",
        path: "/api/v1.0/t/activity/feed/subscriptions/list",
        fields: ["contentType"],
        list: "",
        api: { audience: "https://manage.office.com", baseUrl: "https://manage.office.com" },
      },
    ]);
  });

  it("can be one of an API to which access is given otherwise than by permissions", () => {
    const text =
      "DynamicsCrm https://contoso.api.crm4.dynamics.com/api/data/v9.2/accounts?$top=5 value[].name";
    expect(faultsOf(text)).toEqual([]);
    const [request] = apiRequestsOf(clouds.public, [], [text]);
    expect(request?.api).toMatchObject({
      name: "Dataverse",
      audience: "https://contoso.api.crm4.dynamics.com",
      note: expect.stringContaining("application user") as string,
    });
    const devOps = "AzureDevOps https://dev.azure.com/contoso/_apis/projects?api-version=7.1 value[].name";
    expect(apiRequestsOf(clouds.public, [], [devOps])[0]?.api?.audience).toBe(
      "499b84ac-1321-427f-aa17-267ca6975798",
    );
  });

  it.each([
    ["", "An API, an https URL and a property are expected"],
    [`${list} contentType`, "An API, an https URL and a property are expected"],
    ["Orders API http://orders.contoso.com/v1 number", "An API, an https URL and a property are expected"],
    ["Orders API https://orders.contoso.com/v1 a.b", "An API, an https URL and a property are expected"],
    ["Orders API https://[::1/v1 number", "An API, an https URL and a property are expected"],
    ["MicrosoftGraph https://graph.microsoft.com/v1.0/users displayName", "That is Microsoft Graph"],
    ["Office365SharePointOnline https://contoso.sharepoint.com/_api/web Title", "refuses app-only tokens"],
    [
      "Invoices API https://invoices.contoso.com/ number",
      "have those of: Office 365 Management APIs, Orders API",
    ],
    [
      "Office365ExchangeOnline https://outlook.office365.com/x id",
      "No app with a client secret has permissions of it",
    ],
    ["FlowService https://api.flow.microsoft.com/x id", "delegated permissions only"],
    ["Office365Management https://manage.office.com.evil.example/x id", "this host is not its own"],
    ["Office365Management https://manage.office.com@evil.example/x id", "no user name"],
    ["AzureDevOps https://dev.azure.com.evil.example/x id", "this host is not its own"],
    ["DynamicsCrm https://evil.example/.crm4.dynamics.com id", "this host is not its own"],
    ["DynamicsCrm https://api.businesscentral.dynamics.com/v2.0 id", "this host is not its own"],
    ["Orders API https://graph.microsoft.com/v1.0/users id", "is Microsoft Graph, another API"],
    ["Orders API https://kv.vault.azure.net/secrets id", "is Azure Key Vault, another API"],
    ["Orders API https://127.0.0.1/v1 number", "by a public name"],
    ["Orders API https://[::1]/v1 number", "by a public name"],
    ["Orders API https://localhost/v1 number", "by a public name"],
    ["Orders API https://orders.localhost/v1 number", "by a public name"],
    ["Orders API https://orders.contoso.com:8443/v1 number", "no port"],
    ["Orders API https://orders.contoso.com/v1#x number", "and no fragment"],
    ["Orders API https://orders.contoso.com/v1?q=@{body('x')} number", "reads as a formula"],
  ])("is refused with the reason: %s", (text, reason) => {
    const faults = faultsOf(text);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(reason);
  });

  it("is refused where another one would have its names, and where no app has a client secret", () => {
    const one = "Orders API https://orders.contoso.com/v1 number";
    expect(faultsOf(one, one)).toEqual([expect.stringContaining("An API has one request")]);
    const twin = { ...orders, clientId: app.clientId, audience: `api://${app.clientId}` };
    expect(apiRequestFaults([{ ...app, apis: [orders, twin] }], [one])[0]?.reason).toBe(
      "Several APIs have this name.",
    );
    const graph = { ...orders, name: "Microsoft Graph" };
    expect(
      apiRequestFaults([{ ...app, apis: [graph] }], [`${orders.audience} https://a.example/x id`]),
    ).toHaveLength(1);
    expect(apiRequestFaults([logicAppApp], [one])[0]?.reason).toBe(
      "No app with a client secret has permissions of other APIs.",
    );
  });

  it("goes to hosts of the app's own cloud alone", () => {
    const { usgovernment } = clouds;
    const inCloud = { ...app, cloud: usgovernment, apis };
    const other = apiRequestFaults([inCloud], [`Office365Management ${list} [].contentType`]);
    expect(other.map(({ reason, repair }) => [reason, repair])).toEqual([
      [
        "A token for Office 365 Management APIs goes only where that API is, and this host is not its own in the US Government cloud (GCC High).",
        "Name a URL at manage.office365.us.",
      ],
    ]);
    const own = `Office365Management ${list.replace("manage.office.com", "manage.office365.us")} [].contentType`;
    expect(apiRequestFaults([inCloud], [own])).toEqual([]);
    expect(apisOfRequests(usgovernment, [own])[0]?.audience).toBe("https://manage.office365.us");
    expect(
      apiRequestFaults([app], [`${orders.audience} https://graph.microsoft.us/v1.0/users id`]),
    ).toHaveLength(1);
  });

  it("takes its API from the flag, for an app without a stack", () => {
    const texts = [
      `${orders.audience} https://orders.contoso.com/v1 number`,
      `Office365Management ${list} [].contentType`,
    ];
    const known = apisOfRequests(clouds.public, texts);
    expect(apiRequestFaults([{ ...app, apis: known }], texts)).toEqual([]);
    expect(apiRequestsOf(clouds.public, known, texts).map(({ title }) => title)).toEqual([
      "Ask API 11111111-2222-4333-8444-555555555555",
      "Ask Office 365 Management APIs",
    ]);
  });

  it("puts nothing of a hostile name into formulas, scripts or paths", () => {
    const hostile = { ...orders, name: '{System.User}"); pm.sendRequest("https://x") //@{1}../`' };
    const files = makeArtefacts(
      { apiRequests: [`${orders.audience} https://orders.contoso.com/v1 number`] },
      { apis: [hostile] },
    );
    const texts = [
      ...topicFiles(files).map(([, text]) => text),
      textFile(files, artefactPaths.postmanCollection),
      ...files.keys(),
    ].join("\n");
    for (const part of ["{System.", "pm.sendRequest(", "@{1}", "/../"]) {
      expect(texts.includes(part), part).toBe(false);
    }
  });

  it("is in the README with its variables, and what the app needs beside a permission", () => {
    const readme = textFile(
      makeArtefacts(
        {
          apiRequests: [
            "Orders API https://orders.contoso.com/v1/orders orders[].number",
            "AzureDevOps https://dev.azure.com/contoso/_apis/projects?api-version=7.1 value[].name",
          ],
        },
        { apis: [orders] },
      ),
      artefactPaths.readme,
    );
    expect(readme).toContain(
      "| Orders API | CopilotAPIAuth Orders API base URL (`cptoken_CopilotAPIAuthApiOrdersAPIBaseUrl`): `https://orders.contoso.com` | " +
        "CopilotAPIAuth Orders API scope (`cptoken_CopilotAPIAuthApiOrdersAPIScope`): `api://11111111-2222-4333-8444-555555555555/.default` |",
    );
    expect(readme).toContain("- Azure DevOps: Azure DevOps has no app roles.");
  });
});
