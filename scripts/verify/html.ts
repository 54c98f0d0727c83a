import { htmlText } from "../../core/sinks";

/** HTML that is safe to put into a page as it stands. */
export interface Html {
  readonly html: string;
}

/** Template tag that escapes whatever is put in, so that no name from a directory becomes markup. */
export function html(literals: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return { html: literals.map((literal, index) => literal + render(values[index])).join("") };
}

type HtmlValue = Html | string | number | undefined | readonly HtmlValue[];

function render(value: HtmlValue): string {
  if (value === undefined) return "";
  if (typeof value === "string" || typeof value === "number") {
    return htmlText(String(value));
  }
  return "html" in value ? value.html : value.map(render).join("");
}
