import { deployerRequests } from "../../scripts/copilot/trial/trialTenant";
import { graphObjectId } from "../../emulator/tenant/seed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../../emulator/entra/browser";
import { mintServiceAssertion, serviceSubject } from "../../emulator/entra/clientAssertion";
import { azure } from "../../emulator/server/azure";
import { readStackOutputs } from "../../core/outputs/stackOutputs";
import { verify } from "../../scripts/verify/verify";
import {
  armEnvironment,
  azureExchange,
  jsonAnswer,
  testWorld,
  type Interception,
} from "../support/testWorld";
import { killableStack, type FinishingRun, type KillableStack } from "../support/killPoints";

const redirectUri = "https://europe.token.botframework.com/.auth/web/redirect";
const connectorUri = "https://global.consent.azure-apim.net/redirect/cptoken-5fagent";
const teamsAppId = "0d9f4a26-7c15-4e3b-a8d2-61c7f0b4e593";

interface PublishedApp {
  readonly clientId: string;
  readonly applicationObjectId: string;
  readonly servicePrincipalObjectId: string;
  readonly credential?: object;
  readonly [name: string]: unknown;
}

describe("a stack with apps that act as their signed-in users", () => {
  let stack: KillableStack;
  let agentSignIn: object | undefined;
  let adopted: string | undefined;
  let files = ["User.Read", "Files.ReadWrite"];
  let first: FinishingRun;
  let connected: FinishingRun;
  let users: string[] = [];

  beforeAll(async () => {
    stack = await killableStack(({ state }) => {
      users = Object.keys(state.directory.users);
      const [group] = Object.keys(state.directory.groups);
      return {
        apps: {
          Agent: {
            delegated: files,
            credential: "federated",
            ...(agentSignIn === undefined ? {} : { agentSignIn }),
            userSignIn: { teamsAppId, assignedTo: [group], redirectUris: ["http://localhost"] },
          },
          ...(adopted === undefined
            ? {}
            : {
                Hand: {
                  delegated: ["User.Read", "Files.ReadWrite"],
                  adopt: adopted,
                  credential: "federated",
                  userSignIn: { assignedTo: users.slice(0, 2).map((id) => id.toUpperCase()) },
                },
              }),
          Connector: {
            delegated: ["User.Read"],
            credential: "federated",
            connectorSignIn: {
              issuer: "https://login.microsoftonline.com/x/v2.0",
              subject: "/eid1/c/pub/t/x/a/y/unitedstates-002_z",
              redirectUri: connectorUri,
            },
          },
          Older: { delegated: ["User.Read"], userSignIn: { regions: ["india"], users: users.slice(0, 2) } },
        },
      };
    });
    first = await stack.up();
  });
  afterAll(() => stack.close());

  const published = (run: FinishingRun, name: string): PublishedApp =>
    (run.outputs["apps"] as Record<string, PublishedApp>)[name] ?? ({} as PublishedApp);
  const grantOf = ({ servicePrincipalObjectId }: PublishedApp) =>
    grants().find(({ clientId }) => clientId === servicePrincipalObjectId);
  const grants = () => Object.values(stack.tenant.state.directory.oauth2PermissionGrants ?? {});

  it("registers them as Copilot Studio asks, with the consent that the settings say", () => {
    expect(first.ok, first.said).toBe(true);
    const { applications, servicePrincipals } = stack.tenant.state.directory;
    const agent = published(first, "Agent");
    const application = applications[agent.applicationObjectId];
    expect(application).toMatchObject({
      identifierUris: [`api://botid-${teamsAppId}`],
      passwordCredentials: [],
      web: { implicitGrantSettings: { enableAccessTokenIssuance: true, enableIdTokenIssuance: true } },
    });
    expect(JSON.stringify(application?.["web"])).toContain(redirectUri);
    expect(application?.["publicClient"]).toEqual({ redirectUris: ["http://localhost"] });
    expect(JSON.stringify(application?.["requiredResourceAccess"])).not.toContain("Role");
    expect(JSON.stringify(application?.["api"])).toContain("5e3ce6c0-2b1f-4285-8d4b-75ee78787346");
    expect(servicePrincipals[agent.servicePrincipalObjectId]).toMatchObject({
      appRoleAssignmentRequired: true,
    });
    expect(agent).toMatchObject({
      permissions: [],
      delegated: ["User.Read", "Files.ReadWrite"],
      signIn: "federated",
      userSignIn: { tokenExchangeUrl: `api://botid-${teamsAppId}/access_as_user` },
    });
    expect(agent.credential).toBeUndefined();

    const connector = applications[published(first, "Connector").applicationObjectId];
    expect(connector?.["identifierUris"]).toEqual([
      `api://${stack.tenant.state.tenantId}/Connector-connector`,
    ]);
    expect(JSON.stringify(connector?.["web"])).toContain(connectorUri);
    expect(JSON.stringify(connector?.["api"])).toContain("fe053c5f-3692-4f14-aef2-ee34fc081cae");

    const older = published(first, "Older");
    expect(older.credential).toBeDefined();
    const of = ({ servicePrincipalObjectId }: PublishedApp) =>
      grants()
        .filter(({ clientId }) => clientId === servicePrincipalObjectId)
        .map(({ consentType, principalId, scope }) => [
          consentType,
          principalId,
          scope.split(" ").sort().join(" "),
        ]);
    expect(of(agent)).toEqual([["AllPrincipals", null, "Files.ReadWrite User.Read"]]);
    expect(of(older).sort()).toEqual(
      users
        .slice(0, 2)
        .map((user) => ["Principal", user, "User.Read"])
        .sort(),
    );
  });

  it("takes the agent's credential in, after which an assigned user signs in and reads its files", async () => {
    const { tenant } = stack;
    const subject = serviceSubject("5b404cf4-a79d-4cfe-b866-24bf8e1a4921", "agent", tenant);
    agentSignIn = {
      issuer: `https://login.microsoftonline.com/${tenant.state.tenantId}/v2.0`,
      subject,
    };
    const run = await stack.up();
    connected = run;
    expect(run.ok, run.said).toBe(true);
    expect(run.steps).toEqual(["create Agent-agent-sign-in"]);

    const { clientId } = published(run, "Agent");
    const handle = azure(tenant);
    const address = `https://login.microsoftonline.com/common/oauth2/v2.0/authorize?${String(
      new URLSearchParams({
        client_id: clientId,
        response_type: "code",
        redirect_uri: redirectUri,
        scope: "openid profile User.Read Files.ReadWrite",
      }),
    )}`;
    const open = (login: string) => new Browser(handle).open(address, { login });
    const blocked = await open("MeganB@contoso.onmicrosoft.com");
    expect(blocked).toMatchObject({ page: expect.stringContaining("AADSTS50105") });
    const end = await open("AdeleV@contoso.onmicrosoft.com");
    const code = new URL("address" in end ? end.address : "about:blank").searchParams.get("code") ?? "";
    const answer = await handle(
      new Request(`https://login.microsoftonline.com/${tenant.state.tenantId}/oauth2/v2.0/token`, {
        method: "POST",
        body: new URLSearchParams({
          client_id: clientId,
          grant_type: "authorization_code",
          code,
          redirect_uri: redirectUri,
          client_assertion: await mintServiceAssertion(subject, tenant),
          client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        }),
      }),
    );
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const read = await handle(
      new Request("https://graph.microsoft.com/v1.0/me/drive/root/children", {
        headers: { Authorization: `Bearer ${token}` },
      }),
    );
    expect(await read.json()).toMatchObject({ value: [{ name: "Notes of Adele Vance.txt" }] });
  });

  it("is verified by what the directory shows; a user's sign-in takes a person", async () => {
    const { tenant } = stack;
    const world = testWorld({ exchange: azureExchange(tenant), env: armEnvironment(tenant, "deployer") });
    const outputs = readStackOutputs(connected.outputs);
    const look = async () => {
      const { checks } = await verify(world, { loaded: { outputs, from: "test" }, waitSeconds: 0 });
      return (app: string, id: string) => {
        const { status, summary } = checks.find((one) => one.app === app && one.id === id) ?? {};
        return { status, summary };
      };
    };
    const found = await look();
    expect(found("Agent", "delegated-permissions")).toEqual({
      status: "pass",
      summary: "2 delegated permissions declared, with consent for all users, and no other",
    });
    expect(found("Older", "delegated-permissions").summary).toContain("with consent for 2 users");
    expect(found("Agent", "user-sign-in")).toEqual({
      status: "skip",
      summary: "not verified: a sign-in takes a person; 3 redirect URIs as declared",
    });
    expect(found("Agent", "credentials").status).toBe("pass");
    expect(found("Agent", "graph-call").status).toBeUndefined();
    expect(found("Older", "token").status).toBe("pass");

    const grant = grantOf(published(connected, "Agent"));
    if (grant === undefined) throw new Error("There is no grant.");
    const before = grant.scope;
    grant.scope = "User.Read Mail.Read";
    expect((await look())("Agent", "delegated-permissions")).toEqual({
      status: "fail",
      summary: "missing: Files.ReadWrite has no consent for all users",
    });
    grant.scope = `${before} Mail.Read`;
    expect((await look())("Agent", "delegated-permissions")).toEqual({
      status: "fail",
      summary: "not in the settings: Mail.Read has consent for all users",
    });
    grant.scope = before;

    const { appRoleAssignments, groups } = tenant.state.directory;
    const [group] = Object.keys(groups);
    const assigned = Object.values(appRoleAssignments).find(({ principalId }) => principalId === group);
    if (assigned === undefined) throw new Error("The group is not assigned.");
    Reflect.deleteProperty(appRoleAssignments, assigned.id);
    expect((await look())("Agent", "user-sign-in")).toEqual({
      status: "fail",
      summary: `the user or group ${group ?? ""} is not assigned`,
    });
    appRoleAssignments[assigned.id] = assigned;
  });

  it("is verified by a person who signs in in a browser on this machine", async () => {
    const { tenant } = stack;
    const outputs = readStackOutputs(connected.outputs);
    const signInAs = async (login: string | undefined, intercept?: Interception) => {
      const returns: Promise<Response>[] = [];
      const world = testWorld({
        exchange: azureExchange(tenant, intercept),
        env: armEnvironment(tenant, "deployer"),
        tell: (line) => {
          if (login === undefined || !line.startsWith("https://login.microsoftonline.com/")) return;
          const browser = new Browser(azure(tenant)).open(line, { login });
          returns.push(browser.then((end) => fetch("address" in end ? end.address : "about:blank")));
        },
      });
      const { checks } = await verify(world, {
        loaded: { outputs, from: "test" },
        apps: ["Agent"],
        signIn: true,
        waitSeconds: login === undefined ? 0 : 60,
      });
      expect((await Promise.all(returns)).map(({ status }) => status)).toEqual(
        login === undefined ? [] : [200],
      );
      return checks.find(({ id }) => id === "user-sign-in");
    };
    const adele = "AdeleV@contoso.onmicrosoft.com";
    const found = await signInAs(adele);
    expect(found).toMatchObject({
      status: "pass",
      summary: expect.stringMatching(
        /^AdeleV@.* signed in here; the token has .*; Graph answers 200 to 2 reads/,
      ),
      evidence: {
        callsAsUser: ["GET /me?$select=id -> 200", "GET /me/drive/root/children?$top=1&$select=id -> 200"],
      },
    });
    expect(JSON.stringify(found)).not.toContain("eyJ");
    expect(await signInAs(undefined)).toMatchObject({
      status: "fail",
      summary: expect.stringContaining("No user signed in within 0 s"),
    });

    const grant = grantOf(published(connected, "Agent"));
    if (grant === undefined) throw new Error("There is no grant.");
    const before = grant.scope;
    grant.scope = `${before} Mail.Read`;
    expect(await signInAs(adele)).toMatchObject({
      status: "fail",
      summary: expect.stringContaining("the token has Mail.Read, which is not in the settings"),
    });
    grant.scope = before;
    const withoutFiles: Interception = ({ url }) =>
      url.includes("/me/drive") ? jsonAnswer(200, { value: [] }) : undefined;
    expect(await signInAs(adele, withoutFiles)).toMatchObject({
      status: "fail",
      summary: expect.stringContaining("is not Microsoft Graph's own"),
    });
  });

  it("warns of a policy that blocks users, where it may be read, and says what cannot be", async () => {
    const outputs = readStackOutputs(connected.outputs);
    const policy = (displayName: string, state: string, includeApplications: string[]) => ({
      displayName,
      state,
      conditions: { applications: { includeApplications, excludeApplications: [] } },
      grantControls: { builtInControls: ["block"] },
    });
    const look = async (identity: "administrator" | "deployer", intercept?: Interception) => {
      const world = testWorld({
        exchange: azureExchange(stack.tenant, intercept),
        env: armEnvironment(stack.tenant, identity),
      });
      const options = { loaded: { outputs, from: "test" }, apps: ["Agent"], waitSeconds: 0 };
      return (await verify(world, options)).checks.find(({ id }) => id === "user-sign-in");
    };
    const policies: Interception = ({ url }) =>
      url.includes("/conditionalAccess/policies")
        ? jsonAnswer(200, {
            value: [
              policy("Only at work", "enabled", ["All"]),
              policy("Report only", "enabledForReportingButNotEnforced", ["All"]),
              policy("Another app", "enabled", [stack.tenant.state.tenantId]),
            ],
          })
        : undefined;
    expect(await look("administrator", policies)).toMatchObject({
      status: "warn",
      summary: expect.stringMatching(/; Conditional Access blocks users under its conditions: Only at work$/),
      evidence: {
        conditionalAccess: "3 policies, 1 of them block users",
        userConsent: "ManagePermissionGrantsForSelf.microsoft-user-default-low",
        authenticationForAgents: "not read: Power Platform has no API for it",
      },
    });
    expect(await look("administrator")).toMatchObject({
      status: "skip",
      evidence: { conditionalAccess: "0 policies, 0 of them block users" },
    });
    const unread = await look("deployer");
    expect(unread).toMatchObject({
      status: "skip",
      evidence: { conditionalAccess: expect.stringMatching(/^not read: Microsoft Graph answered 403/) },
    });
    expect(JSON.stringify(unread?.fixes)).toContain("Graph Policy.Read.All shows it");
  });

  it("names who consented to what the settings do not request, and for whom", async () => {
    const { tenant } = stack;
    const outputs = readStackOutputs(connected.outputs);
    const grant = grants().find(({ principalId }) => principalId === users[0]);
    if (grant === undefined) throw new Error("There is no grant.");
    const before = grant.scope;
    grant.scope = `${before} Mail.Send`;
    const entry = {
      activityDateTime: "2026-11-20T08:00:00Z",
      initiatedBy: { user: { userPrincipalName: "admin@contoso.onmicrosoft.com" } },
      targetResources: [{ modifiedProperties: [{ newValue: '" User.Read Mail.Send"' }] }],
    };
    const audits: Interception = ({ url }) => {
      if (url.includes("directoryAudits")) return jsonAnswer(200, { value: [entry] });
      if (!url.endsWith("/directoryObjects/getByIds")) return undefined;
      return jsonAnswer(200, { value: [{ id: users[0], displayName: "Adele Vance" }] });
    };
    const world = testWorld({
      exchange: azureExchange(tenant, audits),
      env: armEnvironment(tenant, "deployer"),
    });
    const { checks } = await verify(world, {
      loaded: { outputs, from: "test" },
      apps: ["Older"],
      waitSeconds: 0,
    });
    grant.scope = before;
    expect(checks.find(({ id }) => id === "delegated-permissions")?.summary).toBe(
      `not in the settings: Mail.Send has consent for Adele Vance (${users[0]}), given by admin@contoso.onmicrosoft.com at 2026-11-20T08:00:00Z`,
    );
  });

  it("changes the consent when the settings change, and nothing otherwise", async () => {
    const again = await stack.up();
    expect([again.ok, again.steps, again.writes]).toEqual([true, [], []]);
    files = ["User.Read"];
    const less = await stack.up();
    expect(less.ok, less.said).toBe(true);
    const agent = published(less, "Agent");
    expect(agent["delegated"]).toEqual(["User.Read"]);
    expect(grants().filter(({ clientId }) => clientId === agent.servicePrincipalObjectId)).toMatchObject([
      { scope: "User.Read" },
    ]);
  });

  it("adopts an app with the consent that it has, and takes away none that the settings do not ask for", async () => {
    const deploy = deployerRequests(stack.tenant, ["DelegatedPermissionGrant.ReadWrite.All"]);
    const graph = "https://graph.microsoft.com/v1.0";
    const made = await deploy("graph", "POST", `${graph}/applications`, { displayName: "Hand" });
    const principal = await deploy("graph", "POST", `${graph}/servicePrincipals`, { appId: made["appId"] });
    const granted = await deploy("graph", "POST", `${graph}/oauth2PermissionGrants`, {
      clientId: principal["id"],
      consentType: "AllPrincipals",
      principalId: null,
      resourceId: graphObjectId,
      scope: "User.Read Mail.Read",
    });
    const assigned = await deploy(
      "graph",
      "POST",
      `${graph}/servicePrincipals/${String(principal["id"])}/appRoleAssignedTo`,
      {
        appRoleId: "00000000-0000-0000-0000-000000000000",
        principalId: users[0],
        resourceId: principal["id"],
      },
    );
    const grant = grants().find(({ id }) => id === granted["id"]);
    if (grant === undefined) throw new Error("There is no grant.");
    adopted = String(made["id"]);
    const refused = await stack.up();
    expect(refused.ok).toBe(false);
    expect(refused.said).toContain("consent for Mail.Read for all users");
    expect([refused.steps, grant.scope]).toEqual([[], "User.Read Mail.Read"]);

    grant.scope = "User.Read";
    const run = await stack.up();
    expect(run.ok, run.said).toBe(true);
    expect([...run.steps].sort()).toEqual([
      `create Hand-assigned-${users[1] ?? ""}`,
      "import Hand",
      "import Hand",
      "import Hand-all-users",
      `import Hand-assigned-${users[0] ?? ""}`,
    ]);
    const { appRoleAssignments } = stack.tenant.state.directory;
    expect(appRoleAssignments[String(assigned["id"])]?.principalId).toBe(users[0]);
    expect(grant.scope).toBe("User.Read");
    const next = await stack.up();
    expect(next.ok, next.said).toBe(true);
    expect(next.steps).toEqual(["update Hand", "update Hand", "update Hand-all-users"]);
    expect(grant.scope.split(" ").sort()).toEqual(["Files.ReadWrite", "User.Read"]);
    expect((await stack.up()).steps).toEqual([]);
  });
});
