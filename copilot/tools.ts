import { stringify } from "yaml";
import { graphFlowInputs, graphFlowOutputs } from "./flows/graphFlow";
import type { FlowName } from "./names";
import type { AgentRequest } from "./requests/agentRequest";

const yamlStyle = { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" } as const;

/**
 * The flow as a tool of an agent of the standard harness: a model chooses it and fills its inputs in.
 *
 * @see https://learn.microsoft.com/microsoft-copilot-studio/flow-agent (read 2026-11)
 */
export function flowTool(request: AgentRequest, flow: FlowName): string {
  const { description, change } = request;
  const retry =
    change === undefined
      ? ""
      : " Do not use it again by yourself after the code NO_ANSWER: it may have worked.";
  return stringify(
    {
      kind: "TaskDialog",
      modelDisplayName: flow.displayName,
      modelDescription: `${description} When it does not work, "problem" says why.${retry}`,
      ...(change === undefined ? {} : { confirmation: { activity: change.question, mode: "Strict" } }),
      inputs: graphFlowInputs(request).map(({ property, title, description: meaning }) => ({
        kind: "AutomaticTaskInput",
        propertyName: property,
        name: title,
        description: meaning,
        entity: "StringPrebuiltEntity",
      })),
      outputs: graphFlowOutputs(request).map(({ property, description: meaning }) => ({
        propertyName: property,
        description: meaning,
      })),
      action: { kind: "InvokeFlowTaskAction", flowId: flow.workflowId },
      outputMode: "All",
    },
    yamlStyle,
  );
}

/**
 * The flow as a tool of an agent of the new experience, as a workspace of the Visual Studio Code extension has it.
 *
 * @see https://github.com/microsoft/vscode-copilotstudio (read 2026-11)
 */
export function workflowTool({ description }: AgentRequest, flow: FlowName): string {
  return stringify(
    {
      "mcs.metadata": { componentName: flow.displayName, description },
      kind: "WorkflowTool",
      workflowId: flow.workflowId,
    },
    yamlStyle,
  );
}
