import { isRecord } from "../server/http";
import type { Tenant, User } from "../tenant/tenant";
import { findClient, required, type Client } from "./clients";
import { giveConsent, missingConsent, noConsent, requireAssignment } from "./consent";
import { describeRefusal, EntraError } from "./entraError";
import { requireReplyAddress, type ReplyAddress } from "./redirectUris";
import { readScopes, type RequestedScopes } from "./requestedScopes";
import { after, newTicket } from "./signIns";
import { consentPage, formPostPage, refusalPage, signInPage } from "./signInPage";
import { resolveTenantName } from "./tenantName";
import type { EndpointVersion } from "./tokenEndpoint";
import { findUser, requireUser } from "./users";
import { mintIdToken, mintUserToken, userTokenLifetimeSeconds } from "./userTokens";

const sessionCookie = "ESTSAUTHPERSISTENT";
const codeLifetimeSeconds = 600;

/** What a page of ours adds to the client's parameters. */
const pageFields = ["login", "consent"];

interface SignInRequest {
  readonly parameters: URLSearchParams;
  readonly client: Client;
  readonly reply: ReplyAddress;
  readonly version: EndpointVersion;
  readonly tenant: Tenant;
}

/**
 * `/authorize`: signs a user in, asks for consent where it is missing, and answers the client at its own address. The
 * pages post the client's parameters back here, with what the user chose.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow (read 2026-11)
 */
export async function authorize(
  request: Request,
  tenantName: string,
  version: EndpointVersion,
  tenant: Tenant,
): Promise<Response> {
  const parameters =
    request.method === "POST" ? new URLSearchParams(await request.text()) : new URL(request.url).searchParams;
  let asked: SignInRequest;
  try {
    resolveTenantName(tenantName, tenant);
    const client = findClient(required(parameters, "client_id"), tenant);
    const reply = requireReplyAddress(client, parameters.get("redirect_uri"));
    asked = { parameters, client, reply, version, tenant };
  } catch (error) {
    // Before the address is known to be the client's, nothing is sent there.
    if (error instanceof EntraError) return refusalPage(error, tenant);
    throw error;
  }
  try {
    return await signIn(asked, request);
  } catch (error) {
    if (!(error instanceof EntraError)) throw error;
    // A user who may not use the app sees why; a client that asked for no page is told.
    return [50034, 50057, 50105, 90094].includes(error.code) && !isSilent(asked)
      ? refusalPage(error, tenant)
      : answerClient(asked, {
          error: error.code === 50105 ? "interaction_required" : error.oauthError,
          error_description: describeRefusal(error, tenant).description,
          ...(error.suberror === undefined ? {} : { error_subcode: error.suberror }),
        });
  }
}

async function signIn(asked: SignInRequest, request: Request): Promise<Response> {
  const { parameters, client, version, tenant } = asked;
  const responseTypes = readResponseTypes(asked);
  const scope = scopeOf(parameters, version);
  const scopes = readScopes(scope, client, tenant);
  const user = signedInUser(asked, request);
  if (user === undefined) {
    if (isSilent(asked)) {
      throw new EntraError(
        400,
        "login_required",
        50058,
        "A silent sign-in request was sent but no user is signed in.",
      );
    }
    return signInPage(client, handedOn(asked), parameters.get("login_hint"), tenant);
  }
  requireAssignment(client, user, tenant);
  const question = consentQuestion(asked, user, scopes);
  const response = question ?? (await issueAnswer(asked, user, scope, scopes, responseTypes));
  const session = newTicket("0.A");
  tenant.signIns.sessions.set(session, user.id);
  response.headers.append(
    "Set-Cookie",
    `${sessionCookie}=${session}; Path=/; Secure; HttpOnly; SameSite=None`,
  );
  return response;
}

/** Who chose an account on the page, or signed in before in this browser. */
function signedInUser({ parameters, tenant }: SignInRequest, request: Request): User | undefined {
  const chosen = parameters.get("login");
  if (chosen !== null) return findUser(chosen, tenant);
  if (["login", "select_account"].includes(parameters.get("prompt") ?? "")) return undefined;
  const cookies = (request.headers.get("Cookie") ?? "").split(/;\s*/).map((pair) => pair.split("="));
  const session = cookies.find(([name]) => name === sessionCookie)?.[1];
  const userId = tenant.signIns.sessions.get(session ?? "");
  if (userId === undefined) return undefined;
  const user = requireUser(userId, tenant);
  const hint = parameters.get("login_hint")?.toLowerCase();
  return hint === undefined || hint === user.userPrincipalName.toLowerCase() ? user : undefined;
}

/**
 * The page that asks for consent, where some is missing.
 *
 * @throws {EntraError} AADSTS65001 of a silent sign-in, AADSTS90094 where an administrator has to consent, AADSTS65004
 *   where the user declines.
 */
