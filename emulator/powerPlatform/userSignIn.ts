import { cloudOf } from "../tenant/clouds";
import type { Browser, UserChoices } from "../entra/browser";
import { mintServiceAssertion } from "../entra/clientAssertion";
import type { Tenant } from "../tenant/tenant";
import { connectorSignIn, type CustomConnector } from "./powerApps";
import { isRecord, parseJson, textOf, type Value } from "./value";

/** What an agent's Security page holds: Authenticate manually, Microsoft Entra ID V2. */
export interface ManualSignIn {
  readonly clientId: string;
  readonly scopes: string;
  /** "Redirect URL", as the page shows it. */
  readonly redirectUri: string;
  readonly credential: AgentCredential;
}

/** "Federated credential value", or the client secret that the maker typed. */
export type AgentCredential = { readonly subject: string } | { readonly clientSecret: string };

/** A user at a browser, and what answers it. */
export interface SigningIn {
  readonly browser: Browser;
  readonly user: UserChoices;
  readonly tenant: Tenant;
  readonly send: (request: Request) => Promise<Response>;
}

/** A user's token, or what the sign-in said instead. */
export type SignInOutcome = { readonly accessToken: string } | { readonly refusal: string };
export type CodeOutcome = { readonly code: string } | { readonly refusal: string };

/** Azure API Connections, by which a connector's user signs in. */
export const apiConnectionsClientId = "fe053c5f-3692-4f14-aef2-ee34fc081cae";

/** A user's code at the redirect URI: all of the sign-in that takes no credential of the agent. */
export function codeForAgent(
  { clientId, scopes: scope, redirectUri }: Omit<ManualSignIn, "credential">,
  signingIn: SigningIn,
): Promise<CodeOutcome> {
  return codeOf({ clientId, scope, redirectUri }, signingIn);
}

/** Signs a user in to an agent: the token service of agents redeems the code by the agent's credential. */
export async function signInToAgent(agent: ManualSignIn, signingIn: SigningIn): Promise<SignInOutcome> {
  const { clientId, redirectUri, credential } = agent;
  const code = await codeForAgent(agent, signingIn);
  if ("refusal" in code) return code;
  return redeem(
    { client_id: clientId, grant_type: "authorization_code", redirect_uri: redirectUri, ...code },
    signingIn,
    credential,
  );
}

/**
 * Signs a user in to a connector, on whose behalf its managed identity then asks for a token of its own API.
 *
 * @see https://learn.microsoft.com/microsoft-copilot-studio/advanced-custom-connector-on-behalf-of (read 2026-11)
 */
export async function signInToConnector(
  connector: CustomConnector,
  signingIn: SigningIn,
): Promise<SignInOutcome> {
  const { token } = connector.connectionParameters as { token: { oAuthSettings: Record<string, Value> } };
  const clientId = textOf(token.oAuthSettings, "clientId");
  const { customParameters } = token.oAuthSettings as unknown as {
    customParameters: { ResourceUri: { value: string } };
  };
  const own = {
    clientId: apiConnectionsClientId,
    scope: `${clientId}/.default`,
    redirectUri: "http://localhost",
  };
  const code = await codeOf(own, signingIn);
  if ("refusal" in code) return code;
  const user = await redeem(
    {
      client_id: own.clientId,
      grant_type: "authorization_code",
      redirect_uri: own.redirectUri,
      scope: own.scope,
      ...code,
    },
    signingIn,
  );
  if ("refusal" in user) return user;
  return redeem(
    {
      client_id: clientId,
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      requested_token_use: "on_behalf_of",
      assertion: user.accessToken,
      scope: `${customParameters.ResourceUri.value}/.default`,
    },
    signingIn,
    { subject: connectorSignIn(connector, signingIn.tenant).subject },
  );
}

async function codeOf(
  asked: { readonly clientId: string; readonly scope: string; readonly redirectUri: string },
  { browser, user, tenant }: SigningIn,
): Promise<CodeOutcome> {
  const query = new URLSearchParams({
    client_id: asked.clientId,
    response_type: "code",
    redirect_uri: asked.redirectUri,
    scope: asked.scope,
  });
  const end = await browser.open(`${authority(tenant)}/authorize?${query.toString()}`, user);
  if ("page" in end) return { refusal: /AADSTS\d+: [^<]*/.exec(end.page)?.[0] ?? "The sign-in did not end." };
  const answer = new URL(end.address).searchParams;
  const code = answer.get("code");
  return code === null ? { refusal: answer.get("error_description") ?? "No code came back." } : { code };
}

async function redeem(
  form: Readonly<Record<string, string>>,
  { send, tenant }: SigningIn,
  credential?: AgentCredential,
): Promise<SignInOutcome> {
  const assertion = credential === undefined ? {} : await credentialForm(credential, tenant);
  const response = await send(
    new Request(`${authority(tenant)}/token`, {
      method: "POST",
      body: new URLSearchParams({ ...form, ...assertion }),
    }),
  );
  return signInOutcome(response);
}

/** What the token endpoint answered. */
export async function signInOutcome(response: Response): Promise<SignInOutcome> {
  const answer = parseJson(await response.text());
  if (!isRecord(answer)) return { refusal: "The token endpoint answered with something else." };
  const { access_token: accessToken, error_description: refusal } = answer;
  if (typeof accessToken === "string") return { accessToken };
  return { refusal: typeof refusal === "string" ? refusal : "No token came back." };
}

async function credentialForm(credential: AgentCredential, tenant: Tenant): Promise<Record<string, string>> {
  return "clientSecret" in credential
    ? { client_secret: credential.clientSecret }
    : {
        client_assertion: await mintServiceAssertion(credential.subject, tenant),
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      };
}

function authority({ state }: Tenant): string {
  return `${cloudOf(state).authority}/${state.tenantId}/oauth2/v2.0`;
}
