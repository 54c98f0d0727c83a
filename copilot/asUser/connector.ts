import { graphResource } from "../../core/permissions/graphRequest";
import { jsonFile, type ArtefactFiles } from "../files";
import type { ConnectorName } from "../names";
import type { UserApp } from "../settings";
import { element, renderXml, textElements } from "../xml";
import type { AsMeRequest } from "./asMeRequests";

/** A custom connector as a component of a solution. */
export interface SolutionConnector {
  readonly name: ConnectorName;
  /** By name, without a folder: the unpacked solution and the import zip have them in different ones. */
  readonly files: ArtefactFiles;
}

/**
 * A connector that asks Microsoft Graph in the name of an agent's user. A managed identity of the connector signs in as the
 * app, in place of a client secret, and the platform exchanges the user's own sign-in for a token (on-behalf-of).
 *
 * @see https://learn.microsoft.com/microsoft-copilot-studio/advanced-custom-connector-on-behalf-of (read 2026-11)
 * @see https://learn.microsoft.com/graph/mcp-server/use-enterprise-mcp-server-copilot-studio (read 2026-11): the connector's
 *   managed identity
 */
export function asMeConnector(
  app: UserApp,
  name: ConnectorName,
  requests: readonly AsMeRequest[],
): SolutionConnector {
  const { schemaName } = name;
  return {
    name,
    files: new Map([
      [`${schemaName}.xml`, renderXml(connectorRow(app, name), { declaration: true })],
      [`${schemaName}_openapidefinition.json`, jsonFile(openApi(app, name, requests))],
      [`${schemaName}_connectionparameters.json`, jsonFile(connectionParameters(app))],
      [`${schemaName}_policytemplateinstances.json`, jsonFile([])],
    ]),
  };
}

function connectorRow(app: UserApp, { schemaName, connectorId, displayName }: ConnectorName) {
  return element(
    "Connector",
    { "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance" },
    textElements({
      connectorid: connectorId,
      description: `Asks Microsoft Graph as the signed-in user, by the app ${app.name}.`,
      displayname: displayName,
      iconbrandcolor: "#007ee5",
      name: schemaName,
      connectortype: 1,
      openapidefinition: `/Connector/${schemaName}_openapidefinition.json`,
      connectionparameters: `/Connector/${schemaName}_connectionparameters.json`,
      policytemplateinstances: `/Connector/${schemaName}_policytemplateinstances.json`,
    }),
  );
}

/** Connectors take Swagger 2.0. */
function openApi(app: UserApp, { displayName }: ConnectorName, requests: readonly AsMeRequest[]): object {
  return {
    swagger: "2.0",
    info: {
      title: displayName,
      description: `Asks Microsoft Graph as the signed-in user, by the app ${app.name}.`,
      version: "1.0",
    },
    host: new URL(graphResource).host,
    basePath: "/",
    schemes: ["https"],
    consumes: [],
    produces: ["application/json"],
    paths: Object.fromEntries(requests.map((request) => [pathOf(request), { get: operation(request) }])),
    definitions: {},
    securityDefinitions: {
      "oauth2-auth": {
        type: "oauth2",
        flow: "accessCode",
        authorizationUrl: "https://login.microsoftonline.com/common/oauth2/authorize",
        tokenUrl: "https://login.windows.net/common/oauth2/authorize",
        scopes: {},
      },
    },
    security: [{ "oauth2-auth": [] }],
  };
}

function pathOf({ path }: AsMeRequest): string {
  return new URL(path, graphResource).pathname;
}

/** What a connector's operation is called, such as `GetYourFiles`. */
export function operationId({ title }: AsMeRequest): string {
  const words = title.split(/[^a-z0-9]+/i).filter((word) => word !== "");
  return `Get${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")}`;
}

function operation(request: AsMeRequest): object {
  const { path, field, title } = request;
  const item = { type: "object", properties: { [field]: { type: "string", title: field } } };
  return {
    operationId: operationId(request),
    summary: title,
    description: `${title}, as the signed-in user may see it.`,
    parameters: [...new URL(path, graphResource).searchParams].map(([name, value]) => ({
      name,
      in: "query",
      type: "string",
      required: true,
      default: value,
      "x-ms-visibility": "internal",
    })),
    responses: {
      "200": {
        description: "What Microsoft Graph answers",
        // A list comes as "value"; a single object comes bare.
        schema: { type: "object", properties: { ...item.properties, value: { type: "array", items: item } } },
      },
    },
  };
}

/** Without a secret. The subject is the platform's to fill in, within minutes after the import. */
function connectionParameters({ tenantId, clientId }: UserApp): object {
  return {
    token: {
      type: "oauthSetting",
      oAuthSettings: {
        identityProvider: "aad",
        clientId,
        clientAssertionType: "GenericFederatedIdentityCredential",
        scopes: [],
        redirectMode: "GlobalPerConnector",
        redirectUrl: "https://global.consent.azure-apim.net/redirect",
        properties: {
          IsFirstParty: "False",
          // Without a slash at its end.
          AzureActiveDirectoryResourceId: graphResource,
          IsOnbehalfofLoginSupported: true,
          FederatedIdentityCredentials: {
            Issuer: `https://login.microsoftonline.com/${tenantId}/v2.0`,
            Subject: "",
            Audience: "api://AzureADTokenExchange",
          },
        },
        customParameters: {
          LoginUri: { value: "https://login.microsoftonline.com" },
          TenantId: { value: tenantId },
          ResourceUri: { value: graphResource },
          EnableOnbehalfOfLogin: { value: "true" },
          grantType: { value: "authorization_code_with_federated_identity_credentials" },
        },
      },
      uiDefinition: {
        displayName: "OAuth Connection",
        description: "OAuth Connection",
        constraints: { required: "true", hidden: "false" },
      },
    },
    "token:TenantId": {
      type: "string",
      metadata: { sourceType: "AzureActiveDirectoryTenant" },
      uiDefinition: { constraints: { required: "false", hidden: "true" } },
    },
  };
}
