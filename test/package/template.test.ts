import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { describeWithPulumi } from "../support/pulumiStack";

const runFile = promisify(execFile);
const readerObjectId = "11111111-2222-4333-8444-555555555555";

describeWithPulumi("pulumi new with template/", ({ command }) => {
  it("makes a project of one program, with the answers as its settings", async () => {
    const folder = mkdtempSync(join(tmpdir(), "template-"));
    try {
      const [project, backend, tools] = ["project", "backend", "tools"].map((name) => join(folder, name));
      for (const path of [project, backend, tools]) mkdirSync(path ?? "");
      // Stands for npm, which would use the network.
      const npm = join(tools ?? "", "npm");
      writeFileSync(npm, "#!/bin/sh\nmkdir -p node_modules\n");
      chmodSync(npm, 0o755);
      const answers = ["-c", "permission=Mail.Send", "-c", `readerObjectId=${readerObjectId}`];
      await runFile(
        command,
        ["new", resolve("template"), "--yes", "--force", "--name", "agents", "--stack", "dev", ...answers],
        {
          cwd: project,
          env: {
            PATH: `${tools ?? ""}:${process.env["PATH"] ?? ""}`,
            HOME: folder,
            PULUMI_BACKEND_URL: pathToFileURL(backend ?? "").href,
            PULUMI_CONFIG_PASSPHRASE: "correct horse",
            PULUMI_SKIP_UPDATE_CHECK: "true",
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
          },
        },
      );
      const read = (name: string): string => readFileSync(join(project ?? "", name), "utf8");
      expect(read("index.ts")).toBe(readFileSync("template/index.ts", "utf8"));
      expect(JSON.parse(read("package.json"))).toMatchObject({ name: "agents" });
      expect((parse(read("Pulumi.dev.yaml")) as { config: unknown }).config).toEqual({
        "agents:permission": "Mail.Send",
        "agents:readerObjectId": readerObjectId,
        "azure-native:location": "westeurope",
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
