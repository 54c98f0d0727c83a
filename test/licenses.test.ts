import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** Licenses that let a package be used and installed by anyone; none asks for the source of what uses it. */
const allowed = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC-BY-3.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MPL-2.0",
  "Python-2.0",
  "(BSD-3-Clause AND Apache-2.0)",
]);

/** Read by a person: the text is the MIT license. */
const readByHand = ["node_modules/@logdna/tail-file: SEE LICENSE IN LICENSE"];

it("every installed package has a license of the list", () => {
  const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
    packages: Record<string, { license?: string; link?: boolean }>;
  };
  // "" is this project, a link its workspace.
  const others = Object.entries(lock.packages)
    .filter(
      ([path, { license, link }]) =>
        path.startsWith("node_modules/") && link !== true && !allowed.has(license ?? ""),
    )
    .map(([path, { license }]) => `${path}: ${license ?? "none"}`);
  expect(others).toEqual(readByHand);
});
