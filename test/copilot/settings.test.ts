import { describe, expect, it } from "vitest";
import {
  appFaults,
  appIdentifier,
  defaultCopilotSettings,
  settingsFaults,
  type SecretApp,
  type CopilotSettings,
} from "../../copilot/settings";
import { app, everything } from "./support/artefactFixture";

const keysOf = (settings: Partial<CopilotSettings>): string[] =>
  settingsFaults({ ...defaultCopilotSettings, ...settings }).map(({ key }) => key);

describe("settingsFaults", () => {
  it("finds none in the defaults, nor in everything", () => {
    expect([keysOf({}), keysOf(everything)]).toEqual([[], []]);
  });

  it.each<[Partial<CopilotSettings>, string]>([
    [{ publisherPrefix: "c" }, "--prefix"],
    [{ publisherPrefix: "toolongprefix" }, "--prefix"],
    [{ publisherPrefix: "1abc" }, "--prefix"],
    [{ publisherPrefix: "mscrmx" }, "--prefix"],
    [{ publisherPrefix: "con_toso" }, "--prefix"],
    [{ publisherName: "Contoso Ltd" }, "--publisher"],
    [{ environmentId: "production" }, "--environment-id"],
    [{ agents: ["helpdesk"] }, "--agent"],
    [{ agents: ["contoso_a", "contoso_a"] }, "--agent"],
    [{ agents: [`contoso_${"x".repeat(53)}`] }, "--agent"],
    [
      {
        environmentId: "7d0a2c64-58f1-4e39-9b07-c3e5a1f8d246",
        agents: [0, 1, 2, 3, 4, 5].map((number) => `contoso_agent${number}`),
      },
      "--agent",
    ],
    [{ newAgent: "" }, "--new-agent"],
    [{ newAgent: "…" }, "--new-agent"],
    [{ newAgent: "x".repeat(43) }, "--new-agent"],
    [{ graphRequest: { path: "https://graph.microsoft.com/v1.0/users", field: "x" } }, "--graph-request"],
    [{ graphRequest: { path: "/v1.0/users?$filter=a eq 1", field: "x" } }, "--graph-request"],
    [{ graphRequest: { path: "/v1.0/@{body('Get_secret')}", field: "x" } }, "--graph-request"],
    [{ graphRequest: { path: "/v1.0/users", field: "a'b" } }, "--graph-field"],
  ])("finds one in %j", (settings, key) => {
    expect(keysOf(settings)).toEqual([key]);
  });

  it("finds all at once", () => {
    expect(keysOf({ publisherPrefix: "", environmentId: "", agents: ["x"], newAgent: "" })).toEqual([
      "--prefix",
      "--environment-id",
      "--agent",
      "--new-agent",
    ]);
  });
});

describe("appFaults", () => {
  it.each<[Partial<SecretApp>, string]>([
    [{ name: "日本" }, "--app (日本)"],
    [{ tenantId: "contoso.onmicrosoft.com" }, "--tenant-id (CopilotAPIAuth)"],
    [{ clientId: "CopilotAPIAuth" }, "--client-id (CopilotAPIAuth)"],
    [{ secretResourceId: "https://kv.vault.azure.net/secrets/x" }, "--secret-id (CopilotAPIAuth)"],
    [{ secretResourceId: `${app.secretResourceId}/0123456789abcdef` }, "--secret-id (CopilotAPIAuth)"],
  ])("finds one in %j", (changes, key) => {
    expect(appFaults({ ...app, ...changes }).map((fault) => fault.key)).toEqual([key]);
  });

  it("finds none in a good app", () => {
    expect(appFaults(app)).toEqual([]);
  });
});

describe("appIdentifier", () => {
  it("keeps letters and digits", () => {
    expect(appIdentifier("Copilot API-Auth_2 (test)")).toBe("CopilotAPIAuth2test");
  });
});
