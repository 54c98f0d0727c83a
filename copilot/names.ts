import { createHash } from "node:crypto";
import { dataverse, httpWithEntra, type ConnectionReference, type Connector } from "./connectors";
import { dataverseLimits as limits, fitted } from "./limits";
import { appIdentifier, type CopilotApp, type CopilotSettings } from "./settings";
import type { Cloud } from "../core/cloud/clouds";

/** Keeps this project's GUIDs apart from everyone else's; it must never change. */
const namespace = "3a9c6f0e-52d4-4f7b-8e1a-7c40d9b2e615";

/** An environment variable of the solution. */
export interface VariableName {
  /** `prefix_Name`, which topics read as `Env.prefix_Name`. */
  readonly schemaName: string;
  readonly displayName: string;
}

/** A cloud flow of the solution. */
export interface FlowName {
  /** Dataverse's `workflowid`, lower case; topics call it `flowId`. Import keeps it. */
  readonly workflowId: string;
  readonly displayName: string;
  /** Path of the definition in the solution, as exports name it: the name's letters and digits, the GUID upper case. */
  readonly path: string;
}

/** A topic: its name, what starts it, and the last part of its schema name in an agent. */
export interface TopicName {
  readonly displayName: string;
  readonly identifier: string;
  /** What users say under classic orchestration. */
  readonly phrase: string;
}

/** A custom connector. */
export interface ConnectorName {
  /** Its GUID in Dataverse, which an import keeps. */
  readonly connectorId: string;
  /** As the maker sees it, and as `--connect` finds it. */
  readonly displayName: string;
  readonly schemaName: string;
}

/** Every name of one app's artefacts. They depend on publisher prefix and app name, and on whether there are others. */
export interface ArtefactNames {
  readonly solution: { readonly uniqueName: string; readonly displayName: string };
  /** Of the connector, where an app acts as its signed-in user or signs in by a certificate. */
  readonly connectorSolution: { readonly uniqueName: string; readonly displayName: string };
  readonly connector: ConnectorName;
  /** Of the connector that signs in by an app's certificate. */
  readonly certificateConnector: ConnectorName;
  readonly publisher: { readonly uniqueName: string; readonly optionValuePrefix: number };
  readonly variables: {
    readonly tenantId: VariableName;
    readonly clientId: VariableName;
    readonly clientSecret: VariableName;
    readonly graphScope: VariableName;
    /** Path and query of the Logic App's trigger. */
    readonly logicAppPath: VariableName;
  };
  /** How the flows reach Dataverse, where they read a secret. */
  readonly dataverse: ConnectionReference;
  /** How the flow reaches the Logic App, where one asks Microsoft Graph in its place. */
  readonly logicApp: ConnectionReference;
  readonly tokenFlow: FlowName;
  readonly tokenTopic: TopicName;
  /** Of an app that acts as its signed-in user. */
  readonly asMeTopic: TopicName;
  /** Variables of an API other than Microsoft Graph: what tokens are for, and where it is. */
  readonly ofApi: (name: string) => { readonly scope: VariableName; readonly baseUrl: VariableName };
  /** Flow and topic of a request; its tool has the topic's identifier. @param title As users see it. */
  readonly ofRequest: (title: string) => { readonly flow: FlowName; readonly topic: TopicName };
  /** IDs of the Postman collection and environment. */
  readonly postman: { readonly collectionId: string; readonly environmentId: string };
}

