import { json, newGuid, notEmulated } from "./http";
import { createSigningKey, publicJwk, type SigningKey } from "./signingKey";
import type { Tenant } from "./tenant";
import { signJwt, verifyJwt } from "./tokens";

/** GitHub's issuer of workflow assertions, as federated identity credentials name it. */
export const githubIssuer = "https://token.actions.githubusercontent.com";

/** The workflow run that an assertion speaks of. */
export interface WorkflowJob {
  /** `owner/name`, in the case in which GitHub has it. */
  readonly repository: string;
  /** Default `refs/heads/main`. */
  readonly ref?: string;
  /** With an environment, the subject names it in place of the ref. */
  readonly environment?: string;
}

let signingKey: Promise<SigningKey> | undefined;

/** GitHub's signing key: one for every tenant, made at its first use, since a run without workflows needs none. */
export function githubSigningKey(): Promise<SigningKey> {
  signingKey ??= createSigningKey("token.actions.githubusercontent.com");
  return signingKey;
}

/**
 * The two variables by which a job with `id-token: write` asks GitHub for assertions.
 *
 * @see https://docs.github.com/actions/reference/security/oidc (read 2026-11)
 */
export async function workflowVariables(
  tenant: Tenant,
  job: WorkflowJob,
): Promise<{ ACTIONS_ID_TOKEN_REQUEST_URL: string; ACTIONS_ID_TOKEN_REQUEST_TOKEN: string }> {
  const key = await githubSigningKey();
  const exp = Math.floor(tenant.clock.now().getTime() / 1000) + 6 * 3600;
  return {
    ACTIONS_ID_TOKEN_REQUEST_URL: `${githubIssuer}/idtoken?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: signJwt(key, header(key), { scp: "idtoken", job, exp }),
  };
}

/** Serves discovery, keys, and the address that gives a running job its assertions. */
export async function handleGitHubActions(request: Request, tenant: Tenant): Promise<Response> {
  const url = new URL(request.url);
  if (request.method !== "GET") return notEmulated(request);
  switch (url.pathname) {
    case "/.well-known/openid-configuration":
      return json(200, {
        issuer: githubIssuer,
        jwks_uri: `${githubIssuer}/.well-known/jwks`,
        subject_types_supported: ["public", "pairwise"],
        response_types_supported: ["id_token"],
        claims_supported: [
          "sub",
          "aud",
          "exp",
          "iat",
          "iss",
          "jti",
          "nbf",
          "ref",
          "repository",
          "environment",
        ],
        id_token_signing_alg_values_supported: ["RS256"],
        scopes_supported: ["openid"],
      });
    case "/.well-known/jwks":
      return json(200, { keys: [publicJwk(await githubSigningKey())] });
    case "/idtoken":
      return assertionFor(request, url.searchParams.get("audience"), tenant);
    default:
      return notEmulated(request);
  }
}

async function assertionFor(request: Request, audience: string | null, tenant: Tenant): Promise<Response> {
  const key = await githubSigningKey();
  const [scheme, token = ""] = (request.headers.get("Authorization") ?? "").split(" ");
  const claims = scheme?.toLowerCase() === "bearer" ? verifyJwt(key, token) : undefined;
  const nowSeconds = Math.floor(tenant.clock.now().getTime() / 1000);
  if (claims?.["scp"] !== "idtoken" || Number(claims["exp"]) <= nowSeconds) {
    return json(401, { message: "The request token is missing, expired or not one of this run's." });
  }
  const { repository, ref = "refs/heads/main", environment } = claims["job"] as WorkflowJob;
  const owner = repository.split("/")[0] ?? "";
  const value = signJwt(key, header(key), {
    jti: newGuid(),
    sub: `repo:${repository}:${environment === undefined ? `ref:${ref}` : `environment:${environment}`}`,
    aud: audience ?? `https://github.com/${owner}`,
    ref,
    repository,
    repository_owner: owner,
    ...(environment === undefined ? {} : { environment }),
    iss: githubIssuer,
    iat: nowSeconds,
    nbf: nowSeconds - 300,
    exp: nowSeconds + 300,
  });
  return json(200, { count: value.length, value });
}

function header(key: SigningKey): object {
  return { typ: "JWT", alg: "RS256", x5t: key.keyId, kid: key.keyId };
}
