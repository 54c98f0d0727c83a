import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readStackOutputs } from "../../core/outputs/stackOutputs";
import { azure } from "../../emulator/server/azure";
import { grantPermission } from "../../emulator/tenant/seed";
import { verify } from "../../scripts/verify/verify";
import { deployerCalls, type DeployedStack } from "../support/deployedStack";
import { killableStack, type FinishingRun, type KillableStack } from "../support/killPoints";
import { armEnvironment, azureExchange, testWorld } from "../support/testWorld";

const graph = "https://graph.microsoft.com/v1.0";
const ordersRead = "5f0c2a71-8d3e-4b96-a1f7-3c9e60d4b812";
const ordersWrite = "9a4b7e13-2c58-4f0d-b6e9-81d5f3a0c724";
const teamSite = "https://contoso.sharepoint.com/sites/team";
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
  let first: FinishingRun;
  let asked = ["Orders.Read"];
  let sites = [{ url: teamSite, role: "read" }];

  beforeAll(async () => {
    stack = await killableStack(() => ({
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
    first = await stack.up();
  });
  afterAll(() => stack.close());

  const outputsOf = (run: FinishingRun) => readStackOutputs(run.outputs);
  const held = (run: FinishingRun, name: string) => {
    const principal = outputsOf(run).apps[name]?.servicePrincipalObjectId;
    return Object.values(stack.tenant.state.directory.appRoleAssignments)
      .filter(({ principalId }) => principalId === principal)
      .map(({ resourceId, appRoleId }) => `${resourceId} ${appRoleId}`)
      .sort();
  };
  const judged = async (run: FinishingRun) => {
    const world = testWorld({
      exchange: azureExchange(stack.tenant),
      env: armEnvironment(stack.tenant, "deployer"),
      now: () => stack.tenant.clock.now(),
    });
    const options = { loaded: { outputs: outputsOf(run), from: "test" }, waitSeconds: 0 };
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
      summary: "2 permissions of Office 365 Management APIs, Orders API, all in their tokens",
    });
    expect(found("Feeds", "grants").status).toBe("pass");
    expect(found("Orders", "other-apis").status).toBe("pass");
    expect(found("Orders", "grants").status).toBe("pass");
    expect(found("Orders", "graph-call").status).toBeUndefined();
    expect(found("Orders", "claims")).toMatchObject({ status: "pass" });
  });

  it("gives tokens that a company's API accepts by the documented checks", async () => {
    const { tenant } = stack;
    const handle = azure(tenant);
    const { tenantId } = tenant.state;
    const app = outputsOf(first).apps["Orders"];
    const secret = await deployerCalls(tenant)(
      "GET",
      `${outputsOf(first).vaultUri}secrets/${app?.secretName ?? ""}?api-version=7.6`,
    );
    const login = `https://login.microsoftonline.com/${tenantId}`;
    const answer = await handle(
      new Request(`${login}/oauth2/v2.0/token`, {
        method: "POST",
        body: new URLSearchParams({
          client_id: app?.clientId ?? "",
          client_secret: String(secret["value"]),
          grant_type: "client_credentials",
          scope: `${orders.uri}/.default`,
        }),
      }),
    );
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const keys = await handle(new Request(`${login}/discovery/v2.0/keys`));
    const { payload } = await jwtVerify(token, createLocalJWKSet((await keys.json()) as JSONWebKeySet), {
      issuer: `${login}/v2.0`,
      audience: orders.clientId,
      currentDate: tenant.clock.now(),
    });
    expect(payload["roles"]).toEqual(["Orders.ReadWrite"]);
    expect(payload["azp"]).toBe(app?.clientId);
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
