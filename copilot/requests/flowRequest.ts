import type { AgentRequest, JsonTemplate } from "./agentRequest";
import {
  encoded,
  isInPath,
  inputProperty,
  longestValue,
  mapTexts,
  partsOf,
  refusedInPath,
  type EncodingLanguage,
} from "./encoding";

/** Name of the action that judges a flow's inputs. Everything after it takes them from there. */
export const checkAction = "Check_inputs";

/** The workflow definition language. @see https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-functions-reference (read 2026-11) */
const language: EncodingLanguage = {
  doubled: (expression) => `replace(${expression}, '''', '''''')`,
  percentEncoded: (expression) => `encodeUriComponent(${expression})`,
};

/** Path of a request with an expression for each parameter. */
export function flowPath(request: AgentRequest): string {
  return filled(request, request.path);
}

/** Body of a request with an expression for each parameter. */
export function flowBody(request: AgentRequest): JsonTemplate | undefined {
  return request.body === undefined ? undefined : mapTexts(request.body, (text) => filled(request, text));
}

function filled(request: AgentRequest, template: string): string {
  return partsOf(template, request.parameters)
    .map((part) => {
      if (typeof part === "string") return part;
      const value = `body('${checkAction}')?['${inputProperty(request, part.name)}']`;
      return `@{${encoded(part, value, language)}}`;
    })
    .join("");
}

/** Expression, without "@", for whether every input can be kept in its place. */
export function inputsFit(request: AgentRequest): string {
  const conditions = request.parameters.flatMap(({ name, place }) => {
    const value = `coalesce(triggerBody()?['${inputProperty(request, name)}'], '')`;
    return [
      `not(empty(trim(${value})))`,
      `lessOrEquals(length(${value}), ${longestValue[place]})`,
      ...(isInPath(place)
        ? [
            `not(startsWith(${value}, '.'))`,
            ...refusedInPath.map((text) => `not(contains(${value}, '${text}'))`),
          ]
        : []),
    ];
  });
  return `and(${conditions.join(", ")})`;
}

/** Expression, without "@", for what the agent gets of one object: the first field, and the others in brackets. */
export function flowAnswer({ fields }: Pick<AgentRequest, "fields">): string {
  const read = (field: string): string =>
    `item()${field
      .split("/")
      .map((name) => `?['${name}']`)
      .join("")}`;
  const [first = "", ...others] = fields;
  if (others.length === 0) return read(first);
  const text = (field: string): string => `string(coalesce(${read(field)}, ''))`;
  return `concat(${text(first)}, ' (', ${others.map(text).join(", ', ', ")}, ')')`;
}
