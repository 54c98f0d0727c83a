import { afterAll, beforeAll, expect, it } from "vitest";
import { makeByHand, type HandMadeApp } from "../support/handMadeApp";
import { describeWithPulumi, pulumiStack, type PulumiStack } from "../support/pulumiStack";
import { stackContents } from "../support/stackContents";

describeWithPulumi("adopting an app that was made by hand, with the real engine", (cli) => {
  let stack: PulumiStack;
  let made: HandMadeApp;
  const settings = () => ({
    apps: {
      Agent: { permissions: ["User.Read.All"], adopt: made.applicationObjectId, displayName: "Our agent" },
    },
  });
  const application = () => stack.emulated.tenant.state.directory.applications[made.applicationObjectId];

  beforeAll(async () => {
    stack = await pulumiStack(cli);
    made = await makeByHand(stack.emulated.tenant);
  });
  afterAll(() => stack.close());

  it("says what it found, before it does anything", async () => {
    const before = structuredClone(stack.emulated.tenant.state);
    const run = await stack.preview({ settings: settings() });
    expect([run.exitCode, stack.emulated.tenant.state]).toEqual([0, before]);
    expect(run.said).toContain(`Agent adopts the app with client ID ${made.clientId}.`);
    expect(run.said).toContain(`keyId ${made.keyId} "typed by hand"`);
    expect(run.said).toContain("keeps them: Mail.Read");
    expect(run.said).not.toContain(made.secret);
  });

  it("imports app, service principal and grant as found, whatever the settings say", async () => {
    const found = structuredClone(application());
    const run = await stack.up();
    expect(run.exitCode, run.said).toBe(0);
    expect(
      run.steps
        .filter(({ operation }) => operation === "import")
        .map(({ type }) => type)
        .sort(),
    ).toEqual([
      "azuread:index/appRoleAssignment:AppRoleAssignment",
      "azuread:index/application:Application",
      "azuread:index/servicePrincipal:ServicePrincipal",
    ]);
    const { app, keyIds, grants, publishedKeyId } = stackContents(
      stack.emulated.tenant.state,
      await stack.outputs(),
      "Agent",
    );
    expect(app).toMatchObject({
      clientId: made.clientId,
      applicationObjectId: made.applicationObjectId,
      servicePrincipalObjectId: made.servicePrincipalObjectId,
    });
    expect(found?.displayName).toBe("Agent (old)");
    expect({ ...application(), passwordCredentials: found?.passwordCredentials }).toEqual(found);
    expect(keyIds()).toEqual([made.keyId, app.credential.keyId]);
    expect(publishedKeyId()).toBe(app.credential.keyId);
    expect(grants()).toEqual(["Mail.Read", "User.Read.All"]);
  });

  it("brings the app in line with the settings in the next run, and then rests", async () => {
    const aligned = await stack.up();
    // The application and its service principal, which get the stack's mark.
    expect(aligned.changes).toEqual(["update Agent", "update Agent"]);
    expect(application()).toMatchObject({
      displayName: "Our agent",
      requiredResourceAccess: [{ resourceAccess: [{ type: "Role" }] }],
      appRoles: [],
    });
    expect(JSON.stringify(application()?.["optionalClaims"])).not.toContain("ipaddr");
    expect(application()?.passwordCredentials.map(({ keyId }) => keyId)).toContain(made.keyId);
    const rested = await stack.up();
    expect([rested.exitCode, rested.changes]).toEqual([0, []]);
    expect((await stack.refresh()).changes).toEqual([]);
  });
});

describeWithPulumi("a grant whose read after create was answered 404, by the real engine", (cli) => {
  let stack: PulumiStack;
  beforeAll(async () => {
    stack = await pulumiStack(cli);
  });
  afterAll(() => stack.close());
  const settings = { apps: { CopilotAPIAuth: { permissions: ["User.Read.All"] } } };
  const grantsMade = () =>
    Object.values(stack.emulated.tenant.state.directory.appRoleAssignments).filter(
      ({ principalDisplayName }) => principalDisplayName === "CopilotAPIAuth",
    );

  it("fails the run, and stays in the tenant", async () => {
    stack.emulated.tenant.faults = {
      disturbances: [
        {
          service: "graph",
          method: "GET",
          path: "/appRoleAssignedTo",
          action: { kind: "status", status: 404 },
        },
      ],
    };
    const run = await stack.up({ settings });
    expect(run.exitCode).not.toBe(0);
    expect(run.changes).not.toContain("create CopilotAPIAuth-User.Read.All");
    expect(grantsMade()).toHaveLength(1);
  });

  it("is adopted by the next run, which also makes the rest", async () => {
    stack.emulated.tenant.faults = {};
    const before = grantsMade();
    const run = await stack.up();
    expect(run.exitCode, run.said).toBe(0);
    expect(run.changes).toContain("import CopilotAPIAuth-User.Read.All");
    expect(grantsMade()).toEqual(before);
    const { keyIds, publishedKeyId } = stackContents(
      stack.emulated.tenant.state,
      await stack.outputs(),
      "CopilotAPIAuth",
    );
    expect(keyIds()).toEqual([publishedKeyId()]);
    expect((await stack.up()).changes).toEqual([]);
  });
});
