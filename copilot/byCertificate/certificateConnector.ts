import type { Cloud } from "../../core/cloud/clouds";
import { graphScope, type ConnectorName } from "../names";
import type { AgentRequest } from "../requests/agentRequest";
import type { CertificateApp } from "../settings";
import {
  connectorTokenUrl,
  inOneWord,
  internalQuery,
  solutionConnector,
  type SolutionConnector,
} from "../solution/connector";

/** By it, a connection of Power Platform chooses the client certificate. */
const scheme = "certOauth";

/** Whether a connector can make a request: it reads, and each value is a part of the path or of the query by itself. */
export function fitsConnector({ method, path, parameters }: AgentRequest): boolean {
  const { segments, query } = partsOf(path);
  const whole = [...segments, ...query.map(([, value]) => value)];
  return method === "GET" && parameters.every(({ name }) => whole.includes(`{${name}}`));
}

/**
 * A connector that asks Microsoft Graph as the app itself: the person who makes a connection gives it the app's certificate
 * with its key, as a PFX.
 *
 * @see https://github.com/cjennison/microsoft-trusted-customer: an export with this way to sign in (read 2026-11)
 */
export function certificateConnector(
  app: CertificateApp,
  name: ConnectorName,
  requests: readonly AgentRequest[],
): SolutionConnector {
  const { cloud } = app;
  const parameters = connectionParameters(cloud);
  return solutionConnector({
    cloud,
    name,
    description: `Asks Microsoft Graph as the app ${app.name}, by its certificate.`,
    paths: Object.fromEntries(requests.map((request) => [pathname(request), { get: operation(request) }])),
    scheme,
    security: { type: "oauth2", flow: "application", tokenUrl: connectorTokenUrl(cloud), scopes: {} },
    connectionParameters: parameters,
    connectionParameterSets: {
      uiDefinition: { displayName: "Authentication type", description: "How the connection signs in." },
      values: [
        {
          name: scheme,
          uiDefinition: {
            displayName: "Client Certificate Auth",
            description: "The app's client ID and tenant ID, and its certificate as a PFX.",
          },
          parameters,
          metadata: { allowSharing: true },
        },
      ],
    },
  });
}

/** What a connector's operation is called, such as `FindASharePointSite`. */
export function certificateOperationId({ title }: AgentRequest): string {
  return inOneWord(title);
}

/** `URL` would encode the names of parameters. */
function partsOf(path: string): { readonly segments: string[]; readonly query: [string, string][] } {
  const [before = "", after = ""] = path.split("?");
  const query = after
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair): [string, string] => {
      const [key = "", ...value] = pair.split("=");
      return [decodeURIComponent(key), decodeURIComponent(value.join("="))];
    });
  return { segments: before.split("/"), query };
}

function pathname({ path }: AgentRequest): string {
  return partsOf(path).segments.join("/");
}

function operation(request: AgentRequest): object {
  const { path, title, description, fields, parameters } = request;
  const { segments, query } = partsOf(path);
  const properties = Object.fromEntries(
    // Dotted properties of inner objects come as they are.
    fields.map((field) => field.split("/")[0] ?? "").map((field) => [field, { title: field }]),
  );
  return {
    operationId: certificateOperationId(request),
    summary: title,
    description,
    parameters: [
      ...parameters.map(({ name, title: label, description: hint }) => ({
        name: query.find(([, value]) => value === `{${name}}`)?.[0] ?? name,
        ...(segments.includes(`{${name}}`) ? { in: "path", "x-ms-url-encoding": "single" } : { in: "query" }),
        type: "string",
        required: true,
        "x-ms-summary": label,
        description: hint,
      })),
      ...internalQuery(query.filter(([, value]) => !parameters.some(({ name }) => value === `{${name}}`))),
    ],
    responses: {
      "200": {
        description: "What Microsoft Graph answers",
        schema: {
          type: "object",
          properties: { ...properties, value: { type: "array", items: { type: "object", properties } } },
        },
      },
    },
  };
}

/** Neither the app's IDs nor its certificate: the connection brings them. */
function connectionParameters(cloud: Cloud): object {
  const field = (displayName: string, description: string) => ({
    displayName,
    description,
    constraints: { required: "true", hidden: "false" },
  });
  return {
    token: {
      type: "oauthSetting",
      oAuthSettings: {
        identityProvider: "aad",
        clientId: "00000000-0000-0000-0000-000000000000",
        scopes: [graphScope(cloud)],
        properties: {
          IsFirstParty: "False",
          AzureActiveDirectoryResourceId: cloud.graph,
          IsOnbehalfofLoginSupported: false,
        },
        customParameters: {
          grantType: { value: "client_credentials" },
          LoginUri: { value: cloud.authority },
          TenantId: { value: "organizations" },
          ResourceUri: { value: cloud.graph },
          EnableOnbehalfOfLogin: { value: "false" },
        },
      },
      uiDefinition: {
        displayName: "Client certificate",
        description: "Signs in as the app, by its certificate.",
        constraints: { required: "false", hidden: "true" },
      },
    },
    "token:clientId": { type: "string", uiDefinition: field("Client ID", "Client ID of the app") },
    "token:clientCertificateSecret": {
      type: "clientCertificate",
      uiDefinition: field("Client certificate", "The app's certificate with its key, as a PFX"),
    },
    "token:TenantId": { type: "string", uiDefinition: field("Tenant ID", "ID of the tenant") },
  };
}