/** Names everything that is made for an app. Every name is one that Dataverse takes. */
export function artefactNames(
  app: Pick<CopilotApp, "name">,
  {
    publisherPrefix,
    publisherName,
    severalApps,
  }: Pick<CopilotSettings, "publisherPrefix" | "publisherName" | "severalApps">,
): ArtefactNames {
  const identifier = appIdentifier(app.name);
  const idOf = (what: string): string => uuidV5(namespace, `${publisherPrefix}/${app.name}/${what}`);
  const variable = (suffix: string, label: string): VariableName => ({
    schemaName: fitted(`${publisherPrefix}_${identifier}${suffix}`, limits.schemaName),
    displayName: fitted(`${app.name} ${label}`, limits.displayName),
  });
  const reference = (suffix: string, connector: Connector): ConnectionReference => ({
    logicalName: fitted(`${publisherPrefix}_${identifier}${suffix}`, limits.connectionReference),
    connector,
  });
  // One agent can have two apps, and then each needs its own word for the same thing.
  const ofApp = (name: string, link: string): string => (severalApps ? `${name}${link}${app.name}` : name);
  const connector = (idSuffix: string, words: string): ConnectorName => {
    const displayName = `${fitted(identifier, limits.connectorName - words.length)}${words}`;
    // As exports encode the display name.
    const schemaName = `${publisherPrefix}_${displayName.toLowerCase().replaceAll(" ", "-20")}`;
    return { connectorId: idOf(idSuffix), displayName, schemaName };
  };
  const flow = (name: string): FlowName => {
    const displayName = fitted(ofApp(name, ": "), limits.workflowName);
    const workflowId = idOf(`flow/${name}`);
    const path = `Workflows/${appIdentifier(displayName)}-${workflowId.toUpperCase()}.json`;
    return { workflowId, displayName, path };
  };
  const topic = (name: string, phrase = name): TopicName => ({
    displayName: fitted(ofApp(name, ": "), limits.displayName),
    identifier: `${appIdentifier(name)}${identifier}`,
    phrase: ofApp(phrase, " for "),
  });
  return {
    solution: {
      uniqueName: fitted(`${publisherPrefix}_${identifier}Token`, limits.solutionUniqueName),
      displayName: fitted(`${app.name}: Microsoft Graph access`, limits.solutionFriendlyName),
    },
    connectorSolution: {
      uniqueName: fitted(`${publisherPrefix}_${identifier}Connector`, limits.solutionUniqueName),
      displayName: fitted(`${app.name}: connector`, limits.solutionFriendlyName),
    },
    connector: connector("connector", " as me"),
    certificateConnector: connector("certificateConnector", " as itself"),
    publisher: {
      uniqueName: publisherName ?? `${publisherPrefix}_publisher`,
      optionValuePrefix: optionValuePrefix(publisherPrefix),
    },
    variables: {
      tenantId: variable("TenantId", "tenant ID"),
      clientId: variable("ClientId", "client ID"),
      clientSecret: variable("ClientSecret", "client secret"),
      graphScope: variable("GraphScope", "Microsoft Graph scope"),
      logicAppPath: variable("LogicAppPath", "Logic App path"),
    },
    dataverse: reference("Dataverse", dataverse),
    logicApp: reference("LogicApp", httpWithEntra),
    tokenFlow: flow("Get Azure Access Token"),
    tokenTopic: topic("Get Azure Access Token", "Generate Access Token"),
    asMeTopic: topic("Ask Microsoft Graph as me"),
    ofApi: (name) => ({
      scope: variable(`Api${appIdentifier(name)}Scope`, `${name} scope`),
      baseUrl: variable(`Api${appIdentifier(name)}BaseUrl`, `${name} base URL`),
    }),
    ofRequest: (title) => ({ flow: flow(title), topic: topic(title) }),
    postman: { collectionId: idOf("postman/collection"), environmentId: idOf("postman/environment") },
  };
}

/** Dataverse wants a number from 10000 to 99999 beside a prefix; Dataverse too derives it from the prefix. */
function optionValuePrefix(publisherPrefix: string): number {
  return 10000 + (createHash("sha1").update(publisherPrefix).digest().readUInt32BE(0) % 90000);
}

/**
 * A UUID that depends on nothing but its name, so that a second generation gives the same one.
 *
 * @param namespace A UUID that keeps our names apart from others'.
 * @returns Version 5, lower case.
 * @see https://www.rfc-editor.org/rfc/rfc9562#section-5.5 (read 2026-11)
 */
export function uuidV5(namespace: string, name: string): string {
  const bytes = createHash("sha1")
    .update(Buffer.from(namespace.replaceAll("-", ""), "hex"))
    .update(name, "utf8")
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Everything that was granted to the app on Microsoft Graph: the only scope that client credentials can ask for. */
export function graphScope({ graph }: Pick<Cloud, "graph">): string {
  return `${graph}/.default`;
}
