import { stringify } from "yaml";
import type { TopicNode } from "./nodes";

export interface TopicParts {
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
