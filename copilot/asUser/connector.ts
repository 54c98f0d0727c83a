import { connectorRedirect } from "../../core/cloud/clouds";
import { identityIssuer } from "../../core/access/trust";
import type { ConnectorName } from "../names";
import type { UserApp } from "../settings";
import {
  connectorTokenUrl,
  inOneWord,
  internalQuery,
  solutionConnector,
  type SolutionConnector,
} from "../solution/connector";
import type { AsMeRequest } from "./asMeRequests";

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
  const { cloud } = app;
  const { authority, graph } = cloud;
  return solutionConnector({
    cloud,
    name,
    description: `Asks Microsoft Graph as the signed-in user, by the app ${app.name}.`,
    paths: Object.fromEntries(
      requests.map((request) => [pathOf(graph, request), { get: operation(graph, request) }]),
    ),
    scheme: "oauth2-auth",
    security: {
      type: "oauth2",
      flow: "accessCode",
      authorizationUrl: `${authority}/common/oauth2/authorize`,
      tokenUrl: connectorTokenUrl(cloud),
      scopes: {},
    },
    connectionParameters: connectionParameters(app),
  });
}

function pathOf(graph: string, { path }: AsMeRequest): string {
  return new URL(path, graph).pathname;
}

/** What a connector's operation is called, such as `GetYourFiles`. */
export function operationId({ title }: AsMeRequest): string {
  return `Get${inOneWord(title)}`;
}

function operation(graph: string, request: AsMeRequest): object {
  const { path, field, title } = request;
  const item = { type: "object", properties: { [field]: { type: "string", title: field } } };
  return {
    operationId: operationId(request),
    summary: title,
    description: `${title}, as the signed-in user may see it.`,
    parameters: internalQuery(new URL(path, graph).searchParams),
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
function connectionParameters({ cloud, tenantId, clientId }: UserApp): object {
  return {
    token: {
      type: "oauthSetting",
      oAuthSettings: {
        identityProvider: "aad",
        clientId,
        clientAssertionType: "GenericFederatedIdentityCredential",
        scopes: [],
        redirectMode: "GlobalPerConnector",
        redirectUrl: connectorRedirect(cloud),
        properties: {
          IsFirstParty: "False",
          // Without a slash at its end.
          AzureActiveDirectoryResourceId: cloud.graph,
          IsOnbehalfofLoginSupported: true,
          FederatedIdentityCredentials: {
            Issuer: identityIssuer(cloud, tenantId),
            Subject: "",
            Audience: cloud.exchangeAudience,
          },
        },
        customParameters: {
          LoginUri: { value: cloud.authority },
          TenantId: { value: tenantId },
          ResourceUri: { value: cloud.graph },
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
