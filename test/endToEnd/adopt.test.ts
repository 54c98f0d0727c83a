import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { azure } from "../../emulator/azure";
import { graphObjectId } from "../../emulator/seed";
import { outputsOf, rehearsedStack, type RehearsedStack } from "../support/rehearsedStack";

/** An app as somebody clicked it together: redirect URI, two grants, a secret. */
interface HandMadeApp {
  readonly applicationObjectId: string;
  readonly clientId: string;
  readonly servicePrincipalObjectId: string;
  readonly keyId: string;
  readonly secret: string;
}

describe("adopting an app that somebody made by hand", () => {
  let stack: RehearsedStack;
  let made: HandMadeApp;
  const settings = () => ({
    apps: {
      Agent: { permissions: ["User.Read.All"], adopt: made.applicationObjectId, displayName: "Our agent" },
    },
  });
  const application = () => stack.rehearsal.tenant.state.directory.applications[made.applicationObjectId];

  beforeAll(async () => {
    stack = await rehearsedStack();
    made = await makeByHand(stack);
  });
  afterAll(() => stack.close());

  it("keeps client ID, service principal, grants and secrets, and says what it found", async () => {
    const run = await stack.up(settings());
    const app = outputsOf(run).apps["Agent"];
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
      app?.credential.keyId,
    ]);
    expect(run.said).toContain(`keyId ${made.keyId} "typed by hand"`);
    expect(run.said).toContain("keeps them: Mail.Read");
    expect(run.said).not.toContain(made.secret);
  });

  it("leaves the app's own properties as found in the run that takes it over, and aligns them in the next", async () => {
    expect(application()?.displayName).toBe("Agent (old)");
    const run = await stack.up(settings());
    expect(run.steps).toEqual(["update Agent"]);
    expect(application()?.displayName).toBe("Our agent");
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

async function makeByHand(stack: RehearsedStack): Promise<HandMadeApp> {
  const { tenant } = stack.rehearsal;
  const call = azure(tenant);
  const { clientId, clientSecret } = tenant.identities.deployer;
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret,
    scope: "https://graph.microsoft.com/.default",
  });
  const tokenUrl = `https://login.microsoftonline.com/${tenant.state.tenantId}/oauth2/v2.0/token`;
  const token = (await (await call(new Request(tokenUrl, { method: "POST", body: form }))).json()) as {
    access_token: string;
  };
  const post = async (path: string, body: unknown): Promise<Record<string, string>> => {
    const response = await call(
      new Request(`https://graph.microsoft.com/v1.0${path}`, {
        method: "POST",
        headers: { Authorization: `Bearer ${token.access_token}`, "Content-Type": "application/json" },
        body: JSON.stringify(body),
      }),
    );
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, string>;
  };
  const app = await post("/applications", {
    displayName: "Agent (old)",
    signInAudience: "AzureADMyOrg",
    web: { redirectUris: ["https://example.com/callback"] },
  });
  const principal = await post("/servicePrincipals", { appId: app["appId"] });
  const roles = tenant.state.directory.servicePrincipals[graphObjectId]?.appRoles ?? [];
  for (const permission of ["User.Read.All", "Mail.Read"]) {
    await post(`/servicePrincipals/${graphObjectId}/appRoleAssignedTo`, {
      appRoleId: roles.find(({ value }) => value === permission)?.id,
      principalId: principal["id"],
      resourceId: graphObjectId,
    });
  }
  const password = await post(`/applications/${app["id"] ?? ""}/addPassword`, {
    passwordCredential: { displayName: "typed by hand" },
  });
  return {
    applicationObjectId: app["id"] ?? "",
    clientId: app["appId"] ?? "",
    servicePrincipalObjectId: principal["id"] ?? "",
    keyId: password["keyId"] ?? "",
    secret: password["secretText"] ?? "",
  };
}
