import { clouds } from "../../core/cloud/clouds";
import type { JSONWebKeySet } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { artefacts } from "../../copilot/artefacts";
import { artefactPaths } from "../../copilot/files";
import { artefactNames } from "../../copilot/names";
import { chosenRequestFaults } from "../../copilot/requests/chosenRequests";
import { appFaults, defaultCopilotSettings, settingsFaults } from "../../copilot/settings";
import { readStackOutputs } from "../../core/outputs/stackOutputs";
import { mintToken } from "../../emulator/entra/tokens";
import { say } from "../../emulator/powerPlatform/conversation";
import { azure } from "../../emulator/server/azure";
import { grantPermission } from "../../emulator/tenant/seed";
import { copilotAppOf } from "../../scripts/copilot/copilotInput";
import { emulatedPlatform } from "../../scripts/copilot/trial/emulatedPlatform";
import { importTrial } from "../../scripts/copilot/trial/importTrial";
import { verify } from "../../scripts/verify/verify";
import { textFile } from "../copilot/support/artefactFixture";
import {
  filledRequest,
  type PostmanCollection,
  type PostmanEnvironment,
} from "../copilot/support/postmanPlayer";
import { deployerCalls, type DeployedStack } from "../support/deployedStack";
import { killableStack, type FinishingRun, type KillableStack } from "../support/killPoints";
import { ordersHost, startOrdersApi, type OrdersApi } from "../support/ordersApi";
import { armEnvironment, azureExchange, testWorld } from "../support/testWorld";

const graph = "https://graph.microsoft.com/v1.0";
const ordersRead = "5f0c2a71-8d3e-4b96-a1f7-3c9e60d4b812";
const ordersWrite = "9a4b7e13-2c58-4f0d-b6e9-81d5f3a0c724";
const teamSite = "https://contoso.sharepoint.com/sites/team";
const ordersUrl = `https://${ordersHost}/v1/orders?status=open`;
const environmentId = "7d0a2c64-58f1-4e39-9b07-c3e5a1f8d246";
const agent = "contoso_helpdesk";
const managementId = "c36a0e58-79d4-4b1f-8e62-d1f7b9a03c45";

/** A company's own API: an app registration with two app roles, and its service principal. */
async function makeOrdersApi(call: DeployedStack["call"]) {
  const role = (id: string, value: string) => ({
    id,
    value,
    displayName: value,
    description: value,
    isEnabled: true,
    allowedMemberTypes: ["Application"],
  });
  const made = await call("POST", `${graph}/applications`, {
    displayName: "Orders API",
    api: { requestedAccessTokenVersion: 2 },
    appRoles: [role(ordersRead, "Orders.Read"), role(ordersWrite, "Orders.ReadWrite")],
  });
  const clientId = String(made["appId"]);
  const uri = `api://${clientId}`;
  await call("PATCH", `${graph}/applications/${String(made["id"])}`, { identifierUris: [uri] });
  const principal = await call("POST", `${graph}/servicePrincipals`, { appId: clientId });
  return { clientId, uri, objectId: String(principal["id"]) };
}

