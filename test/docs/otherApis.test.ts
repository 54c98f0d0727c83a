import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { graphApiName, knownApis } from "../../core/permissions/knownApis";

it("docs/other-apis.md lists every well-known API and how an app gets access to it", () => {
  const rows = readFileSync("docs/other-apis.md", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) =>
      line
        .split("|")
        .slice(1, 4)
        .map((cell) => cell.trim()),
    );
  expect(rows).toEqual(
    knownApis
      .filter(({ name }) => name !== graphApiName)
      .map(({ name, title, note, instead }) => [`\`${name}\``, title, instead ?? note ?? ""]),
  );
});