function consentQuestion(asked: SignInRequest, user: User, scopes: RequestedScopes): Response | undefined {
  const { parameters, client, tenant } = asked;
  const missing = missingConsent(client, user, scopes, tenant);
  if (missing.length === 0) return undefined;
  if (isSilent(asked)) throw noConsent(client, "consent_required");
  const isForbidden = tenant.state.directory.userConsent === "forbidden";
  if (isForbidden || missing.some(({ needsAdministrator }) => needsAdministrator)) {
    throw new EntraError(
      400,
      "access_denied",
      90094,
      `${client.displayName} needs permission to access resources in your organization that only an admin can grant. Please ask an admin to grant permission to this app before you can use it.`,
    );
  }
  const decision = parameters.get("consent");
  if (decision === "cancel") {
    throw new EntraError(400, "access_denied", 65004, "User declined to consent to access the app.");
  }
  if (decision !== "accept") {
    return consentPage(client, [...handedOn(asked), ["login", user.userPrincipalName]], missing);
  }
  giveConsent(client, user, missing, tenant);
  return undefined;
}

async function issueAnswer(
  asked: SignInRequest,
  user: User,
  scope: string,
  { openId, resources }: RequestedScopes,
  responseTypes: readonly string[],
): Promise<Response> {
  const { parameters, client, reply, version, tenant } = asked;
  const nonce = parameters.get("nonce") ?? undefined;
  const answer: Record<string, string> = {};
  if (responseTypes.includes("code")) {
    const code = newTicket("1.A");
    const challenge = parameters.get("code_challenge");
    tenant.signIns.codes.set(code, {
      clientId: client.appId,
      userId: user.id,
      scope,
      isPublic: reply.isPublic,
      redirectUri: reply.uri,
      expiresAt: after(tenant.clock.now(), codeLifetimeSeconds),
      isRedeemed: false,
      ...(nonce === undefined ? {} : { nonce }),
      ...(challenge === null ? {} : { codeChallenge: challenge }),
      challengeMethod: parameters.get("code_challenge_method") === "S256" ? "S256" : "plain",
    });
    answer["code"] = code;
  }
  const [requested] = resources;
  if (responseTypes.includes("token") && requested !== undefined) {
    answer["access_token"] = await mintUserToken({ client, user, requested, openId, strength: "0" }, tenant);
    answer["token_type"] = "Bearer";
    answer["expires_in"] = String(userTokenLifetimeSeconds);
  }
  if (responseTypes.includes("id_token")) {
    answer["id_token"] = await mintIdToken({ client, user, openId }, { nonce, version }, tenant);
  }
  return answerClient(asked, { ...answer, session_state: newTicket("") });
}

/** What `response_type` asks for. @throws {EntraError} AADSTS700051, AADSTS700054. */
function readResponseTypes({ parameters, client }: SignInRequest): string[] {
  const types = (parameters.get("response_type") ?? "").split(/\s+/).filter((type) => type !== "");
  const unknown = types.find((type) => !["code", "id_token", "token"].includes(type));
  if (types.length === 0 || unknown !== undefined) {
    throw new EntraError(
      400,
      "unsupported_response_type",
      70005,
      "The provided value for the input parameter 'response_type' is not allowed for this client.",
    );
  }
  const web = client.application?.["web"];
  const settings =
    isRecord(web) && isRecord(web["implicitGrantSettings"]) ? web["implicitGrantSettings"] : {};
  if (types.includes("id_token") && settings["enableIdTokenIssuance"] !== true) {
    throw new EntraError(
      400,
      "unsupported_response_type",
      700054,
      "response_type 'id_token' is not enabled for the application.",
    );
  }
  if (types.includes("token") && settings["enableAccessTokenIssuance"] !== true) {
    throw new EntraError(
      400,
      "unsupported_response_type",
      700051,
      "response_type 'token' is not enabled for the application.",
    );
  }
  return types;
}

/** Version 1 asks for everything that has consent on a resource. */
function scopeOf(parameters: URLSearchParams, version: EndpointVersion): string {
  if (version === "v2") return required(parameters, "scope");
  const resource = parameters.get("resource");
  return resource === null ? "openid offline_access" : `${resource}/.default openid offline_access`;
}

function isSilent({ parameters }: SignInRequest): boolean {
  return parameters.get("prompt") === "none";
}

function handedOn({ parameters }: SignInRequest): (readonly [string, string])[] {
  return [...parameters].filter(([name]) => !pageFields.includes(name));
}

/** Sends the browser back to the client, in the `response_mode` that it asks for. */
function answerClient({ parameters, reply }: SignInRequest, answer: Record<string, string>): Response {
  const state = parameters.get("state");
  const fields = Object.entries({ ...answer, ...(state === null ? {} : { state }) });
  const types = parameters.get("response_type") ?? "code";
  const mode = parameters.get("response_mode") ?? (types === "code" ? "query" : "fragment");
  if (mode === "form_post") return formPostPage(reply.uri, fields);
  const encoded = new URLSearchParams(fields).toString();
  const joint = mode === "fragment" ? "#" : reply.uri.includes("?") ? "&" : "?";
  return new Response(null, {
    status: 302,
    headers: { Location: `${reply.uri}${joint}${encoded}`, "Cache-Control": "no-store, no-cache" },
  });
}
