/** HTML that is safe to put into a page as it stands. */
export interface Html {
  readonly html: string;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Template tag that escapes whatever is put in, so that no name from a directory becomes markup. */
export function html(literals: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return { html: literals.map((literal, index) => literal + render(values[index])).join("") };
}

type HtmlValue = Html | string | number | undefined | readonly HtmlValue[];

function render(value: HtmlValue): string {
  if (value === undefined) return "";
  if (typeof value === "string" || typeof value === "number") {
    return String(value).replace(/[&<>"']/g, (character) => entities[character] ?? character);
  }
  return "html" in value ? value.html : value.map(render).join("");
}
