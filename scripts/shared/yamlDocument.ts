import { isMap, isScalar, LineCounter, parseDocument, visit, YAMLParseError, type Document } from "yaml";

/**
 * Reads a YAML text. The `yaml` package compares each key with all others of its map to find one that is there twice,
 * which takes minutes for a map of many thousand keys; here that search takes as long as reading the text.
 *
 * @returns Its `errors` hold whatever is wrong, also a key that is there twice.
 */
export function readYamlText(text: string): Document.Parsed {
  const lines = new LineCounter();
  const document = parseDocument(text, { uniqueKeys: false, lineCounter: lines });
  visit(document, (_key, node) => {
    if (!isMap(node)) return;
    const seen = new Set<unknown>();
    for (const { key } of node.items) {
      if (!isScalar(key)) continue;
      if (seen.has(key.value)) document.errors.push(repeatedKey(key.range?.[0] ?? 0, lines));
      seen.add(key.value);
    }
  });
  return document;
}

function repeatedKey(offset: number, lines: LineCounter): YAMLParseError {
  const { line, col } = lines.linePos(offset);
  const message = `Map keys must be unique at line ${line}, column ${col}`;
  return new YAMLParseError([offset, offset + 1], "DUPLICATE_KEY", message);
}
