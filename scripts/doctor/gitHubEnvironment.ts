import { fetchAssertion } from "../../azure/federatedAssertion";
import { fetchEnvironmentProtection } from "../../azure/github";
import { ServiceRefusal } from "../../azure/serviceRefusal";
import { textClaim } from "../../azure/tokenClaims";
import { assertionSource } from "../../core/access/assertionSource";
import { personFix } from "../../core/fix";
import { knowing } from "../shared/known";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { fail, pass, skip, warn } from "./finding";

/** Those whose rights reach the whole tenant: a person approves each of their jobs. */
const reviewed = ["deployer", "granter"];

const protect = personFix(
  "github.protect",
  "Limit the environment to the branch main and, for deployer and granter, ask for a reviewer: repository settings, Environments. See docs/ci.md.",
);

/**
 * Checks that the GitHub environment with which a job signs in accepts only chosen branches. Otherwise anyone who can push
 * a branch can sign in as the identity. GitHub shows this only with a token.
 */
export async function checkGitHubEnvironment({
  world: { env },
  who,
  client,
  identity,
}: DoctorContext): Promise<Finding> {
  const source = assertionSource(env);
  if (!identity.known || identity.value.kind !== "federated" || source?.kind !== "request") {
    return pass("the sign-in is not by a job of GitHub Actions");
  }
  const assertion = await knowing(fetchAssertion(source, env, client).then((one) => one.decode()));
  if (!assertion.known) return fail(`GitHub gives no assertion: ${assertion.error.message}`, protect);
  const subject = textClaim(assertion.value, "sub") ?? "no subject";
  const repository = textClaim(assertion.value, "repository");
  const environment = textClaim(assertion.value, "environment");
  const evidence = { subject };
  if (repository === undefined || environment === undefined) {
    return warn(
      `the job signs in without an environment, as ${subject}: nothing but its branch limits it`,
      protect,
      evidence,
    );
  }
  const place = `the environment ${environment} of ${repository}`;
  const [token] = [env["GH_TOKEN"], env["GITHUB_TOKEN"]].filter((text) => text !== undefined && text !== "");
  if (token === undefined) {
    return skip(
      `whether ${place} is protected could not be seen: there is no token for GitHub`,
      personFix(
        "github.token",
        "Give the job `permissions: actions: read`, and this step `env: GH_TOKEN: ${{ github.token }}`.",
      ),
    );
  }
  const seen = await knowing(fetchEnvironmentProtection(client, token, { repository, environment }));
  if (!seen.known) {
    const { error } = seen;
    const isClosed =
      error instanceof ServiceRefusal && [401, 403, 404].some((status) => status === error.status);
    const summary = `whether ${place} is protected could not be seen: ${error.message}`;
    return isClosed ? skip(summary) : fail(summary, protect, evidence);
  }
  const lacks = [
    ...(seen.value.limitsBranches
      ? []
      : ["every branch may deploy to it, so anyone who can push one can sign in"]),
    ...(seen.value.needsReview || !reviewed.includes(who) ? [] : ["jobs need no approval"]),
  ];
  return lacks.length === 0
    ? pass(`${place} is protected`, evidence)
    : warn(`${place}: ${lacks.join("; ")}`, protect, evidence);
}
