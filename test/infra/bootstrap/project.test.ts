import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { bootstrapNamespace } from "../../../core/settings/bootstrapSettings";

interface Project {
  readonly name: string;
  readonly main: string;
}

const project = parse(readFileSync("infra/bootstrap/Pulumi.yaml", "utf8")) as Project;

describe("infra/bootstrap/Pulumi.yaml", () => {
  it("runs the bootstrap and not what package.json calls main, under the name that its settings bear", () => {
    expect([project.name, project.main]).toEqual([bootstrapNamespace, "main.cjs"]);
  });

  it("declares no settings: the CLI would judge them in other words, and under the project's name alone", () => {
    expect(Object.keys(project)).not.toContain("config");
  });
});
