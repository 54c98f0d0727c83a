import { describeJob, type JobDescription, type WorkflowJob } from "./githubJob";
import { json, newGuid, notEmulated } from "../server/http";
import { createSigningKey, publicJwk, type SigningKey } from "../entra/signingKey";
import type { Tenant } from "../tenant/tenant";
import { signJwt, verifyJwt } from "../entra/tokens";

/**
 * Who signs the assertions of GitHub's jobs.
 *
 * @see https://docs.github.com/actions/reference/openid-connect-reference (read 2026-11)
 */
export const githubIssuer = "https://token.actions.githubusercontent.com";

let signingKey: Promise<SigningKey> | undefined;

/** GitHub's signing key: one for every tenant, made at its first use, since a run without workflows needs none. */
export function githubSigningKey(): Promise<SigningKey> {
  signingKey ??= createSigningKey(new URL(githubIssuer).hostname);
  return signingKey;
}

/**
 * The variables of a job: what GitHub says of every one, and the two by which one with `id-token: write` asks for
 * assertions.
 *
 * @see https://docs.github.com/actions/reference/workflows-and-actions/variables (read 2026-11)
 * @see https://docs.github.com/actions/reference/security/oidc (read 2026-11)
 */
export async function workflowVariables(
  tenant: Tenant,
  job: WorkflowJob,
): Promise<
  Record<string, string> & { ACTIONS_ID_TOKEN_REQUEST_URL: string; ACTIONS_ID_TOKEN_REQUEST_TOKEN: string }
> {
  const key = await githubSigningKey();
  const exp = Math.floor(tenant.clock.now().getTime() / 1000) + 6 * 3600;
  const described = describeJob(job);
  return {
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_REPOSITORY: described.repository,
    GITHUB_REPOSITORY_ID: described.repositoryId,
    GITHUB_REPOSITORY_OWNER: described.repositoryOwner,
    GITHUB_REPOSITORY_OWNER_ID: described.repositoryOwnerId,
    GITHUB_REF: described.ref,
    GITHUB_REF_NAME: described.ref.replace(/^refs\/(?:heads|tags|pull)\//, ""),
    GITHUB_REF_TYPE: described.refType,
    GITHUB_BASE_REF: described.baseRef,
    GITHUB_HEAD_REF: described.headRef,
    GITHUB_EVENT_NAME: described.eventName,
    GITHUB_WORKFLOW: described.workflow,
    GITHUB_WORKFLOW_REF: described.workflowRef,
    GITHUB_SERVER_URL: "https://github.com",
    GITHUB_RUN_ID: run.id,
    GITHUB_RUN_NUMBER: run.number,
    GITHUB_RUN_ATTEMPT: run.attempt,
    GITHUB_ACTOR: run.actor,
    ACTIONS_ID_TOKEN_REQUEST_URL: `${githubIssuer}/idtoken?api-version=2.0`,
    // Lives as long as a job may run.
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: signJwt(key, header(key), { scp: "idtoken", job, exp }),
  };
}

/** Nothing hangs on these; every job has them. */
const run = { id: "1658821493", number: "1", attempt: "1", actor: "octocat", actorId: "12" };

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
        claims_supported: ["sub", "aud", "exp", "iat", "iss", "jti", "nbf", ...jobClaimNames],
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
  const job = describeJob(claims["job"] as WorkflowJob);
  const value = signJwt(key, header(key), {
    jti: newGuid(),
    sub: job.subject,
    aud: audience ?? `https://github.com/${job.repositoryOwner}`,
    ...jobClaims(job),
    iss: githubIssuer,
    iat: nowSeconds,
    nbf: nowSeconds - 300,
    exp: nowSeconds + 300,
  });
  return json(200, { count: value.length, value });
}

/** @see https://docs.github.com/actions/reference/security/oidc#custom-claims-provided-by-github (read 2026-11) */
function jobClaims(job: JobDescription): Record<string, string> {
  return {
    ref: job.ref,
    ref_type: job.refType,
    repository: job.repository,
    repository_id: job.repositoryId,
    repository_owner: job.repositoryOwner,
    repository_owner_id: job.repositoryOwnerId,
    repository_visibility: "private",
    ...(job.environment === undefined ? {} : { environment: job.environment }),
    event_name: job.eventName,
    base_ref: job.baseRef,
    head_ref: job.headRef,
    workflow: job.workflow,
    workflow_ref: job.workflowRef,
    job_workflow_ref: job.workflowRef,
    runner_environment: "github-hosted",
    actor: run.actor,
    actor_id: run.actorId,
    run_id: run.id,
    run_number: run.number,
    run_attempt: run.attempt,
  };
}

/** Of a job that has them all. */
const jobClaimNames = Object.keys(
  jobClaims(describeJob({ repository: "owner/name", environment: "environment" })),
);

function header(key: SigningKey): object {
  return { typ: "JWT", alg: "RS256", x5t: key.keyId, kid: key.keyId };
}
