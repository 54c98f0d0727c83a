import {
  execFileSync,
  spawn,
  spawnSync,
  type ExecFileSyncOptionsWithStringEncoding,
} from "node:child_process";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { GetSchemaRequest, type GetSchemaResponse } from "@pulumi/pulumi/proto/provider_pb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deploy, type DeployResult } from "../../emulator/pulumi/inline";
import { readStackOutputs } from "../../core/outputs/stackOutputs";
import { openStackState } from "../../emulator/pulumi/stackState";
import { startTenant, type EmulatedTenant } from "../../emulator/startTenant";
import * as components from "../../infra/components";
import { builtPackage } from "../support/builtPackage";
import { bundledEntry, engineProcesses, testStack } from "../support/inlineEngine";
import { expectPackage, figures } from "../support/figures";
import { servePlugin } from "../support/servedPlugin";

interface CommandReport {
  readonly ok?: boolean;
  readonly verified?: boolean;
}

interface Packed {
  readonly filename: string;
  readonly entryCount: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

const root = resolve(".");
const tools = join(root, "node_modules", ".bin");
const quiet: ExecFileSyncOptionsWithStringEncoding = { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] };
let folder: string;
let program: string;
let ownApp: string;
let packed: Packed;
let emulated: EmulatedTenant;

/** Builds and packs as `npm pack` does, in a folder of its own: tests neither need nor touch `dist/` and `lib/`. */
function pack(place: string): Packed {
  const sources = [
    "docs",
    "infra/load.cjs",
    "infra/quietSdk.cjs",
    "infra/providers/load.cjs",
    "plugin",
    "schema.json",
  ];
  for (const file of ["package.json", "README.md", "LICENSE", ...sources]) {
    cpSync(join(root, file), join(place, file), { recursive: true });
  }
  for (const folder of ["dist", "lib"]) {
    cpSync(join(builtPackage(), folder), join(place, folder), { recursive: true });
  }
  const [entry] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--ignore-scripts"], { ...quiet, cwd: place }),
  ) as Packed[];
  if (entry === undefined) throw new Error("npm packed nothing");
  return entry;
}

/** A project of its own with the package installed. Its dependencies are links to those of this project. */
function install(archive: string, place: string, source: string): void {
  const modules = join(place, "node_modules");
  mkdirSync(join(modules, "copilot-token"), { recursive: true });
  execFileSync("tar", ["-xzf", archive, "-C", join(modules, "copilot-token"), "--strip-components=1"]);
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (name.startsWith(".") || name === "copilot-token") continue;
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
  writeFileSync(join(place, "package.json"), JSON.stringify({ name: "own-program", private: true }));
  copyFileSync(join(root, source), join(place, "index.ts"));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "package-"));
  const staging = join(folder, "staging");
  program = join(folder, "own-program");
  ownApp = join(folder, "own-app");
  mkdirSync(staging);
  packed = pack(staging);
  install(join(staging, packed.filename), program, "test/package/everyComponent.ts");
  install(join(staging, packed.filename), ownApp, "test/package/ownProgram.ts");
  emulated = await startTenant({ projectDir: folder, env: { PATH: process.env["PATH"] } });
}, 480_000);

afterAll(async () => {
  await emulated.close();
  rmSync(folder, { recursive: true });
});

async function run(options: { readonly destroy?: boolean } = {}): Promise<DeployResult & { said: string }> {
  const said: string[] = [];
  const result = await deploy({
    projectDir: program,
    program: "index.ts",
    state,
    config: { "azure-native:location": "westeurope" },
    environment: emulated.environmentOf(emulated.tenant.identities.deployer),
    processes: engineProcesses(),
    onEvent: (event) => {
      if (event.kind === "failure") said.push(event.failure.message);
      if (event.kind === "output") said.push(event.text);
    },
    ...options,
  });
  return { ...result, said: said.join("\n") };
}

const state = testStack();

