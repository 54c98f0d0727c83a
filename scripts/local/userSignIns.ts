import { cloudOf, type Cloud } from "../../emulator/tenant/clouds";
import { openIdScopes } from "../../core/access/authorizationCode";
import { userReadsFor } from "../../core/permissions/userReads";
import { isLoopback } from "../../core/access/redirectUris";
import type { AppOutputs, StackOutputs } from "../../core/outputs/stackOutputs";
import { Browser } from "../../emulator/entra/browser";
import { decodeJwt, entraIssuer } from "../../emulator/entra/tokens";
import {
  codeForAgent,
  signInToAgent,
  type AgentCredential,
  type SigningIn,
} from "../../emulator/powerPlatform/userSignIn";
import { azure } from "../../emulator/server/azure";
import type { Tenant, User } from "../../emulator/tenant/tenant";
import type { StepResult } from "../shared/steps";

/** How a user of the emulated tenant signed in to an app that acts as its users. */
export interface UserSignIn {
  readonly app: string;
  readonly ok: boolean;
  /** What the user reached, or why not. */
  readonly summary: string;
  /** Delegated permissions in the token; undefined where only the agent can get one. */
  readonly scopes?: readonly string[];
}

/**
 * Signs a user in to each app with delegated permissions, as an agent with these settings does: at the app's own redirect
 * URI, with the app's own credential where this machine has it, and without any consent by the user.
 */
export async function userSignIns(
  tenant: Tenant,
  outputs: StackOutputs,
): Promise<StepResult<readonly UserSignIn[]>> {
  const signIns: UserSignIn[] = [];
  for (const [name, app] of Object.entries(outputs.apps)) {
    if (app.delegated === undefined) continue;
    signIns.push({ app: name, ...(await signInTo(app, app.delegated, outputs, tenant)) });
  }
  return {
    value: signIns,
    ok: signIns.every(({ ok }) => ok),
    detail: signIns.map(({ app, summary }) => `${app}: ${summary}`).join("\n"),
  };
}

/** The first of the tenant's users who can sign in counts: others may be without consent or assignment. */
async function signInTo(
  app: AppOutputs,
  delegated: readonly string[],
  { vaultName }: StackOutputs,
  tenant: Tenant,
): Promise<Omit<UserSignIn, "app">> {
  const send = azure(tenant);
  const redirectUris = app.userSignIn?.redirectUris ?? [];
  const agent = {
    clientId: app.clientId,
    scopes: ["openid", "profile", ...delegated].join(" "),
    redirectUri: redirectUris.find((uri) => !isLoopback(uri)) ?? "",
  };
  const credential = agentCredential(app, vaultName, tenant);
  let refusal = "the tenant has no user";
  for (const user of Object.values(tenant.state.directory.users)) {
    const signingIn: SigningIn = {
      browser: new Browser(send),
      user: { login: user.userPrincipalName, consent: "cancel" },
      tenant,
      send,
    };
    const outcome =
      credential === undefined
        ? await codeForAgent(agent, signingIn)
        : await signInToAgent({ ...agent, credential }, signingIn);
    if ("code" in outcome) {
      return {
        ok: true,
        summary: `${user.displayName} signs in with consent; only the agent can redeem the code`,
      };
    }
    if ("accessToken" in outcome)
      return read(cloudOf(tenant.state), outcome.accessToken, user, delegated, send);
    refusal = outcome.refusal;
  }
  return { ok: false, summary: `no user can sign in: ${refusal}` };
}

/** Undefined where only Copilot Studio can sign in: nothing trusts it yet, or its real tenant is trusted. */
function agentCredential(app: AppOutputs, vaultName: string, { state }: Tenant): AgentCredential | undefined {
  if (app.signIn === "secret" && app.secretName !== undefined) {
    const versions = state.vaults[vaultName.toLowerCase()]?.secrets[app.secretName.toLowerCase()]?.versions;
    return { clientSecret: versions?.at(-1)?.value ?? "" };
  }
  const own = app.federated.find(({ issuer }) => issuer === entraIssuer(state));
  return own && { subject: own.subject };
}

async function read(
  { graph }: Cloud,
  accessToken: string,
  { displayName }: User,
  delegated: readonly string[],
  send: SigningIn["send"],
): Promise<Omit<UserSignIn, "app">> {
  const { scp } = decodeJwt(accessToken)?.claims ?? {};
  const scopes = typeof scp === "string" ? scp.split(" ") : [];
  const missing = delegated.filter((name) => !scopes.includes(name) && !openIdScopes.includes(name));
  const answers = missing.map((name) => `the token lacks ${name}`);
  let ok = missing.length === 0;
  for (const { path } of userReadsFor(delegated)) {
    const request = new Request(`${graph}/v1.0${path}`, {
      headers: { Authorization: `Bearer ${accessToken}` },
    });
    const { status } = await send(request);
    // 501: the emulated tenant does not have this read.
    ok &&= status === 200 || status === 501;
    answers.push(`GET ${path} ${status === 501 ? "(not emulated)" : status}`);
  }
  const reads = answers.length === 0 ? "no read without an ID fits the permissions" : answers.join(", ");
  return { ok, scopes, summary: `${displayName} signs in; ${reads}` };
}
