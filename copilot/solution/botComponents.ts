import { type ArtefactFiles } from "../files";
import { dataverseLimits, fitted } from "../limits";
import { element, renderXml, textElements, type XmlElement } from "../xml";

/** A topic or a tool inside an agent, or what the agent is told. */
export interface BotComponent {
  readonly agentSchemaName: string;
  /** An action is a tool; `gpt` has the instructions. */
  readonly kind: "topic" | "action" | "gpt";
  readonly identifier: string;
  readonly displayName: string;
  readonly description: string;
  readonly yaml: string;
  /** What it uses, by which Dataverse knows that they belong together. */
  readonly uses: {
    readonly workflowIds: readonly string[];
    readonly connectionReferences: readonly string[];
    readonly variables: readonly string[];
  };
}

/** What a component uses that uses nothing. */
export const nothing: BotComponent["uses"] = { workflowIds: [], connectionReferences: [], variables: [] };

/** Schema name of a component: the agent's, the kind, its own. */
function componentSchemaName({ agentSchemaName, kind, identifier }: BotComponent): string {
  const start = `${agentSchemaName}.${kind}.`;
  return `${start}${fitted(identifier, dataverseLimits.schemaName - start.length)}`;
}

/** The components' files, and the sets that link them to flows, connection references and environment variables. */
export function botComponentFiles(components: readonly BotComponent[]): ArtefactFiles {
  const files = new Map<string, string>();
  for (const component of components) {
    const schemaName = componentSchemaName(component);
    files.set(
      `botcomponents/${schemaName}/botcomponent.xml`,
      renderXml(componentRow(component), { declaration: false }),
    );
    files.set(`botcomponents/${schemaName}/data`, component.yaml);
  }
  for (const link of links) {
    const rows = components.flatMap((component) =>
      link.targets(component).map((target) => linkRow(link, component, target)),
    );
    if (rows.length === 0) continue;
    files.set(
      `Assets/botcomponent_${link.entity}set.xml`,
      renderXml(element(`botcomponent_${link.entity}set`, {}, rows), { declaration: false }),
    );
  }
  return files;
}

function componentRow(component: BotComponent): XmlElement {
  return element("botcomponent", { schemaname: componentSchemaName(component) }, [
    // 9: a topic or a tool, 15: instructions.
    ...textElements({
      componenttype: component.kind === "gpt" ? 15 : 9,
      description: component.description,
      iscustomizable: 0,
      name: component.displayName,
    }),
    element("parentbotid", {}, [element("schemaname", {}, component.agentSchemaName)]),
    ...textElements({ statecode: 0, statuscode: 1 }),
  ]);
}

interface Link {
  readonly entity: string;
  readonly targetAttribute: string;
  readonly targets: (component: BotComponent) => readonly string[];
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

function linkRow({ entity, targetAttribute }: Link, component: BotComponent, target: string): XmlElement {
  return element(
    `botcomponent_${entity}`,
    { "botcomponentid.schemaname": componentSchemaName(component), [targetAttribute]: target },
    [element("iscustomizable", {}, "1")],
  );
}
