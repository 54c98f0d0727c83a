/**
 * The forms of a GitHub job's subject, for messages and help. A file of its own, since the command's help loads nothing else
 * of `tenant`.
 */
export const subjectForms = [
  "repo:OWNER/NAME:environment:ENV",
  "repo:OWNER/NAME:ref:refs/heads/BRANCH",
  "repo:OWNER/NAME:pull_request",
] as const;
