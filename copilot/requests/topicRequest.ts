import { graphResource } from "../../core/permissions/graphRequest";
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
export function topicAddress({ path, parameters }: AgentRequest, baseUrl?: VariableName): string {
  const template = baseUrl === undefined ? `${graphResource}${path}` : path;
  const written = partsOf(template, parameters).map((part) =>
    typeof part === "string" ? powerFxText(part) : encoded(part, topicVariable(part), language),
  );
  const parts = [...(baseUrl === undefined ? [] : [`Env.${baseUrl.schemaName}`]), ...written];
  return parts.length === 1 ? `=${parts.join("")}` : `=Concatenate(${parts.join(", ")})`;
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
