import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Command } from "../../scripts/shared/command";
import { checkIds } from "../../scripts/verify/report";
import { settingNames } from "./settingsPage";

const packageScripts = Object.keys(
  (JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> }).scripts,
);
const documents = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync("docs").flatMap((name) => (name.endsWith(".md") ? [join("docs", name)] : [])),
];

/** Flags of each command by its name; `--help` is everyone's. */
async function commandFlags(): Promise<ReadonlyMap<string, readonly string[]>> {
  const modules = await Promise.all(
    readdirSync("scripts", { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith("/command.ts"))
      .map((file) => import(join("../../scripts", file)) as Promise<Record<string, unknown>>),
  );
  const commands = modules.flatMap((module) => Object.values(module).filter(isCommand));
  return new Map(commands.map(({ name, flags }) => [name, ["help", ...Object.keys(flags)]]));
}

function isCommand(value: unknown): value is Command {
  return typeof value === "object" && value !== null && "flags" in value && "run" in value;
}

/** Each `npm run NAME -- flags` of a document; a line, a code span or a comment ends it. */
function calls(text: string): { name: string; flags: string[] }[] {
  return [...text.matchAll(/npm run (?:--silent )?([\w:-]+)((?: -- )[^`\n#|;&<]*)?/g)].map(
    ([, name = "", rest = ""]) => ({
      name,
      flags: [...rest.matchAll(/--([a-z][\w-]*)/g)].map(([, flag = ""]) => flag),
    }),
  );
}

/** What is linked to within the repository. */
function relativeLinks(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) =>
    /^[a-z]+:/.test(target) ? [] : [target],
  );
}

/** Whether the file is there and, for a Markdown file, the heading. */
function leadsSomewhere(link: string, document: string): boolean {
  const [path = "", heading] = link.split("#");
  const file = path === "" ? document : join(dirname(document), path);
  if (!existsSync(file)) return false;
  return heading === undefined || anchors(readFileSync(file, "utf8")).includes(heading);
}

/** As GitHub names headings. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** Settings that a document names: in a command that sets one, or alone in a code span, such as `vault.readers`. */
function settings(text: string): string[] {
  const names = [
    ...[...text.matchAll(/copilot-token(?:-bootstrap)?:([\w.<>*[\]-]+)'/g)].map(([, name = ""]) => name),
    ...[...text.matchAll(/`([A-Za-z]+(?:\.[\w*<>-]+)*)`/g)].flatMap(([, name = ""]) =>
      outermost.has(name.split(".")[0] ?? "") && name.includes(".") ? [name] : [],
    ),
  ];
  // What an element of a list holds is no setting of its own.
  return names.map((name) => name.replace(/\[.*/, ""));
}

const known = settingNames();
const outermost = new Set(known.map((name) => name.split(".")[0] ?? ""));

/** Whether a name is a setting, or part of one; any word can be the key of a map. */
function isSetting(name: string): boolean {
  const parts = name.split(".");
  return known.some((one) =>
    one
      .split(".")
      .slice(0, parts.length)
      .every(
        (part, index, all) =>
          all.length === parts.length && (part === parts[index] || part === "*" || parts[index] === "*"),
      ),
  );
}

describe("docs/verify.md", () => {
  it("explains every check that verify has, and no other", () => {
    const text = readFileSync("docs/verify.md", "utf8");
    const [, section = ""] = /\n## Checks\n([^]*?)\n## /.exec(text) ?? [];
    const explained = [...section.matchAll(/^- ((?:`[\w-]+`(?:, )?)+):/gm)].flatMap(([, names = ""]) =>
      [...names.matchAll(/`([\w-]+)`/g)].map(([, name]) => name),
    );
    expect(explained.sort()).toEqual([...checkIds].sort());
  });
});

describe("docs/threat-model.md", () => {
  const text = readFileSync("docs/threat-model.md", "utf8");
  const [, section = ""] = /\n## What is checked, and which test shows it\n([^]*?)\n## /.exec(text) ?? [];
  const checks = section.split(/\n(?=- )/).filter((one) => one.startsWith("- ") || one.startsWith("\n- "));

  it("names for each check a test that there is", () => {
    expect(checks.length).toBeGreaterThan(15);
    const without = checks.filter((check) => {
      const named = [...check.matchAll(/\]\(\.\.\/(test\/[\w/]+\.test\.ts)\)/g)].map(([, file = ""]) => file);
      return named.length === 0 || !named.every((file) => existsSync(file));
    });
    expect(without).toEqual([]);
  });

  it("says how often the properties are run", () => {
    const runs = ["commands", "settings"].flatMap((file) =>
      [
        ...readFileSync(`test/properties/${file}.test.ts`, "utf8").matchAll(/numRuns: (\d+)|\}, (\d+)\);/g),
      ].map(([, one, other]) => Number(one ?? other)),
    );
    const total = runs.reduce((sum, one) => sum + one, 0).toLocaleString("en-US");
    expect(text).toContain(`damaged at random in ${total} runs`);
  });
});

// A changelog names what there was.
describe.each([...documents, "CHANGELOG.md"])("%s", (document) => {
  it("links only to files and headings that there are", () => {
    const links = relativeLinks(readFileSync(document, "utf8"));
    expect(links.filter((link) => !leadsSomewhere(link, document))).toEqual([]);
  });
});

describe.each(documents)("%s", (document) => {
  const text = readFileSync(document, "utf8");

  it("names only commands and flags that there are", async () => {
    const known = await commandFlags();
    const unknown = calls(text).flatMap(({ name, flags }) =>
      packageScripts.includes(name)
        ? flags
            .filter((flag) => known.has(name) && known.get(name)?.includes(flag) !== true)
            .map((flag) => `npm run ${name} -- --${flag}`)
        : [`npm run ${name}`],
    );
    expect(unknown).toEqual([]);
    // Loads every command there is.
  });

  it("names only settings that there are", () => {
    // The reference of the components, which is generated, names their inputs.
    const written = document === "docs/components.md" ? (text.split("\n## Reference\n")[0] ?? "") : text;
    expect(settings(written).filter((name) => !isSetting(name))).toEqual([]);
  });
});
