/**
 * The one way in which text reaches a reader. Names of apps, secrets and people, tags, settings, outputs and answers can
 * contain anything: each function here makes such text harmless for one place where it is shown, and changes
 * nothing of text that is harmless already.
 */

/** Control and format characters (bidirectional ones among them), line separators and halves of characters. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const escapeCharacter = "\u001b";
const colour = new RegExp(`(${escapeCharacter}\\[\\d{1,2}m)`);

/** A longer line does not help a reader, and a service's answer may be megabytes. */
const maximumCharacters = 4_000;

/**
 * Foreign text within a line of a terminal, a log or a report: what cannot be seen becomes `\uFFFD`, so it neither ends
 * the line, nor moves the cursor, nor turns the reading direction, nor starts a command of a CI system.
 */
export function oneLine(text: string): string {
  return withoutCommands(seen(shortened(text)));
}

/**
 * Whole text on its way to standard output, standard error or a log. It keeps its line breaks, so foreign text within it
 * must have passed {@link oneLine}.
 *
 * @param withColours Whether the terminal's colours, and no other escape, may pass. Default false.
 */
export function logText(text: string, withColours = false): string {
  return text
    .split("\n")
    .map((line) =>
      withoutCommands(
        withColours
          ? line
              .split(colour)
              .map((part, index) => (index % 2 === 1 ? part : seen(part)))
              .join("")
          : seen(line),
      ),
    )
    .join("\n");
}

/** What GitHub Actions puts on a run's page. */
export interface Annotation {
  readonly level: "error" | "warning" | "notice";
  readonly title: string;
  readonly text: string;
}

/**
 * The workflow command of an annotation; the only text that may start with `::`.
 *
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands (read 2026-11)
 */
export function workflowCommand({ level, title, text }: Annotation): string {
  const data = (value: string): string => value.replaceAll("%", "%25").replaceAll("\n", "%0A");
  const property = data(oneLine(title)).replaceAll(":", "%3A").replaceAll(",", "%2C");
  return `::${level} title=${property}::${data(text.split("\n").map(oneLine).join("\n"))}`;
}

/** Text within a paragraph or a table's cell of GitHub's Markdown: shown as it is, never a link, an image or markup. */
export function markdown(text: string): string {
  return oneLine(text.replace(/\s+/g, " ").trim())
    .replace(/[\\`*_[\]<>#~&$]|^[-+=]|(?<=^\d+)[.)]|:(?=\/\/)|(?<=www)\./gi, "\\$&")
    .replaceAll("|", "&#124;");
}

/** Text as a code span of Markdown, whatever backticks it holds. In a table's cell, the table escapes `|`. */
export function markdownCode(text: string): string {
  const line = oneLine(text);
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return longest === 0 && line.trim() !== "" ? `\`${line}\`` : `${fence} ${line} ${fence}`;
}

/** Text within an element or a quoted attribute of HTML. */
export function htmlText(text: string): string {
  return entities(oneLine(text)).replaceAll("'", "&#39;");
}

/**
 * Text within an element or an attribute (in double quotes) of XML, exactly as it is, line breaks included: files of a solution hold data.
 * What XML 1.0 cannot hold is dropped. A report for readers passes {@link oneLine} first.
 */
export function xmlText(text: string): string {
  return entities(text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, ""))
    .replaceAll("\r", "&#xD;")
    .replaceAll("\n", "&#xA;")
    .replaceAll("\t", "&#x9;");
}

/** A value as JSON, indented. Its strings hold no character that a terminal or a CI system would act on. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, undefined, 2)
    .replace(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
      Array.from({ length: character.length }, (_, index) => unicodeEscape(character.charCodeAt(index))).join(
        "",
      ),
    )
    .replace(/##(?=\[|vso\[)/gi, "#\\u0023");
}

/** One word of a command to paste into a POSIX shell, always in quotes. */
export function quoted(text: string): string {
  if (text.search(unseen) === -1) return `'${text.replaceAll("'", `'\\''`)}'`;
  // A terminal acts on a control character that is pasted, within quotes too.
  const bytes = (character: string): string =>
    [...new TextEncoder().encode(character)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  return `$'${text.replace(/['\\]/g, "\\$&").replace(unseen, bytes)}'`;
}

/** One word of a command to paste into a POSIX shell, in quotes where it needs them. */
export function shellWord(text: string): string {
  return /^[\w./:@][\w./:@-]*$/.test(text) ? text : quoted(text);
}

/** A flag with its value, such as `--app Mail`; a value that begins with a dash stays the flag's own. */
export function shellFlag(name: string, value: string): string {
  return value.startsWith("-") ? `--${name}=${quoted(value)}` : `--${name} ${shellWord(value)}`;
}

function shortened(text: string): string {
  if (text.length <= maximumCharacters) return text;
  return `${text.slice(0, maximumCharacters)}… (${text.length} characters in all)`;
}

function seen(text: string): string {
  return text.replace(unseen, "\uFFFD");
}

/**
 * Neither GitHub Actions (`::` at a line's start, `##[` anywhere in it) nor Azure Pipelines (`##vso[` and `##[`) finds a
 * command in it.
 *
 * @see https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs (read 2026-11)
 * @see https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands (read 2026-11)
 */
function withoutCommands(line: string): string {
  return line.replace(/##(?=\[|vso\[)/gi, "# #").replace(/^(\s*):(?=:)/, "$1: ");
}

function entities(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function unicodeEscape(code: number): string {
  return `\\u${code.toString(16).padStart(4, "0")}`;
}
