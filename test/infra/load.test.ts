import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";

/** Pulumi reports errors in this way; the folder is the one in which it runs the program. */
const report = `
process.on("unhandledRejection", (error) => {
  console.log(error.stack);
  process.exit(0);
});
void (async () => require(process.argv[1])())();
`;

it.each(["Pulumi.yaml", "infra/bootstrap/Pulumi.yaml"])(
  "an error in the program of %s names places in the sources",
  (project) => {
    const { main } = parse(readFileSync(project, "utf8")) as { main: string };
    const file = resolve(project, "..", main);
    const stack = execFileSync(process.execPath, ["-e", report, file], {
      cwd: join(file, ".."),
      encoding: "utf8",
      // No JSON, which Pulumi's own reader is the first to notice.
      env: { ...process.env, PULUMI_CONFIG: "{" },
    });
    const source = "infra/plan/settings.ts";
    const line = readFileSync(source, "utf8")
      .split("\n")
      .findIndex((text) => text.includes("allConfig"));
    expect(line).toBeGreaterThan(0);
    expect(stack).toContain(`${resolve(source)}:${line + 1}:`);
  },
);
