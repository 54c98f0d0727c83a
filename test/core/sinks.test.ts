import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  htmlText,
  jsonText,
  logText,
  markdown,
  markdownCode,
  oneLine,
  quoted,
  shellFlag,
  workflowCommand,
  xmlText,
} from "../../core/sinks";

const escape = "\u001b[31m";

describe("oneLine", () => {
  it("leaves ordinary text, of any language, as it is", () => {
    const text = `App "Größe" 表 😀: User.Read.All (50 %), C:\\x, a::b, #1`;
    expect(oneLine(text)).toBe(text);
  });

  it("shows what would end the line, move the cursor or turn the text as a sign of its own", () => {
    expect(oneLine(`a\nb\r${escape}c\u202ed\u2028e\u009bf\ud800`)).toBe("a�b��[31mc�d�e�f�");
  });

  it("starts no command of a CI system", () => {
    expect(oneLine("::stop-commands::x")).toBe(": :stop-commands::x");
    expect(oneLine("a ##[error]b ##VSO[task.complete]c ###[d")).toBe(
      "a # #[error]b # #VSO[task.complete]c ## #[d",
    );
  });

  it("shortens very long text and says how long it was", () => {
    const line = oneLine("x".repeat(20_000_000));
    expect(line).toHaveLength(4_000 + "… (20000000 characters in all)".length);
  });
});

describe("logText", () => {
  it("keeps line breaks and, where asked, colours, and no other escape", () => {
    expect(logText(`${escape}a\u001b[2Jb\u001b[0m\n  ::debug::`, true)).toBe(
      `${escape}a�[2Jb\u001b[0m\n  : :debug::`,
    );
    expect(logText(`${escape}a\n\tb`)).toBe("�[31ma\n�b");
  });
});

describe("workflowCommand", () => {
  it("is one command on one line", () => {
    const command = workflowCommand({ level: "error", title: "a,b: c\n::x", text: "50%\n::add-mask::x" });
    expect(command).toBe("::error title=a%2Cb%3A c�%3A%3Ax::50%25%0A: :add-mask::x");
  });
});

describe("markdown", () => {
  it("is no link, image, markup, cell or break", () => {
    expect(markdown("[a](https://b) ![c](d) <img> `x` | **y**\n# z www.e.f")).toBe(
      "\\[a\\](https\\://b) !\\[c\\](d) \\<img\\> \\`x\\` &#124; \\*\\*y\\*\\* \\# z www\\.e.f",
    );
    expect(markdown("1. x")).toBe("1\\. x");
    expect(markdownCode("a`b``c")).toBe("``` a`b``c ```");
    expect(markdownCode("a b")).toBe("`a b`");
  });
});

describe("htmlText and xmlText", () => {
  it("hold text and no markup", () => {
    expect(htmlText(`<a href='x' title="y">&`)).toBe("&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;");
    expect(xmlText("a\u0000b\ud800\ufffe<\n\t]]>")).toBe("ab&lt;&#xA;&#x9;]]&gt;");
  });
});

describe("jsonText", () => {
  it("is the same value, and nothing that a terminal or a CI system would act on", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(jsonText(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 200 },
    );
    const hostile = `##[error]##vso[task]${escape}\u202e\u009b`;
    const text = jsonText({ [hostile]: hostile });
    expect(JSON.parse(text)).toEqual({ [hostile]: hostile });
    expect(logText(text)).toBe(text);
  });
});

describe("a word of a command", () => {
  it("reaches the program that a shell starts exactly as it was, and shows no control character", () => {
    const anyText = fc
      .string({ unit: "grapheme", maxLength: 20 })
      .map((text) => text.replaceAll("\u0000", ""))
      .filter((text) => !/\p{Cs}/u.test(text));
    const nasty = fc.constantFrom(
      "$(id)",
      "`id`",
      "'",
      '"',
      "\\",
      "\n",
      "\u001b[2J",
      "-x",
      "!",
      "\u202e",
      "a b",
      "~",
      "*",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(anyText, nasty), { maxLength: 4 }), (parts) => {
        const text = parts.join("");
        expect(logText(quoted(text))).toBe(quoted(text));
        const script = `printf '%s\\0' ${quoted(text)} ${shellFlag("app", text)}`;
        const words = execFileSync("bash", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
        expect(words[0]).toBe(text);
        expect(words.slice(1)).toEqual(text.startsWith("-") ? [`--app=${text}`] : ["--app", text]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("the sources", () => {
  const sources = ["core", "azure", "infra", "scripts", "copilot"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => `${folder}/${file}`),
  );
  const holding = (pattern: RegExp): string[] =>
    sources.filter((file) => pattern.test(readFileSync(file, "utf8"))).sort();

  it("write to the terminal in few places, each of which passes this module", () => {
    expect(holding(/process\.std(out|err)\.write|console\.\w+\(/)).toEqual([
      "scripts/shared/command.ts",
      "scripts/shared/processWorld.ts",
    ]);
  });

  it("encode for HTML, XML, shells and CI systems only in this module", () => {
    expect(holding(/&(amp|lt|quot);|::(error|warning|notice)\b|'\\\\''/)).toEqual(["core/sinks.ts"]);
  });
});
