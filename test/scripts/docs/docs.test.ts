import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readBlock, replaceBlock } from "../../../scripts/docs/generatedBlock";
import { markdownTable } from "../../../scripts/docs/markdownTable";
import { rightsTable } from "../../../scripts/docs/rightsTable";

describe("README.md", () => {
  it("says of each identity's rights what the bootstrap gives: npm run docs writes it anew", () => {
    expect(readBlock(readFileSync("README.md", "utf8"), "rights")).toBe(rightsTable());
  });
});

describe("replaceBlock", () => {
  const document = "before\n\n<!-- rights: by a command -->\n\nold\n\n<!-- /rights -->\n\nafter\n";

  it("changes what stands between the comments and nothing else", () => {
    expect(replaceBlock(document, "rights", "new\n")).toBe(
      "before\n\n<!-- rights: by a command -->\n\nnew\n\n<!-- /rights -->\n\nafter\n",
    );
    expect(replaceBlock(document, "rights", "old")).toBe(document);
  });

  it.each(["no comments", "<!-- /rights --> <!-- rights: x -->"])("refuses %j", (text) => {
    expect(() => replaceBlock(text, "rights", "new")).toThrow(
      expect.objectContaining({ code: "DOCS_MARKERS_MISSING" }),
    );
  });
});

describe("markdownTable", () => {
  it("lines its columns up, as Prettier does", () => {
    expect(
      markdownTable([
        ["a", "long name"],
        ["**x**", "y"],
      ]),
    ).toBe("| a     | long name |\n| ----- | --------- |\n| **x** | y         |");
  });
});
