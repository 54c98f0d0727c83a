import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readSettings } from "../../infra/plan/settings";

const sourcesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => ({ path: join(folder, path), text: readFileSync(join(folder, path), "utf8") }));

const core = sourcesIn("core");
const files = [...core, ...sourcesIn("infra")];

const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g)].map(([, name = ""]) => name);

const readYaml = (file: string): unknown => parse(readFileSync(resolve(file), "utf8"));

describe("the program", () => {
  it("knows nothing of an emulator: the environment says where Azure is, never the code", () => {
    const naming = files.filter(({ text }) => /emulat|rehears(al|ed)Azure/i.test(text));
    // The page of error codes explains the emulator's codes too.
    expect(naming.map(({ path }) => path).filter((path) => path !== "core/errorCodes.ts")).toEqual([]);
  });

  it("decides in its core, without Pulumi, network, clock or environment", () => {
    const reaches = core.flatMap(({ path, text }) => [
      ...importsOf(text)
        .filter(
          (name) =>
            !join(dirname(path), name).startsWith("core/") &&
            !["zod", "node:net", "node:crypto"].includes(name),
        )
        .map((name) => `${path} imports ${name}`),
      ...[
        /\bprocess\.(env|argv|exit)\b/,
        /\bnew Date\(\)/,
        /\bDate\.now\b/,
        /\bfetch\(/,
        /\bsetTimeout\(/,
        // Of node:crypto, hashing alone.
        /\brandom[A-Z]\w*\(/,
      ].flatMap((used) => (used.test(text) ? [`${path} uses ${used.source}`] : [])),
    ]);
    expect(core.length).toBeGreaterThan(10);
    expect(reaches).toEqual([]);
  });

  it("imports as Pulumi's loader can follow: relative, without an extension", () => {
    const unfit = files.flatMap(({ path, text }) =>
      importsOf(text).flatMap((name) =>
        /^\.{1,2}\/.*\.(ts|js|mjs)$/.test(name) ? [`${path}: ${name}`] : [],
      ),
    );
    expect(unfit).toEqual([]);
  });

  it("reads the clock in one place", () => {
    const readers = files
      .filter(({ text }) => /\bnew Date\(\)|\bDate\.now\b/.test(text))
      .map(({ path }) => path);
    expect(readers).toContain("infra/clock.ts");
    // The provider of client secrets has a process of its own; the others measure or stamp the moment, and decide nothing by it.
    expect(
      readers.filter(
        (path) => !["clock.ts", "process.ts", "directory.ts", "adminConsent.ts"].includes(basename(path)),
      ),
    ).toEqual([]);
  });
});

describe("Pulumi.yaml", () => {
  it("declares no settings: the CLI would judge them in other words, and under the project's name alone", () => {
    expect(Object.keys(readYaml("Pulumi.yaml") as object)).not.toContain("config");
  });
});

describe("Pulumi.dev.yaml", () => {
  const text = readFileSync(resolve("Pulumi.dev.yaml"), "utf8");

  it("is a stack that works", () => {
    const { config } = parse(text) as { config: Record<string, unknown> };
    // The engine hands every value over as a text.
    const texts = Object.entries(config).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    pulumi.runtime.setAllConfig(Object.fromEntries(texts) as Record<string, string>);
    expect(readSettings().faults).toEqual([]);
  });

  it("holds no secret", () => {
    expect(text).not.toMatch(/\bsecure:|password|secretText/i);
  });
});
