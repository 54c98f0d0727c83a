import { clouds } from "../../../emulator/tenant/clouds";
import { beforeEach, expect, it } from "vitest";
import { azure } from "../../../emulator/server/azure";
import { serviceFor } from "../../../emulator/server/hosts";
import { mintToken, type TokenGrant } from "../../../emulator/entra/tokens";
import { TestDirectory } from "../../support/directory";

const host = "contoso.sharepoint.com";
const denied = {
  "odata.error": {
    code: "-2147024891, System.UnauthorizedAccessException",
    message: {
      lang: "en-US",
      value: "Access denied. You do not have permission to perform this action or access this resource.",
    },
  },
};
let directory: TestDirectory;
beforeEach(async () => {
  directory = await TestDirectory.create();
});

/** Reads a site as an app that signed in with a certificate and holds `Sites.Read.All`. */
async function read(path: string, token: Partial<TokenGrant> | null = {}, method = "GET") {
  const { tenant } = directory;
  const { clientId, objectId } = tenant.identities.deployer;
  const grant = {
    clientId,
    objectId,
    audience: `https://${host}`,
    roles: ["Sites.Read.All"],
    credentialStrength: "2" as const,
  };
  const headers = {
    Accept: "application/json;odata=nometadata",
    ...(token === null ? {} : { Authorization: `Bearer ${await mintToken(tenant, { ...grant, ...token })}` }),
  };
  const answer = await azure(tenant)(new Request(`https://${host}${path}`, { method, headers }));
  const text = await answer.text();
  return [answer.status, text.startsWith("{") ? (JSON.parse(text) as object) : text];
}

it("shows a site to an app that signed in with a certificate", async () => {
  expect(await read("/sites/team/_api/web")).toEqual([
    200,
    {
      Title: "Contoso Team",
      Url: `https://${host}/sites/team`,
      Id: "8e4a0b76-1c3d-4952-b6f8-e7d5a9c20f13",
    },
  ]);
  expect((await read("/_api/web", { audience: "00000003-0000-0ff1-ce00-000000000000" }))[0]).toBe(200);
  expect(await read("/sites/none/_api/web")).toEqual([404, "404 FILE NOT FOUND"]);
});

it("refuses a token that was got with a client secret, whatever its permissions", async () => {
  const bySecret = { roles: ["Sites.FullControl.All"], credentialStrength: "1" } as const;
  expect(await read("/_api/web", bySecret)).toEqual([401, "Unsupported app only token."]);
});

it("needs SharePoint's own permission, and the grant of the site for Sites.Selected", async () => {
  expect(await read("/sites/team/_api/web", { roles: ["User.Read.All"] })).toEqual([403, denied]);
  const selected = { roles: ["Sites.Selected"] };
  expect(await read("/sites/team/_api/web", selected)).toEqual([403, denied]);
  const { state, identities } = directory.tenant;
  const site = Object.values(state.directory.sites).find(({ name }) => name === "team");
  const { clientId } = identities.deployer;
  state.directory.sitePermissions = {
    one: { id: "one", siteId: site?.id ?? "", clientId, displayName: "App", roles: ["read"] },
  };
  expect((await read("/sites/team/_api/web", selected))[0]).toBe(200);
  expect((await read("/_api/web", selected))[0]).toBe(403);
});

it("refuses no token, another service's and one that has expired", async () => {
  expect((await read("/_api/web", null))[0]).toBe(401);
  expect((await read("/_api/web", { audience: "https://graph.microsoft.com" }))[0]).toBe(401);
  expect((await read("/_api/web", { audience: "https://fabrikam.sharepoint.com" }))[0]).toBe(401);
  expect((await read("/_api/web", { lifetimeSeconds: -1 }))[0]).toBe(401);
});

it("answers 501 to what it does not emulate: other paths, other methods, users' tokens", async () => {
  expect((await read("/_api/web/lists"))[0]).toBe(501);
  expect((await read("/_api/web", {}, "DELETE"))[0]).toBe(501);
  expect([
    serviceFor("a.b.sharepoint.com", clouds.public),
    serviceFor("sharepoint.com", clouds.public),
    serviceFor("Contoso.SharePoint.com", clouds.public),
  ]).toEqual([undefined, undefined, "sharePoint"]);
});
