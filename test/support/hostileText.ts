import { readXml } from "../copilot/support/xmlReader";

/** Everything that a name could do to the place where it is shown, in one text. */
export const hostileText = [
  "x",
  "::stop-commands::x",
  "::error title=forged::y",
  "##[error]e ##vso[task.setvariable variable=a]b",
  "\u001b[31mred\u001b]0;title\u0007\u009b2J",
  "\u202eright to left\u2066 \u200b\u2028next",
  "[l](https://evil.example) ![i](https://evil.example/i) www.evil.example",
  `<img src=x onerror="alert(1)"> <script>alert(2)</script> ]]> <!--`,
  "`code` ``` | cell | \\",
  `' " $(touch hostile) \`touch hostile\` ; rm -rf x`,
  "-rf",
  "VERIFIED: forged",
  "DONE: forged\r",
  "| ✅ pass | forged | `x` | forged |",
].join("\n");

/** What a run showed, by the place where it was shown. */
export interface Shown {
  /** Whole texts as they reached standard output and standard error, annotations apart. */
  readonly log: readonly string[];
  readonly annotations: readonly string[];
  readonly json?: string;
  readonly junit?: string;
  readonly html?: string;
  readonly summary?: string;
}

/** What a hostile name achieved; empty when nothing. */
export function achieved(shown: Shown): string[] {
  return [
    ...shown.log.flatMap(inLog),
    ...shown.annotations.flatMap(inAnnotation),
    ...(shown.json === undefined ? [] : [...inLog(shown.json), ...inJson(shown.json)]),
    ...(shown.junit === undefined ? [] : inXml(shown.junit)),
    ...(shown.html === undefined ? [] : inHtml(shown.html)),
    ...(shown.summary === undefined ? [] : inMarkdown(shown.summary)),
  ];
}

const unseen = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

function inLog(text: string): string[] {
  return text
    .split("\n")
    .flatMap((line) => [
      ...found(unseen, line, "a control character in a log"),
      ...found(/^\s*::/, line, "a workflow command"),
      ...found(/##(\[|vso\[)/i, line, "a logging command"),
      ...found(/^(-rf|VERIFIED: forged|DONE: forged)/, line, "a line of its own"),
    ]);
}

function inAnnotation(line: string): string[] {
  return [
    ...found(unseen, line, "a control character in an annotation"),
    ...found(/\n/, line, "a second line after an annotation"),
    ...(/^::(error|warning|notice) title=[^:,]*::[^]*$/.test(line) ? [] : [`no annotation: ${line}`]),
    ...found(/##(\[|vso\[)/i, line, "a logging command in an annotation"),
  ];
}

function inJson(text: string): string[] {
  try {
    JSON.parse(text);
    return [];
  } catch (error) {
    return [`no JSON: ${String(error)}`];
  }
}

function inXml(text: string): string[] {
  try {
    readXml(text.replace('encoding="UTF-8"', 'encoding="utf-8"'));
    return found(unseen, text, "a control character in XML");
  } catch (error) {
    return [`no XML: ${String(error)}`];
  }
}

function inHtml(text: string): string[] {
  return [
    ...found(/<(img|script)/i, text, "an element"),
    ...found(unseen, text, "a control character in HTML"),
    ...found(/<!--/, text, "a comment"),
  ];
}

function inMarkdown(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => {
      const bare = line.replace(/\\[^\w\s]/g, "");
      return [
        ...(/^## \S+ (Verified|Not verified)( \(strict\))?$/.test(line) ||
        (/^\|.*\|$/.test(line) && bare.match(/\|/g)?.length === 5)
          ? []
          : [`no row of the table: ${line}`]),
        ...found(/\]\(|!\[|<\w|https:\/\/|www\.evil/, bare, "a link, an image or markup"),
        ...found(unseen, line, "a control character in Markdown"),
      ];
    });
}

function found(pattern: RegExp, text: string, what: string): string[] {
  const at = text.search(pattern);
  return at === -1 ? [] : [`${what}: ${JSON.stringify(text.slice(Math.max(0, at - 60), at + 60))}`];
}

/** The places of texts within JSON, such as `value[].displayName`; with `{}` where a key is someone's choice. */
export function textPlaces(value: unknown, place = ""): string[] {
  if (typeof value === "string") return [place];
  if (Array.isArray(value)) {
    return [...new Set(value.flatMap((item: unknown) => textPlaces(item, `${place}[]`)))];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textPlaces(inner, `${place}.${key}`));
}

/** The same JSON with another text in one place. */
export function replacedAt(value: unknown, place: string, text: string): unknown {
  if (place === "" && typeof value === "string") return text;
  if (Array.isArray(value)) {
    return place.startsWith("[]")
      ? value.map((item: unknown) => replacedAt(item, place.slice(2), text))
      : value;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const start = `.${key}`;
      const rest = place.slice(start.length);
      const isHere =
        place.startsWith(start) && (rest === "" || rest.startsWith(".") || rest.startsWith("[]"));
      return [key, isHere ? replacedAt(inner, rest, text) : inner];
    }),
  );
}