describe("the npm package", () => {
  it("has the components, their types and the commands, and nothing of tests, benches and stacks", () => {
    const places = new Set(packed.files.map(({ path }) => path.split("/")[0]));
    expect([...places].sort()).toEqual([
      "LICENSE",
      "README.md",
      "dist",
      "docs",
      "infra",
      "lib",
      "package.json",
      "plugin",
      "schema.json",
    ]);
    expect(packed.files.filter(({ path }) => /\.ts$/.test(path) && !path.endsWith(".d.ts"))).toEqual([]);
  });

  it("can be published: nothing in its manifest keeps npm from it, or leads out of the package", () => {
    const place = join(program, "node_modules/copilot-token");
    const manifest = JSON.parse(readFileSync(join(place, "package.json"), "utf8")) as {
      readonly main: string;
      readonly types: string;
      readonly bin: Record<string, string>;
      readonly dependencies: Record<string, string>;
    };
    expect(manifest).not.toHaveProperty("private");
    expect(
      Object.values(manifest.dependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version)),
    ).toEqual([]);
    const named = [manifest.main, manifest.types, ...Object.values(manifest.bin), "docs/errors.md"];
    expect(packed.files.map(({ path }) => path)).toEqual(expect.arrayContaining(named));
  });

  it("is as small as README.md and docs/figures.md say", () => {
    expectPackage({ files: packed.entryCount, kilobytes: packed.unpackedSize / 1000 });
    const { files, kilobytes } = figures.package;
    const readme = readFileSync(join(root, "README.md"), "utf8");
    expect(readme).toContain(`The npm package has at most ${files} files and ${kilobytes} kB.`);
  });

  it("gives programs the components alone: nothing of the emulator or the commands", () => {
    const library = readFileSync(join(program, "node_modules/copilot-token/lib/components.js"), "utf8");
    const sources = [...library.matchAll(/^\/\/ (\w+)\//gm)].map(([, place]) => place);
    expect(
      [...new Set(sources)].filter((place) => !["azure", "core", "infra"].includes(place ?? "")),
    ).toEqual([]);
    expect(sources).toContain("infra");
    const exported = execFileSync(
      process.execPath,
      ["-e", 'process.stdout.write(Object.keys(require("copilot-token")).sort().join())'],
      { ...quiet, cwd: program },
    );
    expect(exported).toBe(Object.keys(components).sort().join());
  });

  it("is a plugin as well, for programs in other languages", async () => {
    const plugin = await servePlugin({}, join(program, "node_modules/copilot-token/plugin"));
    const response = await plugin.call<GetSchemaResponse>((client, done) =>
      client.getSchema(new GetSchemaRequest(), done),
    );
    await plugin.close();
    expect(response.getSchema()).toBe(readFileSync("schema.json", "utf8"));
  });

  it("has types by which a program's mistakes are found", () => {
    const source = (email: string): string =>
      `import { ExpiryAlerts } from "copilot-token";\n` +
      `new ExpiryAlerts("a", { email: ${email}, resourceGroupName: "g", location: "l", vaultResourceId: "v"  });\n`;
    writeFileSync(join(program, "right.ts"), source('"ops@example.com"'));
    writeFileSync(join(program, "wrong.ts"), source("1"));
    const options = [
      "--noEmit",
      "--strict",
      "--skipLibCheck",
      "--module",
      "nodenext",
      "right.ts",
      "wrong.ts",
    ];
    const { stdout } = spawnSync(join(tools, "tsc"), options, { cwd: program, encoding: "utf8" });
    expect(stdout.trim().split("\n")).toEqual([expect.stringMatching(/^wrong\.ts\(2,\d+\): error TS2322/)]);
  });

  it("runs in a program of another project, which changes nothing when it runs again, and destroys it", async () => {
    const first = await run();
    expect(first.said).toBe("");
    expect(first.outputs).toMatchObject({ granted: ["User.Read.All"] });
    const again = await run();
    expect(again).toMatchObject({ ok: true, changes: { create: 0, update: 0, delete: 0 } });
    expect((await run({ destroy: true })).ok).toBe(true);
    expect(state.checkpoint().resources).toEqual([]);
  });

  it("runs the program that pulumi new writes from template/", async () => {
    const place = join(folder, "template");
    install(join(folder, "staging", packed.filename), place, "template/index.ts");
    const { deployer, verifier } = emulated.tenant.identities;
    const { failures, outputs } = await deploy({
      projectDir: place,
      program: "index.ts",
      state: testStack(),
      config: {
        "azure-native:location": "westeurope",
        "copilot-token:permission": "User.Read.All",
        "copilot-token:readerObjectId": verifier.objectId,
      },
      environment: emulated.environmentOf(deployer),
      entry: bundledEntry("inlineUp"),
    });
    expect(failures).toEqual([]);
    const { clientId } = outputs;
    expect(readStackOutputs(outputs).apps["CopilotAPIAuth"]).toMatchObject({
      clientId,
      permissions: ["User.Read.All"],
    });
  });

  it("has the commands under one name, which work on the stack of such a program", async () => {
    const { identities } = emulated.tenant;
    const passphrase = "correct horse";
    const settings = {
      "azure-native:location": "westeurope",
      "own:readers": JSON.stringify([identities.deployer.objectId]),
    };
    writeFileSync(join(ownApp, "Pulumi.yaml"), JSON.stringify({ name: "own", runtime: "nodejs" }));
    writeFileSync(join(ownApp, "Pulumi.prod.yaml"), JSON.stringify({ config: settings }));
    const file = join(ownApp, ".copilot-token/prod.checkpoint.json");
    const environment = {
      ...emulated.environmentOf(identities.deployer),
      PULUMI_CONFIG_PASSPHRASE: passphrase,
    };
    const deployed = await deploy({
      projectDir: ownApp,
      program: "index.ts",
      state: openStackState({ project: "own", stack: "prod", passphrase, file }),
      config: settings,
      environment,
      entry: bundledEntry("inlineUp"),
    });
    expect(deployed.failures).toEqual([]);

    const entry = join(ownApp, "node_modules/copilot-token");
    const { bin } = JSON.parse(readFileSync(join(entry, "package.json"), "utf8")) as {
      bin: Record<string, string>;
    };
    const command = async (
      ...commandArguments: string[]
    ): Promise<{ report: CommandReport; said: string }> => {
      const child = spawn(
        process.execPath,
        [join(entry, bin["copilot-token"] ?? ""), ...commandArguments, "--json"],
        {
          cwd: ownApp,
          env: environment,
          stdio: ["ignore", "pipe", "pipe"],
        },
      );
      const [report, said] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return { report: JSON.parse(report === "" ? "{}" : report) as CommandReport, said };
    };
    const rotated = await command("rotate", "--stack", "prod", "--engine", "inline", "--now");
    expect([rotated.said, rotated.report.ok]).toEqual(["", true]);
    const verified = await command("verify", "--outputs", ".copilot-token/outputs.json");
    expect(verified.report.verified).toBe(true);
    const destroyed = await command("destroy", "--stack", "prod", "--engine", "inline", "--yes");
    expect([destroyed.said, destroyed.report.ok]).toEqual(["", true]);
  });
});
