import type { Cloud } from "../../core/cloud/clouds";
import type { VariableName } from "../names";
import { powerFxText, type TopicNode } from "../topics/nodes";
import type { AgentRequest, RequestParameter } from "./agentRequest";
import { encoded, isInPath, longestValue, partsOf, refusedInPath, type EncodingLanguage } from "./encoding";

/** Power Fx. @see https://learn.microsoft.com/power-platform/power-fx/reference/function-encode-decode (read 2026-11) */
const language: EncodingLanguage = {
  doubled: (formula) => `Substitute(${formula}, "'", "''")`,
  percentEncoded: (formula) => `EncodeUrl(${formula})`,
};

/** Where a topic keeps a parameter. */
export function topicVariable({ name }: RequestParameter): string {
  return `Topic.${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** Formula for the address of a request. @param baseUrl Variable with the API's base URL; undefined for Microsoft Graph. */
export function topicAddress(
  { graph }: Pick<Cloud, "graph">,
  { path, parameters }: AgentRequest,
  baseUrl?: VariableName,
): string {
  if (baseUrl === undefined) return concatenated(written(`${graph}${path}`, parameters));
  return concatenated([`Env.${baseUrl.schemaName}`, ...written(path, parameters)]);
}

/**
 * Formula for the body of a request, as JSON text. A record would be shorter, but of a table with one column, Power Fx's own
 * conversion to objects leaves the column's name out.
 */
export function topicBody({ body, parameters }: AgentRequest): string {
  if (body === undefined) throw new Error("The request has no body.");
  const parts = partsOf(JSON.stringify(body), parameters).map((part) =>
    typeof part === "string" ? powerFxText(part) : jsonText(topicVariable(part)),
  );
  return concatenated(parts);
}

/** Formula for a value between the quotes of a JSON text: nothing in it ends the text. */
function jsonText(formula: string): string {
  const escapes = [
    ['"\\"', '"\\\\"'],
    ['""""', '"\\"""'],
    ["Char(13)", '"\\r"'],
    ["Char(10)", '"\\n"'],
    ["Char(9)", '"\\t"'],
  ] as const;
  return escapes.reduce((inner, [from, to]) => `Substitute(${inner}, ${from}, ${to})`, formula);
}

/** Formulas for the parts of a template, its parameters encoded. */
function written(template: string, parameters: readonly RequestParameter[]): string[] {
  return partsOf(template, parameters).map((part) =>
    typeof part === "string" ? powerFxText(part) : encoded(part, topicVariable(part), language),
  );
}

function concatenated(formulas: readonly string[]): string {
  return formulas.length === 1 ? `=${formulas.join("")}` : `=Concatenate(${formulas.join(", ")})`;
}

/** Formula for whether some parameter could not be kept in its place. */
export function inputsUnfit({ parameters }: AgentRequest): string {
  const conditions = parameters.flatMap((parameter) => {
    const variable = topicVariable(parameter);
    const { place } = parameter;
    return [
      `IsBlank(Trim(${variable}))`,
      `Len(${variable}) > ${longestValue[place]}`,
      ...(isInPath(place)
        ? [
            `StartsWith(${variable}, ".")`,
            ...refusedInPath.map((text) => `${powerFxText(text)} in ${variable}`),
          ]
        : []),
    ];
  });
  return `=${conditions.join(" || ")}`;
}

/** Formula for what the agent gets of one object. @param row Formula for the object. */
export function topicAnswer({ fields }: Pick<AgentRequest, "fields">, row: string): string {
  const read = (field: string): string => `${row}.${field.replaceAll("/", ".")}`;
  const [first = "", ...others] = fields;
  if (others.length === 0) return read(first);
  return `Concatenate(${read(first)}, " (", ${others.map(read).join(', ", ", ')}, ")")`;
}

/** The data type of one object, with nothing but the fields in it. */
export function fieldsType({ fields }: Pick<AgentRequest, "fields">): Readonly<Record<string, unknown>> {
  const properties: Record<string, unknown> = {};
  for (const field of fields) {
    const [first = "", ...rest] = field.split("/");
    properties[first] =
      rest.length === 0
        ? "String"
        : { type: { kind: "Record", properties: fieldsType({ fields: [rest.join("/")] }) } };
  }
  return properties;
}

/** Asks the user for every parameter. */
export function questions({ parameters }: AgentRequest): TopicNode[] {
  return parameters.map((parameter) => ({
    kind: "Question",
    id: `question_${parameter.name}`,
    interruptionPolicy: { allowInterruption: false },
    alwaysPrompt: true,
    variable: `init:${topicVariable(parameter)}`,
    prompt: parameter.question,
    entity: "StringPrebuiltEntity",
  }));
}
