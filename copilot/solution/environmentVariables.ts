import type { ArtefactFiles } from "../files";
import { graphScope, type ArtefactNames, type VariableName } from "../names";
import type { AgentRequest, RequestApi } from "../requests/agentRequest";
import type { SecretApp } from "../settings";
import { element, renderXml, textElements, type XmlElement } from "../xml";
import { languageCode } from "./solutionManifest";

/** Codes of Dataverse. @see https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/environmentvariabledefinition (read 2026-11) */
const typeCodes = { String: 100000000, Secret: 100000005 } as const;

/** An environment variable of the solution, with the value that the deployment settings give it. */
export interface EnvironmentVariable {
  readonly name: VariableName;
  readonly type: keyof typeof typeCodes;
  readonly description: string;
  /** Travels with the solution, so it may hold nothing of one tenant. */
  readonly defaultValue?: string;
  /** Of the environment that is imported to. For a secret: the ARM ID of the vault secret, never its value. */
  readonly value: string;
}

/** The variables that flows and topics read where there is a secret. */
export function environmentVariables(
  app: SecretApp,
  names: ArtefactNames,
  requests: readonly AgentRequest[],
): EnvironmentVariable[] {
  const { tenantId, clientId, clientSecret, graphScope: scope } = names.variables;
  return [
    {
      name: clientId,
      type: "String",
      description: "Application (client) ID of the app registration.",
      value: app.clientId,
    },
    {
      name: clientSecret,
      type: "Secret",
      description: "Client secret of the app registration, read from Azure Key Vault.",
      value: app.secretResourceId,
    },
    {
      name: scope,
      type: "String",
      description: "What the token is for.",
      defaultValue: graphScope(app.cloud),
      value: graphScope(app.cloud),
    },
    { name: tenantId, type: "String", description: "Directory (tenant) ID.", value: app.tenantId },
    ...requests.flatMap(({ api }) => (api === undefined ? [] : apiVariables(api, names))),
  ];
}

function apiVariables(api: RequestApi, names: ArtefactNames): EnvironmentVariable[] {
  const { scope, baseUrl } = names.ofApi(api.name);
  return [
    {
      name: baseUrl,
      type: "String",
      description: `Where ${api.name} is: https:// and a host. The app's token for it goes there and nowhere else.`,
      value: api.baseUrl,
    },
    {
      name: scope,
      type: "String",
      description: `What the token for ${api.name} is for.`,
      value: `${api.audience}/.default`,
    },
  ];
}

/** The definitions: one folder a variable, the same when zipped and unpacked. Values stay out of them. */
export function environmentVariableFiles(variables: readonly EnvironmentVariable[]): ArtefactFiles {
  return new Map(
    variables.map((variable) => [
      `environmentvariabledefinitions/${variable.name.schemaName}/environmentvariabledefinition.xml`,
      renderXml(definition(variable), { declaration: false }),
    ]),
  );
}

/** Children in alphabetical order, as exports have them. */
function definition({ name, type, description, defaultValue }: EnvironmentVariable): XmlElement {
  const label = (text: string): XmlElement[] => [
    element("label", { description: text, languagecode: languageCode }),
  ];
  return element("environmentvariabledefinition", { schemaname: name.schemaName }, [
    ...(defaultValue === undefined ? [] : [element("defaultvalue", {}, defaultValue)]),
    element("description", { default: description }, label(description)),
    element("displayname", { default: name.displayName }, label(name.displayName)),
    ...textElements({
      introducedversion: "1.0.0.0",
      iscustomizable: 1,
      isrequired: 0,
      // 0: Azure Key Vault. Exports carry it on every variable, secret or not.
      secretstore: 0,
      type: typeCodes[type],
    }),
  ]);
}