describe("a stack with permissions of other APIs", () => {
  let stack: KillableStack;
  let orders: Awaited<ReturnType<typeof makeOrdersApi>>;
  let ordersApi: OrdersApi;
  let first: FinishingRun;
  let asked = ["Orders.Read"];
  let sites = [{ url: teamSite, role: "read" }];

  beforeAll(async () => {
    stack = await killableStack(() => ({
      powerPlatform: { environmentId, agents: [agent] },
      apps: {
        Feeds: {
          permissions: ["User.Read.All"],
          apis: { Office365Management: ["ActivityFeed.Read"], [orders.uri]: asked },
        },
        Orders: { apis: { [orders.clientId]: ["Orders.ReadWrite"] } },
        Hr: { permissions: ["Sites.Selected"], sites },
      },
    }));
    const { state, identities, clock } = stack.tenant;
    grantPermission(state, identities.deployer.objectId, "Sites.FullControl.All", clock.now().toISOString());
    orders = await makeOrdersApi(deployerCalls(stack.tenant));
    const handle = azure(stack.tenant);
    ordersApi = await startOrdersApi({
      clientId: orders.clientId,
      tenantId: state.tenantId,
      keys: async () => {
        const answer = await handle(
          new Request(`https://login.microsoftonline.com/${state.tenantId}/discovery/v2.0/keys`),
        );
        return (await answer.json()) as JSONWebKeySet;
      },
      now: () => clock.now(),
    });
    first = await stack.up();
  });
  afterAll(async () => {
    await stack.close();
    await ordersApi.close();
  });

  /** The files of the app, imported; requests of the company's API go to the server here. */
  const copilotOf = (name: "Orders" | "Feeds") => {
    const published = outputsOf(first).apps[name];
    const { tenant } = stack;
    const app = published && copilotAppOf(clouds.public, name, tenant.state.tenantId, published);
    if (app === undefined) throw new Error("the app has a client secret");
    const settings = {
      ...defaultCopilotSettings,
      environmentId,
      agents: [agent],
      apiRequests: [`${orders.uri} ${ordersUrl} orders[].number`],
    };
    expect([...appFaults(app), ...settingsFaults(settings), ...chosenRequestFaults([app], settings)]).toEqual(
      [],
    );
    const files = artefacts(app, settings);
    const { environment } = importTrial(files, settings, { topicTimeout: "blank" });
    const platform = emulatedPlatform(tenant);
    const send = (request: Request): Promise<Response> =>
      new URL(request.url).hostname === ordersHost ? ordersApi.send(request) : platform.send(request);
    const { phrase } = artefactNames(app, settings).ofRequest("Ask Orders API").topic;
    return {
      files,
      send,
      ask: async (topic: string) => {
        const text = textFile(files, `topics/${topic}.yaml`);
        return (await say(phrase, text, environment, { ...platform, send })).messages;
      },
    };
  };

  const outputsOf = (run: FinishingRun) => readStackOutputs(run.outputs);
  const held = (run: FinishingRun, name: string) => {
    const principal = outputsOf(run).apps[name]?.servicePrincipalObjectId;
    return Object.values(stack.tenant.state.directory.appRoleAssignments)
      .filter(({ principalId }) => principalId === principal)
      .map(({ resourceId, appRoleId }) => `${resourceId} ${appRoleId}`)
      .sort();
  };
  const judged = async (run: FinishingRun, apiReads: readonly string[] = []) => {
    const exchange = azureExchange(stack.tenant);
    const world = testWorld({
      exchange: async (request, timeout) => {
        if (new URL(request.url).hostname !== ordersHost) return exchange(request, timeout);
        const reply = await ordersApi.send(new Request(request.url, request));
        return { status: reply.status, headers: {}, body: await reply.text() };
      },
      env: armEnvironment(stack.tenant, "deployer"),
      now: () => stack.tenant.clock.now(),
    });
    const options = { loaded: { outputs: outputsOf(run), from: "test" }, waitSeconds: 0, apiReads };
    const report = await verify(world, options);
    return (app: string, id: string) => {
      const { status, summary } = report.checks.find((one) => one.app === app && one.id === id) ?? {};
      return { status, summary };
    };
  };

  it("declares and grants each API's permissions, and publishes what tokens are asked for", () => {
    expect(first.ok, first.said).toBe(true);
    expect(held(first, "Feeds")).toHaveLength(3);
    expect(held(first, "Feeds")).toContain(`${orders.objectId} ${ordersRead}`);
    expect(held(first, "Orders")).toEqual([`${orders.objectId} ${ordersWrite}`]);
    const { Feeds, Orders } = outputsOf(first).apps;
    expect(Feeds?.apis).toEqual([
      {
        clientId: "c5393580-f805-4401-95e8-94b7a6ef2fc2",
        name: "Office 365 Management APIs",
        audience: "https://manage.office.com",
        permissions: ["ActivityFeed.Read"],
      },
      { clientId: orders.clientId, name: "Orders API", audience: orders.uri, permissions: ["Orders.Read"] },
    ]);
    expect(Orders).toMatchObject({ permissions: [], apis: [{ audience: orders.uri }] });
    const { applications } = stack.tenant.state.directory;
    const declared = applications[Orders?.applicationObjectId ?? ""]?.["requiredResourceAccess"];
    expect(declared).toEqual([
      { resourceAppId: orders.clientId, resourceAccess: [{ id: ordersWrite, type: "Role" }] },
    ]);
  });

  it("is verified by one token for each API", async () => {
    const found = await judged(first);
    expect(found("Feeds", "other-apis")).toEqual({
      status: "pass",
      summary:
        "2 permissions of Office 365 Management APIs, Orders API, all in their tokens; " +
        "a read is answered by Office 365 Management APIs; only the token is verified for Orders API",
    });
    expect(found("Feeds", "grants").status).toBe("pass");
    expect(found("Orders", "other-apis").status).toBe("pass");
    expect(found("Orders", "grants").status).toBe("pass");
    expect(found("Orders", "graph-call").status).toBeUndefined();
    expect(found("Orders", "claims")).toMatchObject({ status: "pass" });
  });

  it.each(["ask-ordersapi", "ask-ordersapi.direct"])(
    "reaches a company's API, which checks the token, by the topic %s",
    async (topic) => {
      const { ask } = copilotOf("Orders");
      ordersApi.calls.length = 0;
      expect(await ask(topic)).toEqual(["Orders API answered with 2 (number): A-1001, A-1002"]);
      expect(ordersApi.calls).toEqual(["GET /v1/orders?status=open 200"]);
    },
  );

  it.each(["ask-ordersapi", "ask-ordersapi.direct"])(
    "says by the topic %s that the company's API refuses an app without its role",
    async (topic) => {
      const { appRoleAssignments } = stack.tenant.state.directory;
      const { ask } = copilotOf("Feeds");
      const principalId = outputsOf(first).apps["Feeds"]?.servicePrincipalObjectId;
      const [id = "", grant] =
        Object.entries(appRoleAssignments).find(
          ([, one]) => one.principalId === principalId && one.resourceId === orders.objectId,
        ) ?? [];
      Reflect.deleteProperty(appRoleAssignments, id);
      const said = await ask(topic);
      if (grant !== undefined) Object.assign(appRoleAssignments, { [id]: grant });
      expect(said).toEqual([
        "Orders API refused the request: the app lacks a permission for it, or admin consent was not granted. " +
          "(HTTP_403: HTTP 403: one of Orders.Read, Orders.ReadWrite is needed)",
      ]);
      expect(await ask(topic)).toEqual(["Orders API answered with 2 (number): A-1001, A-1002"]);
    },
  );

  it("reaches a company's API by Postman", async () => {
    const { tenant } = stack;
    const { files, send } = copilotOf("Orders");
    const app = outputsOf(first).apps["Orders"];
    const secret = await deployerCalls(tenant)(
      "GET",
      `${outputsOf(first).vaultUri}secrets/${app?.secretName ?? ""}?api-version=7.6`,
    );
    const { item } = JSON.parse(textFile(files, artefactPaths.postmanCollection)) as PostmanCollection;
    const environment = JSON.parse(textFile(files, artefactPaths.postmanEnvironment)) as PostmanEnvironment;
    const values = new Map(environment.values.map(({ key, value }) => [key, value]));
    values.set("clientSecret", String(secret["value"]));
    const [getToken, askOrders] = item.slice(-2);
    if (getToken === undefined || askOrders === undefined) throw new Error("two requests are expected");
    const token = (await (await send(filledRequest(getToken.request, values))).json()) as {
      access_token: string;
    };
    values.set("OrdersAPIAccessToken", token.access_token);
    const answer = await send(filledRequest(askOrders.request, values));
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { orders: [{ number: "A-1001" }, { number: "A-1002" }] },
    ]);
  });

  it("is refused by a company's API with a token for another API, of another version or without roles", async () => {
    const { clientId, objectId } = stack.tenant.identities.deployer;
    const ask = async (grant: Partial<Parameters<typeof mintToken>[1]>) => {
      const token = await mintToken(stack.tenant, {
        clientId,
        objectId,
        audience: orders.uri,
        roles: ["Orders.Read"],
        version2For: orders.clientId,
        ...grant,
      });
      const headers = { Authorization: `Bearer ${token}` };
      return (await ordersApi.send(new Request(ordersUrl, { headers }))).status;
    };
    expect(await ask({})).toBe(200);
    expect(await ask({ version2For: "c5393580-f805-4401-95e8-94b7a6ef2fc2" })).toBe(401);
    expect(await ask({ version2For: undefined })).toBe(401);
    expect(await ask({ lifetimeSeconds: -1 })).toBe(401);
    expect(await ask({ roles: ["Orders.Approve"] })).toBe(403);
    expect(await ask({ roles: [] })).toBe(403);
    expect((await ordersApi.send(new Request(ordersUrl))).status).toBe(401);
  });

  it("is verified by a read of a company's API, where the caller names one", async () => {
    ordersApi.calls.length = 0;
    const found = await judged(first, [`Orders API ${ordersUrl}`]);
    expect(found("Orders", "other-apis")).toEqual({
      status: "pass",
      summary: "1 permission of Orders API, all in their tokens; a read is answered by Orders API",
    });
    expect(ordersApi.calls.filter((call) => call.endsWith(" 200"))).toHaveLength(2);
    expect(ordersApi.calls.filter((call) => call.endsWith(" 401"))).toHaveLength(2);
  });

  it("refuses a read that would send a token elsewhere, with every reason at once", async () => {
    const texts = [
      "Office365Management https://manage.office.com.evil.example/x",
      "Orders API https://graph.microsoft.com/v1.0/users",
      `${orders.uri} http://${ordersHost}/v1`,
      `Invoices API ${ordersUrl}`,
    ];
    await expect(judged(first, texts)).rejects.toThrow(
      /this host is not its own[^]*is Microsoft Graph, another API[^]*an https URL[^]*No app has permissions of it/,
    );
  });

  it("changes nothing when nothing changed", async () => {
    const again = await stack.up();
    expect([again.ok, again.steps, again.writes]).toEqual([true, [], []]);
  });

  it("finds a grant that was removed outside and one that was added, and heals the first", async () => {
    const { appRoleAssignments } = stack.tenant.state.directory;
    const principalId = outputsOf(first).apps["Feeds"]?.servicePrincipalObjectId ?? "";
    const [id] =
      Object.entries(appRoleAssignments).find(
        ([, grant]) => grant.principalId === principalId && grant.resourceId === managementId,
      ) ?? [];
    Reflect.deleteProperty(appRoleAssignments, id ?? "");
    expect((await judged(first))("Feeds", "other-apis")).toEqual({
      status: "fail",
      summary: "Office 365 Management APIs: not in the token: ActivityFeed.Read",
    });
    const healed = await stack.up({}, { refresh: true });
    expect(healed.ok, healed.said).toBe(true);
    expect((await judged(healed))("Feeds", "other-apis").status).toBe("pass");

    const added = await deployerCalls(stack.tenant)(
      "POST",
      `${graph}/servicePrincipals/${orders.objectId}/appRoleAssignedTo`,
      { appRoleId: ordersWrite, principalId, resourceId: orders.objectId },
    );
    const found = await judged(healed);
    expect(found("Feeds", "other-apis").summary).toBe(
      "Orders API: in the token, but not requested: Orders.ReadWrite",
    );
    expect(found("Feeds", "grants").status).toBe("fail");
    await deployerCalls(stack.tenant)(
      "DELETE",
      `${graph}/servicePrincipals/${orders.objectId}/appRoleAssignedTo/${String(added["id"])}`,
    );
  });

  it("opens the sites of the settings and no other, and leaves the grants of other apps", async () => {
    const { directory } = stack.tenant.state;
    const { Hr } = outputsOf(first).apps;
    const grants = () => Object.values(directory.sitePermissions ?? {});
    const own = () => grants().filter(({ clientId }) => clientId === Hr?.clientId);
    const foreign = {
      id: "foreign",
      siteId: Hr?.sites?.[0]?.siteId ?? "",
      clientId: "other",
      displayName: "Other",
    };
    (directory.sitePermissions ??= {})["foreign"] = { ...foreign, roles: ["write"] };
    expect(own()).toMatchObject([{ siteId: foreign.siteId, roles: ["read"], displayName: "Hr" }]);
    expect((await judged(first))("Hr", "sites")).toEqual({
      status: "pass",
      summary: "Microsoft Graph opens 1 site to the app",
    });

    // Another role is a change of the same grant, a grant that was removed is made again, and one that exists is adopted.
    const [before] = own();
    sites = [{ url: `${teamSite}/`, role: "write" }];
    const changed = await stack.up();
    expect(changed.ok, changed.said).toBe(true);
    expect(own()).toEqual([{ ...before, roles: ["write"] }]);
    Reflect.deleteProperty(directory.sitePermissions, before?.id ?? "");
    expect((await judged(changed))("Hr", "sites")).toEqual({
      status: "fail",
      summary: `${teamSite}/ is closed to the app (403)`,
    });
    const healed = await stack.up({}, { refresh: true });
    expect(healed.ok, healed.said).toBe(true);
    expect((await judged(healed))("Hr", "sites").status).toBe("pass");
    expect(own()).toHaveLength(1);

    sites = [{ url: "https://contoso.sharepoint.com", role: "read" }];
    const moved = await stack.up();
    expect(moved.ok, moved.said).toBe(true);
    expect(own()).toMatchObject([{ roles: ["read"] }]);
    expect(own()[0]?.siteId).not.toBe(foreign.siteId);
    expect(grants()).toContainEqual({ ...foreign, roles: ["write"] });
  });

  it("adds a permission beside the others when the settings do", async () => {
    asked = ["Orders.Read", "Orders.ReadWrite"];
    const more = await stack.up();
    expect(more.ok, more.said).toBe(true);
    expect(more.steps.filter((step) => step.startsWith("create"))).toEqual([
      `create Feeds-${orders.clientId}-Orders.ReadWrite`,
    ]);
    expect((await judged(more))("Feeds", "other-apis").status).toBe("pass");
  });
});
