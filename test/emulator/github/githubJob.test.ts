import { describe, expect, it } from "vitest";
import { describeJob, workflowJobOf } from "../../../emulator/github/githubJob";

describe("workflowJobOf", () => {
  it.each([
    [
      "repo:Contoso/Agents:environment:Rotate",
      { repository: "Contoso/Agents", environment: "Rotate" },
      { ref: "refs/heads/main", eventName: "workflow_dispatch" },
    ],
    [
      "repo:contoso/agents:ref:refs/heads/feature/x",
      { repository: "contoso/agents", ref: "refs/heads/feature/x" },
      { ref: "refs/heads/feature/x", refType: "branch" },
    ],
    [
      "repo:contoso/agents:ref:refs/tags/v1",
      { repository: "contoso/agents", ref: "refs/tags/v1" },
      { refType: "tag" },
    ],
    [
      "repo:contoso/agents:pull_request",
      { repository: "contoso/agents", eventName: "pull_request" },
      { ref: "refs/pull/1/merge", baseRef: "main", eventName: "pull_request" },
    ],
    [
      "repo:contoso/agents:environment:Production%3AV1",
      { repository: "contoso/agents", environment: "Production:V1" },
      { environment: "Production:V1" },
    ],
    [
      "repo:contoso@123456/agents@456789:environment:prod",
      {
        repository: "contoso/agents",
        environment: "prod",
        immutableIds: { owner: "123456", repository: "456789" },
      },
      { repositoryOwner: "contoso", repositoryOwnerId: "123456", repositoryId: "456789" },
    ],
  ])("reads %s, and GitHub says the same of the job", (subject, job, described) => {
    expect(workflowJobOf(subject)).toEqual(job);
    expect(describeJob(job)).toMatchObject({ subject, ...described });
  });

  it.each([
    "contoso/agents",
    "repo:contoso:environment:prod",
    "repo:contoso/agents",
    "repo:contoso/agents:environment:",
    "repo:contoso/agents:environment:a:b",
    "repo:contoso/agents:ref:main",
    "repo:contoso/agents:ref:refs/heads/",
    "repo:contoso/agents:pull_request:1",
    "repo:contoso@1/agents:environment:prod",
    "Repo:contoso/agents:environment:prod",
  ])("is none: %s", (subject) => {
    expect(workflowJobOf(subject)).toBeUndefined();
  });
});
