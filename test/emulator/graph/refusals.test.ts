import { beforeAll, describe, expect, it } from "vitest";
import { graphRoutes } from "../../../emulator/graph";
import type { Route } from "../../../emulator/graph/route";
import { codeOf, TestDirectory } from "../../support/directory";

const nobody = "00000000-1111-2222-3333-444444444444";
let directory: TestDirectory;

beforeAll(async () => {
  directory = await TestDirectory.create();
});

/** A route's path with an object that does not exist in every place. */
function pathOf({ pattern }: Route): string {
  return pattern.replaceAll(/\{\w+\}/g, nobody);
}

/** Roles that open a route: the parts of its first entry. */
function rolesFor({ allowedBy }: Route): string[] {
  return allowedBy === "anyone" ? [] : (allowedBy[0]?.split("+") ?? []);
}

const routes = graphRoutes.map((route): [string, Route] => [`${route.method} ${route.pattern}`, route]);
const guarded = routes.filter(([, { allowedBy }]) => allowedBy !== "anyone");
const ofOneObject = routes.filter(([, { pattern }]) => pattern.includes("{"));
const withBody = routes.filter(
  ([, { method, pattern }]) => ["POST", "PATCH"].includes(method) && !/\/(?:restore|logo)$/.test(pattern),
);

describe("every operation of Graph", () => {
  it.each(routes)("%s wants a token", async (_name, route) => {
    const answer = await directory.graph(route.method, pathOf(route), { token: null });
    expect(codeOf(answer)).toEqual([401, "InvalidAuthenticationToken"]);
    expect(answer.headers.get("WWW-Authenticate")).toMatch(/^Bearer /);
  });

  it.each(routes)("%s wants it made for Graph", async (_name, route) => {
    const token = { audience: "https://management.azure.com/" };
    const answer = await directory.graph(route.method, pathOf(route), { token, roles: rolesFor(route) });
    expect([codeOf(answer), answer.body.error.message]).toEqual([
      [401, "InvalidAuthenticationToken"],
      "Access token validation failure. Invalid audience.",
    ]);
  });

  it.each(guarded)("%s wants a role", async (_name, route) => {
    const roles = ["Printer.Read.All", "APIConnectors.Read.All"];
    const answer = await directory.graph(route.method, pathOf(route), { roles });
    expect(codeOf(answer)).toEqual([403, "Authorization_RequestDenied"]);
  });

  it.each(ofOneObject)("%s misses an object that is not there", async (_name, route) => {
    const body = route.method === "POST" || route.method === "PATCH" ? {} : undefined;
    const answer = await directory.graph(route.method, pathOf(route), { roles: rolesFor(route), body });
    const code = route.pattern.startsWith("drives/") ? "itemNotFound" : "Request_ResourceNotFound";
    expect(codeOf(answer)).toEqual([404, code]);
  });

  it.each(withBody)("%s refuses a body that is no JSON object", async (_name, route) => {
    const { deployer } = directory.tenant.identities;
    const policy = await directory.graph("POST", "policies/appManagementPolicies", {
      body: { displayName: "Policy", restrictions: {} },
    });
    const federation = await directory.graph(
      "POST",
      `applications/${deployer.applicationObjectId}/federatedIdentityCredentials`,
      {
        body: {
          name: `fic-${Date.now()}-${Math.random()}`.replace(".", ""),
          issuer: "https://issuer.example",
          subject: `${Math.random()}`,
          audiences: ["a"],
        },
      },
    );
    const { users, groups, servicePrincipals } = directory.tenant.state.directory;
    const [resourceId = ""] = Object.keys(servicePrincipals);
    directory.tenant.state.directory.oauth2PermissionGrants = {
      grant: {
        id: "grant",
        clientId: deployer.objectId,
        resourceId,
        consentType: "AllPrincipals",
        principalId: null,
        scope: "",
      },
    };
    const path = route.pattern
      .replace("{user}", Object.keys(users)[0] ?? "")
      .replace("{group}", Object.keys(groups)[0] ?? "")
      .replace("{grant}", "grant")
      .replace("{application}", deployer.applicationObjectId)
      .replace("{servicePrincipal}", deployer.objectId)
      .replace("{policy}", policy.body.id)
      .replace("{credential}", federation.body.id);
    for (const body of ["{", "[]", '"text"']) {
      const answer = await directory.graph(route.method, path, { roles: rolesFor(route), body });
      expect(codeOf(answer)).toEqual([400, "BadRequest"]);
    }
  });
});

describe("what is not emulated", () => {
  it.each([
    ["GET", "v1.0/reports/getEmailActivityUserDetail"],
    ["PUT", "v1.0/applications"],
    ["GET", "v2.0/users"],
  ])("%s /%s is answered 501, with the path", async (method, path) => {
    const answer = await directory.graph(method, `https://graph.microsoft.com/${path}`);
    expect([answer.status, answer.body.error.code]).toEqual([501, "NotEmulated"]);
    expect(answer.body.error.message).toContain(`${method} https://graph.microsoft.com/${path} `);
  });
});

describe("a refusal by Graph", () => {
  it("holds all of its fields, and the caller's request ID", async () => {
    const answer = await directory.graph("GET", `applications/${nobody}`, {
      headers: { "client-request-id": "mine" },
    });
    expect(answer.body).toEqual({
      error: {
        code: "Request_ResourceNotFound",
        message: `Resource '${nobody}' does not exist or one of its queried reference-property objects are not present.`,
        innerError: {
          date: "2026-11-22T10:00:00",
          "request-id": answer.headers.get("request-id"),
          "client-request-id": "mine",
        },
      },
    });
    expect(answer.headers.get("client-request-id")).toBe("mine");
  });

  it("says which token is expired or forged", async () => {
    const expired = await directory.graph("GET", "users", { token: { lifetimeSeconds: 0 } });
    expect(expired.body.error.message).toBe("Lifetime validation failed, the token is expired.");
    const forged = await directory.get("https://graph.microsoft.com/v1.0/users", {
      Authorization: "Bearer a.b.c",
    });
    expect(codeOf(forged)).toEqual([401, "InvalidAuthenticationToken"]);
  });
});
