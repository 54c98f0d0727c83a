/**
 * The workflow job that an assertion speaks of. Names are in the case in which GitHub has them: Entra compares
 * letter by letter.
 */
export interface WorkflowJob {
  /** `owner/name`. */
  readonly repository: string;
  /** Default `refs/heads/main`; for a pull request `refs/pull/1/merge`. */
  readonly ref?: string;
  /** With an environment, the subject names it instead of the ref. */
  readonly environment?: string;
  /** What started the run. Default `workflow_dispatch`. The subject of a `pull_request` names it instead of the ref. */
  readonly eventName?: string;
  /** Name of the workflow. Default `local`. */
  readonly workflow?: string;
  /**
   * GitHub's IDs of owner and repository, for a repository whose subject names them: every one that was made,
   * renamed or transferred after 2026-07-15.
   */
  readonly immutableIds?: { readonly owner: string; readonly repository: string };
}

/** What GitHub says of a job, in claims and in `GITHUB_*` variables, beside what depends on the run. */
export interface JobDescription {
  readonly subject: string;
  readonly repository: string;
  readonly repositoryOwner: string;
  readonly repositoryId: string;
  readonly repositoryOwnerId: string;
  readonly environment: string | undefined;
  readonly ref: string;
  readonly refType: "branch" | "tag";
  readonly eventName: string;
  /** Branches of a pull request, else empty. */
  readonly baseRef: string;
  readonly headRef: string;
  readonly workflow: string;
  /** The workflow's file, at the ref. */
  readonly workflowRef: string;
}

const subjectForm =
  /^repo:(?<owner>[\w.-]+)(?:@(?<ownerId>\d+))?\/(?<name>[\w.-]+)(?:@(?<nameId>\d+))?:(?:environment:(?<environment>[^:]+)|ref:(?<ref>refs\/(?:heads|tags)\/[^:]+)|(?<pull>pull_request))$/;

/**
 * Reads the job from the subject of its assertions, as a federated identity credential names it.
 *
 * @returns undefined for what GitHub's default subjects never are.
 * @see https://docs.github.com/actions/reference/security/oidc#example-subject-claims (read 2026-11)
 */
export function workflowJobOf(subject: string): WorkflowJob | undefined {
  const parts = subjectForm.exec(subject)?.groups;
  if (parts === undefined) return undefined;
  const { owner = "", ownerId, name = "", nameId, environment, ref, pull } = parts;
  // GitHub writes both IDs or none.
  if ((ownerId === undefined) !== (nameId === undefined)) return undefined;
  const decoded = { environment: withColons(environment), ref: withColons(ref) };
  return {
    repository: `${owner}/${name}`,
    ...(decoded.environment === undefined ? {} : { environment: decoded.environment }),
    ...(decoded.ref === undefined ? {} : { ref: decoded.ref }),
    ...(pull === undefined ? {} : { eventName: pull }),
    ...(ownerId === undefined || nameId === undefined
      ? {}
      : { immutableIds: { owner: ownerId, repository: nameId } }),
  };
}

/** Fills in what GitHub would say of a job. */
export function describeJob(job: WorkflowJob): JobDescription {
  const { repository, environment, eventName = "workflow_dispatch", workflow = "local", immutableIds } = job;
  const [owner = "", name = ""] = repository.split("/");
  const isPullRequest = eventName === "pull_request";
  const ref = job.ref ?? (isPullRequest ? "refs/pull/1/merge" : "refs/heads/main");
  const repositoryPart =
    immutableIds === undefined
      ? repository
      : `${owner}@${immutableIds.owner}/${name}@${immutableIds.repository}`;
  const context =
    environment !== undefined
      ? `environment:${withoutColons(environment)}`
      : isPullRequest
        ? "pull_request"
        : `ref:${withoutColons(ref)}`;
  return {
    subject: `repo:${repositoryPart}:${context}`,
    repository,
    repositoryOwner: owner,
    repositoryId: immutableIds?.repository ?? "74",
    repositoryOwnerId: immutableIds?.owner ?? "65",
    environment,
    ref,
    refType: ref.startsWith("refs/tags/") ? "tag" : "branch",
    eventName,
    baseRef: isPullRequest ? "main" : "",
    headRef: isPullRequest ? "change" : "",
    workflow,
    workflowRef: `${repository}/.github/workflows/${workflow}.yml@${ref}`,
  };
}

/** A colon would end its part of the subject. */
function withoutColons(text: string): string {
  return text.replaceAll(":", "%3A");
}

function withColons(text: string | undefined): string | undefined {
  return text?.replaceAll("%3A", ":");
}
