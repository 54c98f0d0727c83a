import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { clouds, retiredGraphAudience, storageAudience, type Cloud } from "../../../core/cloud/clouds";

const top = join(__dirname, "../../..");
const table = "core/cloud/clouds.ts";

/** Hosts of Microsoft's that serve documents alone, the same for every cloud. */
const documents = ["learn.microsoft.com", "support.microsoft.com"];

/** Where organizations have their first domain: examples of users are there. */
const organizations = "onmicrosoft.com";

/** What a cloud lacks is told in sentences, with pages of documents. */
function withoutSentences(cloud: Cloud): object {
  return { ...cloud, missing: {} };
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

const hostPattern = /\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|us|cn|mil|io|ms)\b/gi;
const hostsIn = (text: string): string[] =>
  [...text.matchAll(hostPattern)].map(([host]) => host.toLowerCase());

/** The last two labels of every host in the table. */
const domains = new Set(
  [...textsIn(Object.values(clouds).map(withoutSentences)), storageAudience, retiredGraphAudience]
    .flatMap(hostsIn)
    .map((host) => host.split(".").slice(-2).join(".")),
);

function sourceFiles(folder: string): string[] {
  return readdirSync(join(top, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:ts|cjs|json|ya?ml)$/.test(entry.name))
    .map((entry) => relative(top, join(entry.parentPath, entry.name)))
    .filter((path) => path !== table);
}

const foreign = (text: string): string[] =>
  hostsIn(text).filter(
    (host) =>
      !documents.includes(host) &&
      !host.endsWith(`.${organizations}`) &&
      domains.has(host.split(".").slice(-2).join(".")),
  );

describe("hosts of clouds", () => {
  it("are in the table, and nowhere else in the product", () => {
    const files = ["core", "azure", "infra", "copilot", "scripts"].flatMap(sourceFiles);
    expect(files.length).toBeGreaterThan(200);
    const found = files.flatMap((path) =>
      foreign(readFileSync(join(top, path), "utf8")).map((host) => `${path}: ${host}`),
    );
    expect(found).toEqual([]);
  });

  it.each([
    "https://login.microsoftonline.us/x",
    "host: 'kv-one.vault.azure.cn'",
    "make.powerapps.com: choose the environment",
    "dod-graph.microsoft.us",
  ])("are found in %s", (text) => {
    expect(foreign(text)).toHaveLength(1);
  });

  it("are of the cloud's own: no address of another one is in a row but those that two share", () => {
    const shared = [
      // Version 1.0 of Entra's tokens has one issuer for the public cloud and the US Government's.
      "sts.windows.net",
      // GCC is in the public cloud, with environments in Azure Government.
      "token.botframework.azure.us",
      ...textsIn({ ...clouds.usgovernment, missing: {} }).flatMap(hostsIn),
    ];
    const rows = Object.values(clouds).map((row) => textsIn(withoutSentences(row)).flatMap(hostsIn));
    const twice = rows.flatMap((row, index) =>
      row.filter((host) => rows.some((other, at) => at !== index && other.includes(host))),
    );
    expect(twice.filter((host) => !shared.includes(host))).toEqual([]);
  });
});
