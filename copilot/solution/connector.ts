import type { Cloud } from "../../core/cloud/clouds";
import { jsonFile, type ArtefactFiles } from "../files";
import type { ConnectorName } from "../names";
import { element, renderXml, textElements } from "../xml";

/** A custom connector as a component of a solution. */
export interface SolutionConnector {
  readonly name: ConnectorName;
  /** By name, without a folder: the unpacked solution and the import zip have them in different ones. */
  readonly files: ArtefactFiles;
}

/** A connector that asks Microsoft Graph. */
export interface ConnectorParts {
  readonly cloud: Cloud;
  readonly name: ConnectorName;
  readonly description: string;
  /** Operations by path, as Swagger has them. */
  readonly paths: object;
  /** Name of the security scheme, and of the set of connection parameters where there are sets. */
  readonly scheme: string;
  /** The security scheme, as Swagger has it. */
  readonly security: object;
  readonly connectionParameters: object;
  /** The ways to sign in among which a connection chooses. Default: one, which has no name. */
  readonly connectionParameterSets?: object;
}

/** As exports have it for every way to sign in. */
export function connectorTokenUrl({ authority, connectors }: Cloud): string {
  return `${connectors?.tokenAuthority ?? authority}/common/oauth2/authorize`;
}

/** Lays out a connector's files, as exported solutions have them. */
export function solutionConnector(parts: ConnectorParts): SolutionConnector {
  const { name, connectionParameters, connectionParameterSets } = parts;
  const { schemaName } = name;
  return {
    name,
    files: new Map([
      [`${schemaName}.xml`, renderXml(connectorRow(parts), { declaration: true })],
      [`${schemaName}_openapidefinition.json`, jsonFile(openApi(parts))],
      [`${schemaName}_connectionparameters.json`, jsonFile(connectionParameters)],
      ...(connectionParameterSets === undefined
        ? []
        : [[`${schemaName}_connectionparametersets.json`, jsonFile(connectionParameterSets)] as const]),
      [`${schemaName}_policytemplateinstances.json`, jsonFile([])],
    ]),
  };
}

function connectorRow({ name, description, connectionParameterSets }: ConnectorParts) {
  const { schemaName, connectorId, displayName } = name;
  const file = (part: string): string => `/Connector/${schemaName}_${part}.json`;
  return element(
    "Connector",
    { "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance" },
    textElements({
      connectorid: connectorId,
      description,
      displayname: displayName,
      iconbrandcolor: "#007ee5",
      name: schemaName,
      connectortype: 1,
      openapidefinition: file("openapidefinition"),
      connectionparameters: file("connectionparameters"),
      ...(connectionParameterSets === undefined
        ? {}
        : { connectionparametersets: file("connectionparametersets") }),
      policytemplateinstances: file("policytemplateinstances"),
    }),
  );
}

/** Connectors take Swagger 2.0. */
function openApi({ cloud, name, description, paths, scheme, security }: ConnectorParts): object {
  return {
    swagger: "2.0",
    info: { title: name.displayName, description, version: "1.0" },
    host: new URL(cloud.graph).host,
    basePath: "/",
    schemes: ["https"],
    consumes: [],
    produces: ["application/json"],
    paths,
    definitions: {},
    securityDefinitions: { [scheme]: security },
    security: [{ [scheme]: [] }],
  };
}

/** A title as part of an operation's ID, such as `YourFiles`. */
export function inOneWord(title: string): string {
  const words = title.split(/[^a-z0-9]+/i).filter((word) => word !== "");
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/** Parameters of the query that are always the same, and that no maker sees. */
export function internalQuery(query: Iterable<readonly [string, string]>): object[] {
  return [...query].map(([name, value]) => ({
    name,
    in: "query",
    type: "string",
    required: true,
    default: value,
    "x-ms-visibility": "internal",
  }));
}
