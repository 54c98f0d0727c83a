import * as z from "zod/mini";
import type { AzureClient } from "./azureClient";
import { Credential } from "./credential";
import { readBody } from "./serviceRefusal";
import { serviceAt } from "./services";

/** GitHub's REST API; a server of one's own (GitHub Enterprise Server) is not asked. */
export const gitHubApi = serviceAt("GitHub", "api.github.com");

const environmentShape = z.object({
  name: z.string(),
  protection_rules: z.array(z.object({ type: z.string() })),
});

/** What protects an environment of a repository. */
export interface EnvironmentProtection {
  /** Only chosen branches may deploy to it. */
  readonly limitsBranches: boolean;
  /** Someone has to approve each job. */
  readonly needsReview: boolean;
}

/**
 * @param token Of a job (`GITHUB_TOKEN`, with `actions: read`) or of a user.
 * @throws {ServiceRefusal} 404 also where the token may not read the repository.
 * @see https://docs.github.com/rest/deployments/environments#get-an-environment (read 2026-11)
 */
export async function fetchEnvironmentProtection(
  client: AzureClient,
  token: string,
  { repository, environment }: { readonly repository: string; readonly environment: string },
): Promise<EnvironmentProtection> {
  const [owner = "", name = ""] = repository.split("/");
  const path = ["repos", owner, name, "environments", environment].map(encodeURIComponent).join("/");
  const url = `https://api.github.com/${path}`;
  const answer = await client.send({
    to: gitHubApi,
    method: "GET",
    url,
    token: new Credential(token, gitHubApi),
  });
  const { protection_rules: rules } = readBody(gitHubApi.name, answer, environmentShape);
  const has = (type: string): boolean => rules.some((rule) => rule.type === type);
  return { limitsBranches: has("branch_policy"), needsReview: has("required_reviewers") };
}
