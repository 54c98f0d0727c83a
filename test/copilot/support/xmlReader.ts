/** An element as it was read. */
export interface XmlNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
  readonly text: string;
}

/**
 * Reads XML and refuses what is not well-formed: unbalanced or repeated things, stray characters, unknown entities.
 * It knows the subset that solutions use: elements, attributes, text, one declaration.
 */
export function readXml(text: string): XmlNode {
  const body = text.replace(/^<\?xml version="1\.0" encoding="utf-8"\?>\n?/, "");
  const reader = { at: 0 };
  const root = readElement(body, reader);
  if (body.slice(reader.at).trim() !== "") throw new Error(`Something follows </${root.name}>.`);
  return root;
}

function readElement(text: string, reader: { at: number }): XmlNode {
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    const sticky = new RegExp(pattern.source, "yu");
    sticky.lastIndex = reader.at;
    const found = sticky.exec(text) ?? undefined;
    if (found !== undefined) reader.at += found[0].length;
    return found;
  };
  const name = take(/<([A-Za-z_][\w.:-]*)/)?.[1];
  if (name === undefined)
    throw new Error(`No element at ${reader.at}: ${text.slice(reader.at, reader.at + 40)}`);
  const attributes: Record<string, string> = {};
  for (let found = take(/\s+([A-Za-z_][\w.:-]*)="([^"<]*)"/); found !== undefined;) {
    const [, key = "", value = ""] = found;
    if (key in attributes) throw new Error(`${name} has ${key} twice.`);
    attributes[key] = unescape(value);
    found = take(/\s+([A-Za-z_][\w.:-]*)="([^"<]*)"/);
  }
  if (take(/\s*\/>/) !== undefined) return { name, attributes, children: [], text: "" };
  if (take(/\s*>/) === undefined) throw new Error(`<${name} does not end.`);
  const children: XmlNode[] = [];
  let content = "";
  while (take(new RegExp(`</${name}>`)) === undefined) {
    const piece = take(/[^<]+/)?.[0];
    if (piece !== undefined) content += unescape(piece);
    else children.push(readElement(text, reader));
  }
  return { name, attributes, children, text: children.length === 0 ? content : "" };
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescape(text: string): string {
  return text.replace(/&([^;]*);?/g, (whole, name: string) => {
    const code = /^#x([0-9A-F]+)$/i.exec(name)?.[1];
    const character = code === undefined ? entities[name] : String.fromCodePoint(Number.parseInt(code, 16));
    if (character === undefined || !whole.endsWith(";")) throw new Error(`${whole} is no entity.`);
    return character;
  });
}

/** The only child of that name. */
export function child(node: XmlNode, name: string): XmlNode {
  const found = node.children.filter((each) => each.name === name);
  const [only] = found;
  if (only === undefined || found.length !== 1) throw new Error(`${node.name} has ${found.length} ${name}.`);
  return only;
}
