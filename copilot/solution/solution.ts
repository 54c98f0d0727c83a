import { createHash } from "node:crypto";
import type { ConnectionReference } from "../connectors";
import { below, joinFiles, jsonFile, type ArtefactFiles, zipFiles } from "../files";
import type { ArtefactNames, FlowName } from "../names";
import type { CopilotSettings } from "../settings";
import { renderXml, type XmlElement, element } from "../xml";
import { agentFiles, type NewAgent } from "./agent";
import { botComponentFiles, type BotComponent } from "./botComponents";
import type { SolutionConnector } from "./connector";
import { customizations } from "./customizations";
import { environmentVariableFiles, type EnvironmentVariable } from "./environmentVariables";
import { solutionManifest, type RootComponent } from "./solutionManifest";
import { workflowRow } from "./workflowRow";

/** A flow with its definition. */
export interface SolutionFlow {
  readonly name: FlowName;
  readonly description: string;
  readonly definition: object;
}

export interface SolutionParts {
  readonly names: Pick<ArtefactNames, "solution" | "publisher">;
  /** What the flows connect to. */
  readonly connection: ConnectionReference | undefined;
  readonly settings: Pick<CopilotSettings, "publisherPrefix" | "flowPlan" | "variableRootComponents">;
  readonly flows: readonly SolutionFlow[];
  readonly variables: readonly EnvironmentVariable[];
  /** Topics and tools of agents. */
  readonly components: readonly BotComponent[];
  /** Default: none. */
  readonly connectors?: readonly SolutionConnector[];
  readonly newAgent: NewAgent | undefined;
  /** Of the solution that this one replaces. */
  readonly previousVersion: string | undefined;
}

/** The same unmanaged solution in both of its shapes. */
export interface Solution {
  /** As `pac solution unpack` leaves it: for version control and `pac solution pack`. */
  readonly unpacked: ArtefactFiles;
  /** What "Import solution" takes. */
  readonly zip: Uint8Array;
}

/** Lays out the solution: the two shapes differ in manifest names and in where a flow's row lies. */
export function buildSolution(parts: SolutionParts): Solution {
  const { names, connection, settings, flows, variables, connectors = [] } = parts;
  const connectorFiles = joinFiles(...connectors.map(({ files }) => files));
  const rows = flows.map((flow) => ({
    path: `${flow.name.path}.data.xml`,
    row: workflowRow(flow.name, flow.description, settings.flowPlan),
  }));
  const common = joinFiles(
    new Map(flows.map(({ name, definition }) => [name.path, jsonFile(definition)])),
    environmentVariableFiles(variables),
    parts.newAgent === undefined ? new Map() : agentFiles(parts.newAgent),
    botComponentFiles(parts.components),
  );
  const withRows = customizations(
    connection,
    rows.map(({ row }) => row),
  );
  const manifestOf = (version: string): XmlElement =>
    solutionManifest(names, settings.publisherPrefix, version, rootComponents(parts));
  const content = new Map([
    ...common,
    ...connectorFiles,
    ["rows", document(withRows)],
    ["manifest", document(manifestOf(""))],
  ]);
  const manifest = manifestOf(solutionVersion(content, parts.previousVersion));
  const unpacked = joinFiles(
    common,
    below("Connectors", connectorFiles),
    new Map([
      ["Other/Solution.xml", document(manifest)],
      ["Other/Customizations.xml", document(customizations(connection, []))],
      ...rows.map(({ path, row }): [string, string] => [path, document(row)]),
    ]),
  );
  const zipped = joinFiles(
    common,
    below("Connector", connectorFiles),
    new Map([
      ["solution.xml", renderXml(manifest, { declaration: false })],
      ["customizations.xml", renderXml(withRows, { declaration: false })],
    ]),
  );
  const zip = zipFiles(joinFiles(zipped, new Map([["[Content_Types].xml", contentTypes(zipped)]])));
  return { unpacked, zip };
}

/** Flows and connectors must be declared; agents, topics and connection references come along without. */
function rootComponents({ flows, variables, connectors = [], settings }: SolutionParts): RootComponent[] {
  return [
    ...connectors.map(({ name: { connectorId, schemaName } }): RootComponent => ({
      type: "372",
      id: connectorId,
      schemaName,
    })),
    ...flows.map(({ name }): RootComponent => ({ type: "29", id: name.workflowId })),
    ...(settings.variableRootComponents
      ? variables.map(({ name }): RootComponent => ({ type: "380", schemaName: name.schemaName }))
      : []),
  ];
}

function document(root: XmlElement): string {
  return renderXml(root, { declaration: true });
}

const contentType = "application/octet-stream";

/** `[Content_Types].xml` of an import zip: every part by its extension, and by name those that have none. */
function contentTypes(files: ArtefactFiles): string {
  const withoutExtension = [...files.keys()].filter((path) => !/\.\w+$/.test(path)).sort();
  return renderXml(
    element("Types", { xmlns: "http://schemas.openxmlformats.org/package/2006/content-types" }, [
      element("Default", { Extension: "xml", ContentType: contentType }),
      element("Default", { Extension: "json", ContentType: contentType }),
      ...withoutExtension.map((path) =>
        element("Override", { PartName: `/${path}`, ContentType: contentType }),
      ),
    ]),
    { declaration: true },
  );
}

/**
 * The version of a solution: `1.<changes>.<hash>.<hash>`. The hash is that of the content, so equal content has an equal
 * version. The number of changes grows when content replaces other content, so that an import which skips lower
 * versions takes it.
 *
 * @param content Every file but those that hold the version.
 * @param previous The version that the new one replaces.
 */
function solutionVersion(content: ArtefactFiles, previous: string | undefined): string {
  const hash = createHash("sha256");
  for (const [path, bytes] of [...content].sort(([left], [right]) => (left < right ? -1 : 1))) {
    hash.update(`${path}\0`).update(bytes).update("\0");
  }
  const digest = hash.digest();
  const ownHash = `${digest.readUInt16BE(0)}.${digest.readUInt16BE(2)}`;
  const [, changes = "0", previousHash] = /^1\.(\d+)\.(\d+\.\d+)$/.exec(previous ?? "") ?? [];
  const isNew = previousHash === undefined || previousHash === ownHash;
  return `1.${Number(changes) + (isNew ? 0 : 1)}.${ownHash}`;
}

/** The version that a written solution has; undefined where there is none. @param manifest Text of its manifest. */
export function writtenVersion(manifest: string): string | undefined {
  return /<Version>([\d.]+)<\/Version>/.exec(manifest)?.[1];
}
