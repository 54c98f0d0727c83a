import type { Cloud } from "../core/cloud/clouds";
import { graphScope, type ArtefactNames } from "./names";
import { serviceName, type AgentRequest, type RequestApi } from "./requests/agentRequest";
import { appIdentifier, type CopilotApp } from "./settings";

/** Names of the environment's values about one API. */
interface ApiKeys {
  readonly scope: string;
  readonly accessToken: string;
  readonly baseUrl?: string;
}

const graphKeys: ApiKeys = { scope: "scope", accessToken: "accessToken" };

/** Each API has a token of its own, so that none goes to another API. */
function keysOf({ name }: RequestApi): Required<ApiKeys> {
  const identifier = appIdentifier(name);
  return {
    scope: `${identifier}Scope`,
    accessToken: `${identifier}AccessToken`,
    baseUrl: `${identifier}BaseUrl`,
  };
}

/**
 * A Postman collection: for Microsoft Graph and for each other API the token request, and one call with the token.
 *
 * @param requests Without values from a conversation. Of those for Microsoft Graph the first one is used; there is none
 *   when no call is known that the app's permissions allow.
 * @see https://schema.getpostman.com/json/collection/v2.1.0/docs/index.html (read 2026-11)
 */
export function postmanCollection(
  app: CopilotApp,
  names: ArtefactNames,
  requests: readonly AgentRequest[],
): object {
  const ofGraph = requests.find(({ api }) => api === undefined);
  return {
    info: {
      _postman_id: names.postman.collectionId,
      name: names.solution.displayName,
      description:
        `What the flow and the topic of ${app.name} send. Choose the environment of the same name, put the client ` +
        "secret into its current value (which stays on this machine), send a token request, then the one after it.",
      schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    },
    item: [
      tokenItem(app.cloud, tokenRequestName(undefined), graphKeys),
      ...(ofGraph === undefined ? [] : [requestItem(app.cloud, ofGraph, graphKeys)]),
      ...requests.flatMap((request) => {
        if (request.api === undefined) return [];
        const keys = keysOf(request.api);
        return [
          tokenItem(app.cloud, tokenRequestName(request.api), keys),
          requestItem(app.cloud, request, keys),
        ];
      }),
    ],
  };
}

/** The values of {@link postmanCollection}; those of type secret are empty, for the user to fill in. */
export function postmanEnvironment(
  app: CopilotApp,
  names: ArtefactNames,
  requests: readonly AgentRequest[],
): object {
  const value = (key: string, text: string, type: "default" | "secret" = "default"): object => ({
    key,
    value: text,
    type,
    enabled: true,
  });
  return {
    id: names.postman.environmentId,
    name: names.solution.displayName,
    values: [
      value("tenantId", app.tenantId),
      value("clientId", app.clientId),
      value("clientSecret", "", "secret"),
      value("scope", graphScope(app.cloud)),
      value("accessToken", "", "secret"),
      ...requests.flatMap(({ api }) => {
        if (api === undefined) return [];
        const keys = keysOf(api);
        return [
          value(keys.baseUrl, api.baseUrl),
          value(keys.scope, `${api.audience}/.default`),
          value(keys.accessToken, "", "secret"),
        ];
      }),
    ],
    _postman_variable_scope: "environment",
  };
}

function tokenRequestName(api: RequestApi | undefined): string {
  return api === undefined ? "Get a token" : `Get a token for ${api.name}`;
}

function tokenItem({ authority }: Cloud, name: string, { scope, accessToken }: ApiKeys): object {
  const field = (key: string, value: string): object => ({ key, value, type: "text" });
  return {
    name,
    event: [
      {
        listen: "test",
        script: {
          type: "text/javascript",
          exec: [
            // Emptied, not unset: the variable stays one of type secret.
            `pm.environment.set("${accessToken}", "");`,
            'pm.test("Microsoft Entra gives a token", () => {',
            "  pm.response.to.have.status(200);",
            "  const { access_token } = pm.response.json();",
            '  pm.expect(access_token).to.be.a("string").that.is.not.empty;',
            `  pm.environment.set("${accessToken}", access_token);`,
            "});",
            // A run of the whole collection ends here; by hand, the next request can still be sent.
            `if (pm.environment.get("${accessToken}") === "") pm.execution.setNextRequest(null);`,
          ],
        },
      },
    ],
    request: {
      method: "POST",
      auth: { type: "noauth" },
      header: [{ key: "Accept", value: "application/json" }],
      body: {
        mode: "urlencoded",
        urlencoded: [
          field("grant_type", "client_credentials"),
          field("client_id", "{{clientId}}"),
          field("client_secret", "{{clientSecret}}"),
          field("scope", `{{${scope}}}`),
        ],
      },
      url: {
        raw: `${authority}/{{tenantId}}/oauth2/v2.0/token`,
        protocol: "https",
        host: new URL(authority).hostname.split("."),
        path: ["{{tenantId}}", "oauth2", "v2.0", "token"],
      },
    },
    response: [],
  };
}

function requestItem({ graph }: Cloud, request: AgentRequest, { baseUrl, accessToken }: ApiKeys): object {
  const [path = "", query = ""] = request.path.split("?");
  const service = serviceName(request);
  const address =
    baseUrl === undefined
      ? { protocol: "https", host: new URL(graph).hostname.split(".") }
      : { host: [`{{${baseUrl}}}`] };
  return {
    name: `Ask ${service}`,
    event: [
      {
        listen: "test",
        script: {
          type: "text/javascript",
          exec: [
            // Expired, or of an app that was disabled since.
            `if (pm.response.code === 401) pm.environment.set("${accessToken}", "");`,
            `pm.test(${JSON.stringify(`${service} answers (after a 401, send "${tokenRequestName(request.api)}" again)`)}, () => pm.response.to.have.status(200));`,
          ],
        },
      },
    ],
    request: {
      method: "GET",
      auth: { type: "bearer", bearer: [{ key: "token", value: `{{${accessToken}}}`, type: "string" }] },
      header: [{ key: "Accept", value: "application/json" }],
      url: {
        raw: `${baseUrl === undefined ? graph : `{{${baseUrl}}}`}${request.path}`,
        ...address,
        path: path.split("/").slice(1),
        ...(query === ""
          ? {}
          : {
              query: query.split("&").map((pair) => {
                const [key = "", ...value] = pair.split("=");
                return { key, value: value.join("=") };
              }),
            }),
      },
    },
    response: [],
  };
}
