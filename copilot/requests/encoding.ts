import type { AgentRequest, JsonTemplate, Place, RequestParameter } from "./agentRequest";

/** Longest value that is taken, in characters. */
export const longestValue: Readonly<Record<Place, number>> = {
  key: 120,
  segment: 200,
  literal: 120,
  value: 200,
  body: 10_000,
};

/** Whether a value becomes part of the path. */
export function isInPath(place: Place): boolean {
  return place === "key" || place === "segment";
}

/**
 * What no value of a path may hold; neither may it begin with a dot. Services on the way may decode an encoded slash or a second encoding,
 * and take `..` out of a path, so encoding alone would not hold such a value in its place.
 */
export const refusedInPath = ["/", "\\", "%"] as const;

/** A template in parts: fixed text, and the parameters between. */
export function partsOf(
  template: string,
  parameters: readonly RequestParameter[],
): (string | RequestParameter)[] {
  return template
    .split(/\{(\w+)\}/)
    .map((part, index) => {
      if (index % 2 === 0) return part;
      const parameter = parameters.find(({ name }) => name === part);
      if (parameter === undefined) throw new Error(`The template ${template} has an unknown {${part}}.`);
      return parameter;
    })
    .filter((part) => part !== "");
}

/** How a language writes what keeps a value in its place. */
export interface EncodingLanguage {
  /** Expression with every `'` of another one doubled. */
  readonly doubled: (expression: string) => string;
  /** Expression with another one percent-encoded. */
  readonly percentEncoded: (expression: string) => string;
}

/** Expression for a value as it goes into the request. @param value Expression for what the conversation gave. */
export function encoded({ place }: RequestParameter, value: string, language: EncodingLanguage): string {
  switch (place) {
    case "key":
    case "literal":
      return language.percentEncoded(language.doubled(value));
    case "segment":
    case "value":
      return language.percentEncoded(value);
    case "body":
      // Each text of the body is filled in by itself, so that none becomes part of another.
      return value;
  }
}

/** The property of a flow's trigger that carries a parameter, as the designer names them: `text`, `text_1`, … */
export function inputProperty({ parameters }: Pick<AgentRequest, "parameters">, name: string): string {
  const index = parameters.findIndex((parameter) => parameter.name === name);
  return index === 0 ? "text" : `text_${index}`;
}

/** A JSON template with every text replaced. */
export function mapTexts(template: JsonTemplate, replace: (text: string) => string): JsonTemplate {
  if (typeof template === "string") return replace(template);
  if (typeof template === "boolean") return template;
  if (Array.isArray(template)) return template.map((each: JsonTemplate) => mapTexts(each, replace));
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, mapTexts(value, replace)]));
}
