import { authenticate, type Caller } from "../entra/tokens";
import { both } from "../graph/people";
import { json, notEmulated } from "../server/http";
import type { Site, Tenant } from "../tenant/tenant";

const clientId = "00000003-0000-0ff1-ce00-000000000000";
const readers = [...both("Sites"), "Sites.Manage.All", "Sites.FullControl.All"];

/**
 * The read of a site by SharePoint's REST API: `GET {site}/_api/web`. It refuses an app's token that was got with a client
 * secret.
 *
 * @see https://learn.microsoft.com/sharepoint/dev/sp-add-ins/get-to-know-the-sharepoint-rest-service (read 2026-11)
 * @see https://learn.microsoft.com/sharepoint/dev/solution-guidance/security-apponly-azuread (read 2026-11): an app needs a
 *   certificate; the texts of the refusals are those of public issues and posts, such as SharePoint/sp-dev-docs#5889
 */
export function handleSharePoint(request: Request, tenant: Tenant): Promise<Response> {
  return answer(request, tenant);
}

async function answer(request: Request, tenant: Tenant): Promise<Response> {
  const { host, pathname } = new URL(request.url);
  const [isSite, path = ""] = /^(.*)\/_api\/web\/?$/i.exec(pathname) ?? [];
  if (request.method !== "GET" || isSite === undefined) return notEmulated(request);
  const audiences = [`https://${host}`, `https://${host}/`, clientId];
  const authentication = await authenticate(request, tenant, audiences);
  if ("refusal" in authentication) return refused(tenant, refusals[authentication.refusal]);
  const { caller } = authentication;
  if (caller.scopes !== undefined) {
    return notEmulated(request, "SharePoint is emulated for apps, not for the token of a signed-in user.");
  }
  if (caller.credentialStrength !== "2") {
    return new Response("Unsupported app only token.", {
      status: 401,
      headers: { "Content-Type": "text/plain; charset=utf-8", ...challenge(tenant) },
    });
  }
  const address = `https://${host}${path}`.toLowerCase();
  const site = Object.values(tenant.state.directory.sites).find(
    ({ webUrl }) => webUrl.toLowerCase() === address,
  );
  if (site === undefined) return new Response("404 FILE NOT FOUND", { status: 404 });
  if (!mayRead(caller, site, tenant)) return denied();
  if (!(request.headers.get("Accept") ?? "").includes("json")) {
    return notEmulated(
      request,
      "SharePoint answers XML here. Ask with Accept: application/json;odata=nometadata.",
    );
  }
  return json(200, { Title: site.displayName, Url: site.webUrl, Id: site.id.split(",").at(-1) });
}

function mayRead({ roles, clientId: appId }: Caller, site: Site, { state }: Tenant): boolean {
  if (readers.some((role) => roles.includes(role))) return true;
  return (
    roles.includes("Sites.Selected") &&
    Object.values(state.directory.sitePermissions ?? {}).some(
      (granted) => granted.siteId === site.id && granted.clientId === appId,
    )
  );
}

const refusals = {
  missing: "Access denied.",
  invalid: "Invalid issuer or signature.",
  expired: "The token has expired.",
  audience:
    "Exception of type 'Microsoft.IdentityModel.Tokens.AudienceUriValidationFailedException' was thrown.",
};

function refused(tenant: Tenant, reason: string): Response {
  return json(401, { error_description: reason }, challenge(tenant));
}

function challenge({ state }: Tenant): Record<string, string> {
  return { "WWW-Authenticate": `Bearer realm="${state.tenantId}",client_id="${clientId}"` };
}

function denied(): Response {
  const value = "Access denied. You do not have permission to perform this action or access this resource.";
  const code = "-2147024891, System.UnauthorizedAccessException";
  return json(403, { "odata.error": { code, message: { lang: "en-US", value } } });
}
