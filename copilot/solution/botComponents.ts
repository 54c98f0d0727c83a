import { type ArtefactFiles } from "../files";
import { dataverseLimits, fitted } from "../limits";
import { element, renderXml, textElements, type XmlElement } from "../xml";

/** A topic inside an agent. */
export interface TopicComponent {
  readonly agentSchemaName: string;
  readonly identifier: string;
  readonly displayName: string;
  readonly description: string;
  readonly yaml: string;
  /** What the topic uses, by which Dataverse knows that they belong together. */
  readonly uses: {
    readonly workflowIds: readonly string[];
    readonly connectionReferences: readonly string[];
    readonly variables: readonly string[];
  };
}

/** What a topic uses that uses nothing. */
export const nothing: TopicComponent["uses"] = { workflowIds: [], connectionReferences: [], variables: [] };

/** Schema name of a topic: the agent's, "topic", its own. */
export function topicSchemaName({
  agentSchemaName,
  identifier,
}: Pick<TopicComponent, "agentSchemaName" | "identifier">): string {
  const start = `${agentSchemaName}.topic.`;
  return `${start}${fitted(identifier, dataverseLimits.schemaName - start.length)}`;
}

/** The topics' files, and the sets that link them to flows, connection references and environment variables. */
export function botComponentFiles(topics: readonly TopicComponent[]): ArtefactFiles {
  const files = new Map<string, string>();
  for (const topic of topics) {
    const schemaName = topicSchemaName(topic);
    files.set(
      `botcomponents/${schemaName}/botcomponent.xml`,
      renderXml(componentRow(topic), { declaration: false }),
    );
    files.set(`botcomponents/${schemaName}/data`, topic.yaml);
  }
  for (const link of links) {
    const rows = topics.flatMap((topic) => link.targets(topic).map((target) => linkRow(link, topic, target)));
    if (rows.length === 0) continue;
    files.set(
      `Assets/botcomponent_${link.entity}set.xml`,
      renderXml(element(`botcomponent_${link.entity}set`, {}, rows), { declaration: false }),
    );
  }
  return files;
}

function componentRow(topic: TopicComponent): XmlElement {
  return element("botcomponent", { schemaname: topicSchemaName(topic) }, [
    // 9: a topic.
    ...textElements({
      componenttype: 9,
      description: topic.description,
      iscustomizable: 0,
      name: topic.displayName,
    }),
    element("parentbotid", {}, [element("schemaname", {}, topic.agentSchemaName)]),
    ...textElements({ statecode: 0, statuscode: 1 }),
  ]);
}

interface Link {
  readonly entity: string;
  readonly targetAttribute: string;
  readonly targets: (topic: TopicComponent) => readonly string[];
}

const links: readonly Link[] = [
  {
    entity: "connectionreference",
    targetAttribute: "connectionreferenceid.connectionreferencelogicalname",
    targets: ({ uses }) => uses.connectionReferences,
  },
  {
    entity: "environmentvariabledefinition",
    targetAttribute: "environmentvariabledefinitionid.schemaname",
    targets: ({ uses }) => uses.variables,
  },
  {
    entity: "workflow",
    targetAttribute: "workflowid.workflowid",
    targets: ({ uses }) => uses.workflowIds,
  },
];

function linkRow({ entity, targetAttribute }: Link, topic: TopicComponent, target: string): XmlElement {
  return element(
    `botcomponent_${entity}`,
    { "botcomponentid.schemaname": topicSchemaName(topic), [targetAttribute]: target },
    [element("iscustomizable", {}, "1")],
  );
}
