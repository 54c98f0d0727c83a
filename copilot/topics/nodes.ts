import { stringify } from "yaml";
import { otherProblem, type KnownProblem } from "../problems";

/** One node of a topic, or another object of its YAML. */
export type TopicNode = Readonly<Record<string, unknown>>;

/** Node IDs look like the editor's own: the kind, an underscore, six letters or digits. */
export function sendActivity(suffix: string, activity: string): TopicNode {
  return { kind: "SendActivity", id: `sendActivity_${suffix}`, activity };
}

/** @param value A formula, beginning with "=". */
export function setVariable(suffix: string, variable: string, value: string): TopicNode {
  return { kind: "SetVariable", id: `setVariable_${suffix}`, variable, value };
}

export interface Branch {
  readonly suffix: string;
  /** A formula, beginning with "=". */
  readonly condition: string;
  readonly actions: readonly TopicNode[];
}

/** The first branch whose condition holds, else the last actions. */
export function conditionGroup(
  suffix: string,
  branches: readonly Branch[],
  elseActions: readonly TopicNode[] = [],
): TopicNode {
  return {
    kind: "ConditionGroup",
    id: `conditionGroup_${suffix}`,
    conditions: branches.map(({ suffix: branchSuffix, condition, actions }) => ({
      id: `conditionItem_${branchSuffix}`,
      condition,
      actions,
    })),
    ...(elseActions.length === 0 ? {} : { elseActions }),
  };
}

/** Where a topic keeps what went wrong: a text, blank when all went well, and a code for it. */
export const problemVariables = { text: "Topic.Problem", code: "Topic.ProblemCode" } as const;

/** Says how it went: the message for success, or the one meant for the problem, followed by the problem itself. */
export function reportOutcome(problems: readonly KnownProblem[], success: TopicNode): TopicNode {
  const { text, code } = problemVariables;
  const say = (suffix: string, message: string): TopicNode =>
    sendActivity(suffix, `${message} ({${code}}: {${text}})`);
  return conditionGroup(
    "result",
    [
      { suffix: "gotone", condition: `=IsBlank(${text})`, actions: [success] },
      ...problems.map(({ key, codes, message }) => ({
        suffix: key,
        condition: `=${isProblem(code, codes)}`,
        actions: [say(key, message)],
      })),
    ],
    [say("others", otherProblem)],
  );
}

/** Whether a problem's code, in a variable, is one of some; without "=". */
export function isProblem(variable: string, codes: KnownProblem["codes"]): string {
  return codes
    .map((each) =>
      each.endsWith("*")
        ? `StartsWith(${variable}, ${powerFxText(each.slice(0, -1))})`
        : `${variable} = ${powerFxText(each)}`,
    )
    .join(" || ");
}

/** A text literal of Power Fx: quotes are doubled. */
export function powerFxText(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

interface TopicParts {
  readonly displayName: string;
  /** What the topic is for: under generative orchestration the only thing that routes to it. */
  readonly modelDescription: string;
  /** What users say under classic orchestration. */
  readonly triggerQueries: readonly string[];
  readonly actions: readonly TopicNode[];
}

/** A topic that users start by what they say, as text for Copilot Studio's code editor. */
export function topicFile({ displayName, modelDescription, triggerQueries, actions }: TopicParts): string {
  return dialogFile({
    modelDisplayName: displayName,
    modelDescription,
    beginDialog: {
      kind: "OnRecognizedIntent",
      id: "main",
      intent: { displayName, includeInOnSelectIntent: false, triggerQueries },
      actions,
    },
    inputType: {},
    outputType: {},
  });
}

/** Any dialog as YAML that is strict for YAML 1.1 and 1.2 alike: long lines stay whole, no anchors. */
export function dialogFile(dialog: TopicNode): string {
  return stringify(
    { kind: "AdaptiveDialog", ...dialog },
    { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" },
  );
}
