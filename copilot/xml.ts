import { xmlText } from "../core/sinks";

/** An XML element; build it with {@link element}. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Either text or elements, never a mixture: the files of a solution hold none. */
  readonly content: string | readonly XmlElement[];
}

/** @param content Text (escaped here) or child elements; nothing gives an empty element. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  content: string | readonly XmlElement[] = [],
): XmlElement {
  return { name, attributes, content };
}

/** An element that says "no value" the way Dataverse exports do: `xsi:nil`, with a closing tag. */
export function nilElement(name: string): XmlElement {
  return element(name, { "xsi:nil": "true" }, "");
}

/** One child per property, in the order given: `{ name: "x" }` is `<name>x</name>`. */
export function textElements(texts: Readonly<Record<string, string | number>>): XmlElement[] {
  return Object.entries(texts).map(([name, text]) => element(name, {}, String(text)));
}

export interface XmlLayout {
  /** Whether the file begins with an XML declaration, as only some files of an export do. */
  readonly declaration: boolean;
}

/** The whole file as text: two spaces of indent, line feeds, a final line feed. */
export function renderXml(root: XmlElement, { declaration }: XmlLayout): string {
  const head = declaration ? '<?xml version="1.0" encoding="utf-8"?>\n' : "";
  return `${head}${renderElement(root, "")}\n`;
}

function renderElement({ name, attributes, content }: XmlElement, indent: string): string {
  const start =
    `${indent}<${name}` +
    Object.entries(attributes)
      .map(([key, value]) => ` ${key}="${xmlText(value)}"`)
      .join("");
  if (typeof content === "string") return `${start}>${xmlText(content)}</${name}>`;
  if (content.length === 0) return `${start} />`;
  const children = content.map((child) => renderElement(child, `${indent}  `));
  return [`${start}>`, ...children, `${indent}</${name}>`].join("\n");
}
