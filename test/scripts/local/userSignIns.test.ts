import { beforeEach, describe, expect, it } from "vitest";
import type { AppOutputs } from "../../../core/outputs/stackOutputs";
import { graphObjectId } from "../../../emulator/tenant/seed";
import { userSignIns } from "../../../scripts/local/userSignIns";
import {
  consentForAll,
  redirectUri,
  registerDelegatedApp,
  type DelegatedApp,
} from "../../support/delegatedApp";
import { TestDirectory } from "../../support/directory";
import { publishedApp, publishedOutputs, publishedSecretApp } from "../../support/publishedOutputs";

describe("users of the apps of a local run", () => {
  let directory: TestDirectory;
  let app: DelegatedApp;
  beforeEach(async () => {
    directory = await TestDirectory.create();
    app = await registerDelegatedApp(directory);
  });

  const signIns = (more: Partial<AppOutputs> = {}) => {
    const { clientId, applicationObjectId, servicePrincipalObjectId } = app;
    const agent = publishedApp({
      clientId,
      applicationObjectId,
      servicePrincipalObjectId,
      permissions: [],
      delegated: ["User.Read"],
      userSignIn: { redirectUris: ["http://localhost", redirectUri], users: [], assignedTo: [] },
      ...more,
    });
    return userSignIns(directory.tenant, publishedOutputs({ Agent: agent, Itself: publishedApp() }));
  };

  it("get a code with the consent that was given; redeeming it takes the agent's credential", async () => {
    await consentForAll(directory, app, "User.Read");
    expect(await signIns()).toEqual({
      ok: true,
      value: [
        {
          app: "Agent",
          ok: true,
          summary: "Adele Vance signs in with consent; only the agent can redeem the code",
        },
      ],
      detail: "Agent: Adele Vance signs in with consent; only the agent can redeem the code",
    });
  });

  it("do not consent by themselves, and the tenant keeps no consent of the attempt", async () => {
    const { ok, detail } = await signIns();
    expect([ok, detail]).toEqual([false, expect.stringMatching(/^Agent: no user can sign in: AADSTS\d+/)]);
    const { oauth2PermissionGrants = {} } = directory.tenant.state.directory;
    expect(
      Object.values(oauth2PermissionGrants).filter(({ resourceId }) => resourceId === graphObjectId),
    ).toEqual([]);
  });

  it("are refused where the app registration lacks the redirect URI of the outputs", async () => {
    await consentForAll(directory, app, "User.Read");
    const userSignIn = { redirectUris: ["https://contoso.example/"], users: [], assignedTo: [] };
    expect((await signIns({ userSignIn })).detail).toContain("AADSTS50011");
  });

  /** Publishes a client secret in the vault, as the agent's credential. */
  const published = (value: string) => {
    const versions = [{ version: "0".repeat(32), enabled: true, created: 0, updated: 0, value }];
    directory.tenant.state.vaults[publishedOutputs().vaultName] = {
      secrets: { agent: { name: "Agent", versions } },
      deletedSecrets: {},
    };
    const { secretName, secretResourceId, credential } = publishedSecretApp("Agent");
    return { signIn: "secret", secretName, secretResourceId, credential } as const;
  };

  it("are refused where the vault's client secret is not the app's", async () => {
    await consentForAll(directory, app, "User.Read");
    const { ok, detail } = await signIns(published("another"));
    expect([ok, detail]).toEqual([false, expect.stringContaining("AADSTS7000215")]);
  });

  it("are reported by what the token lacks and what Microsoft Graph answers", async () => {
    await consentForAll(directory, app, "User.Read");
    const vault = published(app.clientSecret);
    const read = await signIns(vault);
    expect(read.value[0]).toEqual({
      app: "Agent",
      ok: true,
      summary: "Adele Vance signs in; GET /me 200",
      scopes: ["User.Read", "openid", "profile"],
    });
    expect(JSON.stringify(read)).not.toContain(app.clientSecret);
    expect(JSON.stringify(read)).not.toContain("eyJ");
    expect((await signIns({ ...vault, delegated: ["User.Read", "offline_access"] })).ok).toBe(true);
  });
});
