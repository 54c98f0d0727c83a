import { clouds } from "../../../core/cloud/clouds";
import { describe, expect, it } from "vitest";
import { federatedCredentialOf, trustName, trustSchema, type Trust } from "../../../core/access/trust";

const github = (more: object): Record<string, unknown> => ({ github: "Contoso/Agents", ...more });

/** The trust that settings say, or why they say none. */
function read(given: unknown): Trust | string[] {
  const result = trustSchema.safeParse(given);
  return result.success ? result.data : result.error.issues.map(({ message }) => message);
}

describe("trustSchema", () => {
  it.each<[string, unknown, Trust]>([
    [
      "an environment of a repository",
      github({ environment: "prod" }),
      { kind: "github", repository: "Contoso/Agents", environment: "prod" },
    ],
    [
      "a branch of a repository",
      github({ branch: "release/2" }),
      { kind: "github", repository: "Contoso/Agents", branch: "release/2" },
    ],
    [
      "a repository whose subject holds IDs",
      { github: "Contoso@15/Agents@31", environment: "prod" },
      { kind: "github", repository: "Contoso@15/Agents@31", environment: "prod" },
    ],
    ["a managed identity", { identity: "agent" }, { kind: "identity", identity: "agent" }],
    [
      "another issuer, with Entra's own audience",
      { issuer: "https://vstoken.dev.azure.com/1", subject: "sc://o/p/s" },
      {
        kind: "issuer",
        issuer: "https://vstoken.dev.azure.com/1",
        subject: "sc://o/p/s",
      },
    ],
  ])("reads %s", (_what, given, trust) => {
    expect(read(given)).toEqual(trust);
  });

  const forms = expect.stringContaining("in one of these forms") as string;
  it.each<[string, unknown, string]>([
    ["nothing", {}, forms],
    ["a repository without environment or branch", github({}), forms],
    ["both environment and branch", github({ environment: "a", branch: "b" }), forms],
    ["an issuer without a subject", { issuer: "https://issuer.example" }, forms],
    ["a repository and an identity", { github: "a/b", environment: "c", identity: "d" }, forms],
    [
      "a repository without its owner",
      { github: "agents", environment: "prod" },
      "github is owner/name in the very case in which GitHub writes both, or owner@ID/name@ID.",
    ],
    [
      "a branch as a ref",
      github({ branch: "refs/heads/main" }),
      "branch is a branch's name, such as main, without refs/heads/.",
    ],
    [
      "a pattern of branches",
      github({ branch: "feature/*" }),
      'Entra compares letter by letter: "feature/*" matches no job. Name each.',
    ],
    [
      "a pattern of GitHub's subjects",
      { issuer: "https://token.actions.githubusercontent.com", subject: "repo:a/b:ref:refs/heads/*" },
      'Entra compares letter by letter: "repo:a/b:ref:refs/heads/*" matches no job. Name each.',
    ],
    [
      "an issuer that is no https URL",
      { issuer: "http://issuer.example", subject: "s" },
      "issuer is an https URL, letter by letter as in the token's iss.",
    ],
  ])("refuses %s", (_what, given, message) => {
    expect(read(given)).toEqual([message]);
  });
});

describe("federatedCredentialOf", () => {
  it.each<[Exclude<Trust, { kind: "identity" }>, string]>([
    [
      { kind: "github", repository: "Contoso/Agents", environment: "prod" },
      "repo:Contoso/Agents:environment:prod",
    ],
    [
      { kind: "github", repository: "Contoso/Agents", environment: "eu:prod" },
      "repo:Contoso/Agents:environment:eu%3Aprod",
    ],
    [
      { kind: "github", repository: "Contoso/Agents", branch: "release/2" },
      "repo:Contoso/Agents:ref:refs/heads/release/2",
    ],
  ])("names the subject as GitHub sends it, case kept", (trust, subject) => {
    expect(federatedCredentialOf(trust, clouds.public)).toEqual({
      issuer: "https://token.actions.githubusercontent.com",
      subject,
      audience: "api://AzureADTokenExchange",
    });
  });
});

describe("trustName", () => {
  const environment = (name: string): Trust => ({
    kind: "github",
    repository: "Contoso/Agents",
    environment: name,
  });

  it("is legible, and fit for Entra", () => {
    expect(trustName(environment("prod"))).toMatch(/^github-Contoso-Agents-environment-prod-[0-9a-f]{8}$/);
    expect(trustName({ kind: "identity", identity: "agent" })).toBe("identity-agent");
  });

  it("stays the same with another audience, since Entra keeps one credential of an issuer and subject", () => {
    const trust = { kind: "issuer", issuer: "https://issuer.example", subject: "s" } as const;
    expect(trustName({ ...trust, audience: "one" })).toBe(trustName({ ...trust, audience: "other" }));
  });

  it("tells apart what only looks alike", () => {
    const names = ["a b", "a-b", "A-b", "x".repeat(200), "x".repeat(201)].map((name) =>
      trustName(environment(name)),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(names.every((name) => /^[\w-]{3,120}$/.test(name))).toBe(true);
  });
});
