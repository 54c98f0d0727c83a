import { expect, it } from "vitest";
import { claimsMatch } from "../../../emulator/entra/claimsExpression";

const claims = {
  sub: "repo:contoso/agents:ref:refs/heads/main",
  job_workflow_ref: "contoso/ci/.github/deploy.yml",
};

it.each([
  ["claims['sub'] matches 'repo:contoso/*'", true],
  ["claims['sub'] matches 'repo:other/*'", false],
  ["claims['sub'] eq 'repo:contoso/agents:ref:refs/heads/main'", true],
  ["claims['sub'] eq 'repo:contoso/*'", false],
  ["claims['sub'] matches 'repo:contoso/agent?:*'", true],
  ["claims['sub'] matches 'repo.contoso/*'", false],
  ["claims['sub'] matches 'repo:*' and claims['job_workflow_ref'] eq 'contoso/ci/.github/deploy.yml'", true],
  ["claims['sub'] matches 'repo:*' and claims['missing'] eq 'x'", false],
  ["anything else", false],
])("a flexible federated credential with %s trusts the assertion: %s", (expression, expected) => {
  expect(claimsMatch(expression, claims)).toBe(expected);
});
