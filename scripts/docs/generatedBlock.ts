import { OperatorError } from "../../core/errors";

/**
 * Puts a text between the two comments that mark where it belongs.
 *
 * @param name As in `<!-- name: …` and `<!-- /name -->`.
 * @throws {OperatorError} `DOCS_MARKERS_MISSING`.
 */
export function replaceBlock(document: string, name: string, text: string): string {
  const { start, end } = findBlock(document, name);
  return `${document.slice(0, start)}\n\n${text.trim()}\n\n${document.slice(end)}`;
}

/** What stands between the comments now, without the blank lines around it. */
export function readBlock(document: string, name: string): string {
  const { start, end } = findBlock(document, name);
  return document.slice(start, end).trim();
}

function findBlock(document: string, name: string): { start: number; end: number } {
  const begin = new RegExp(`<!-- ${name}:[^>]*-->`).exec(document);
  const end = document.indexOf(`<!-- /${name} -->`);
  if (begin === null || end < begin.index) {
    throw new OperatorError(
      "DOCS_MARKERS_MISSING",
      `The document has no <!-- ${name}: … --> with <!-- /${name} --> behind it, so there is no place for what is generated. Put both back.`,
    );
  }
  return { start: begin.index + begin[0].length, end };
}
