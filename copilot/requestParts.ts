import type { AppParts } from "./appParts";
import type { ArtefactNames } from "./names";
import type { KnownProblem } from "./problems";
import type { AgentRequest } from "./requests/agentRequest";
import type { CopilotApp } from "./settings";
import { flowTool, workflowTool } from "./tools";
import { graphTopic } from "./topics/graphTopic";

/** What differs between flows that ask an API and flows that ask a Logic App. */
export interface RequestMaker {
  readonly definition: (request: AgentRequest) => object;
  readonly problems: (request: AgentRequest) => readonly KnownProblem[];
  /** Logical name of the connection reference of the flows. */
  readonly connectionReference: string;
}

/** Paths of one request's files. */
export function requestPaths({ key }: Pick<AgentRequest, "key">): {
  topic: string;
  directTopic: string;
  tool: string;
} {
  return {
    topic: `topics/${key}.yaml`,
    directTopic: `topics/${key}.direct.yaml`,
    tool: `tools/${key}.mcs.yml`,
  };
}

/** For each request a flow, the topic and the tool that call it, and the topic and a tool as files. */
export function requestParts(
  app: CopilotApp,
  requests: readonly AgentRequest[],
  names: ArtefactNames,
  maker: RequestMaker,
): Pick<AppParts, "flows" | "components" | "files"> {
  const parts = requests.map((request) => {
    const { flow, topic } = names.ofRequest(request.title);
    const description = `${request.description} It acts with the rights of ${app.name}.`;
    const yaml = graphTopic(app, request, names, maker.problems(request));
    const uses = { workflowIds: [flow.workflowId], variables: [] };
    const paths = requestPaths(request);
    return {
      flow: { name: flow, description, definition: maker.definition(request) },
      components: [
        {
          ...topic,
          kind: "topic",
          description,
          yaml,
          uses: { ...uses, connectionReferences: [maker.connectionReference] },
        },
        {
          ...topic,
          kind: "action",
          description: request.description,
          yaml: flowTool(request, flow),
          uses: { ...uses, connectionReferences: [] },
        },
      ] as const,
      files: [
        [paths.topic, yaml] as const,
        // No export of the new experience shows a tool that asks first, so what changes something is no tool there.
        ...(request.change === undefined ? [[paths.tool, workflowTool(request, flow)] as const] : []),
      ],
    };
  });
  return {
    flows: parts.map(({ flow }) => flow),
    components: parts.flatMap(({ components }) => components),
    files: new Map(parts.flatMap(({ files }) => files)),
  };
}
