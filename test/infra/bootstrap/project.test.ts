import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { bootstrapNamespace, judgeBootstrapSettings } from "../../../core/settings/bootstrapSettings";

interface Project {
  readonly name: string;
  readonly main: string;
  readonly config: Readonly<Record<string, { readonly default: unknown }>>;
}

const project = parse(readFileSync("infra/bootstrap/Pulumi.yaml", "utf8")) as Project;

describe("infra/bootstrap/Pulumi.yaml", () => {
  it("runs the bootstrap and not what package.json calls main, under the name that its settings bear", () => {
    expect([project.name, project.main]).toEqual([bootstrapNamespace, "index.ts"]);
  });

  it("declares the settings that there are, with defaults that say the same as no setting at all", () => {
    const defaults = Object.fromEntries(
      Object.entries(project.config).map(([key, declared]) => [key, declared.default]),
    );
    const repositories = ["contoso/agents"];
    expect(Object.keys(defaults).sort()).toEqual(["identities", "repositories", "state"]);
    expect(judgeBootstrapSettings({ ...defaults, repositories })).toEqual(
      judgeBootstrapSettings({ repositories }),
    );
  });
});
