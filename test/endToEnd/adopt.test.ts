import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeByHand, type HandMadeApp } from "../support/handMadeApp";
import { outputsOf, testStack, type TestStack } from "../support/testStack";
import { secretApp } from "../support/secretApp";

describe("adopting an app that someone made by hand", () => {
  let stack: TestStack;
  let made: HandMadeApp;
  const settings = () => ({
    apps: {
      Agent: { permissions: ["User.Read.All"], adopt: made.applicationObjectId, displayName: "Our agent" },
    },
  });
  const application = () => stack.emulated.tenant.state.directory.applications[made.applicationObjectId];

  beforeAll(async () => {
    stack = await testStack();
    made = await makeByHand(stack.emulated.tenant);
  });
  afterAll(() => stack.close());

  it("keeps client ID, service principal, grants and secrets, and says what it found", async () => {
    const run = await stack.up(settings());
    const app = secretApp(outputsOf(run).apps["Agent"]);
    expect(app).toMatchObject({
      clientId: made.clientId,
      applicationObjectId: made.applicationObjectId,
      servicePrincipalObjectId: made.servicePrincipalObjectId,
    });
    expect(run.steps.filter((step) => step.startsWith("import"))).toEqual([
      "import Agent",
      "import Agent",
      "import Agent-User.Read.All",
    ]);
    expect(application()?.passwordCredentials.map(({ keyId }) => keyId)).toEqual([
      made.keyId,
      app.credential.keyId,
    ]);
    expect(run.said).toContain(`keyId ${made.keyId} "typed by hand"`);
    expect(run.said).toContain("keeps them: Mail.Read");
    expect(run.said).not.toContain(made.secret);
  });

  it("leaves the app's own properties as found in the run that takes it over, and aligns them in the next", async () => {
    expect(application()).toMatchObject({ displayName: "Agent (old)", appRoles: [{ value: "Reader" }] });
    const run = await stack.up(settings());
    // The application and its service principal, which get the stack's mark.
    expect(run.steps).toEqual(["update Agent", "update Agent"]);
    expect(application()).toMatchObject({ displayName: "Our agent", appRoles: [] });
    expect(JSON.stringify(application()?.["optionalClaims"])).not.toContain("ipaddr");
    expect((await stack.up(settings())).steps).toEqual([]);
  });

  it("refuses an object ID that is no application's", async () => {
    const nobody = "00000000-1111-4222-8333-444444444444";
    const run = await stack.up({ apps: { Other: { permissions: ["User.Read.All"], adopt: nobody } } });
    expect(run.ok).toBe(false);
    expect(run.steps).toEqual([]);
    expect(run.said).toContain(
      "The tenant has no application with this object ID (it is not the client ID).",
    );
  });
});
