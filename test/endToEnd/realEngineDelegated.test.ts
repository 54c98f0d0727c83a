import { afterAll, beforeAll, expect, it } from "vitest";
import type { RequestLogEntry } from "../../emulator/server/requestLog";
import { describeWithPulumi, pulumiStack, type PulumiStack } from "../support/pulumiStack";

describeWithPulumi("an app that acts as its signed-in user, by the real engine", (cli) => {
  let stack: PulumiStack;
  const settings = (delegated: readonly string[]) => ({
    apps: {
      Agent: {
        delegated,
        credential: "federated",
        userSignIn: { redirectUris: ["http://localhost"] },
        connectorSignIn: {
          issuer: "https://login.microsoftonline.com/common/v2.0",
          subject: "/eid1/c/pub/t/x/a/y/unitedstates-002_z",
          redirectUri: "https://global.consent.azure-apim.net/redirect/cptoken-5fagent",
        },
      },
    },
  });
  const scopes = () =>
    Object.values(stack.emulated.tenant.state.directory.oauth2PermissionGrants ?? {}).map(
      ({ consentType, scope }) => [consentType, scope.split(" ").sort().join(" ")],
    );

  beforeAll(async () => {
    stack = await pulumiStack(cli);
  });
  afterAll(() => stack.close());

  it("adopts the consent of a run that was killed once Microsoft Graph had given it", async () => {
    const isConsent = ({ method, path }: RequestLogEntry) =>
      method === "POST" && path === "/v1.0/oauth2PermissionGrants";
    const killed = await stack.up({
      settings: settings(["User.Read", "Files.ReadWrite"]),
      killAt: isConsent,
    });
    expect(killed.exitCode).toBeUndefined();
    expect(scopes()).toEqual([["AllPrincipals", "Files.ReadWrite User.Read"]]);
    await stack.command("cancel", "--yes");
    const run = await stack.up();
    expect(run.exitCode, run.said).toBe(0);
    expect(run.requests.filter(isConsent)).toEqual([]);
    expect(run.changes).toContain("import Agent-all-users");
    expect(scopes()).toEqual([["AllPrincipals", "Files.ReadWrite User.Read"]]);
  });

  it("changes nothing when nothing changed, and the consent with the settings", async () => {
    const quiet = await stack.up();
    expect([quiet.exitCode, quiet.changes]).toEqual([0, []]);
    const run = await stack.up({ settings: settings(["User.Read"]) });
    expect(run.exitCode, run.said).toBe(0);
    expect(run.changes).toEqual(["update Agent", "update Agent-all-users"]);
    expect(scopes()).toEqual([["AllPrincipals", "User.Read"]]);
  });
});
