import { graphResource } from "../core/permissions/graphRequest";
import { graphScope } from "./graphScope";
import type { ArtefactNames } from "./names";
import type { AgentRequest } from "./requests/agentRequest";
import type { CopilotApp } from "./settings";

/**
 * A Postman collection: the token request, and one call of Microsoft Graph with the token.
 *
 * @param request Left out when no call is known that the app's permissions allow.
 * @see https://schema.getpostman.com/json/collection/v2.1.0/docs/index.html (read 2026-11)
 */
export function postmanCollection(
  app: CopilotApp,
  names: ArtefactNames,
  request: AgentRequest | undefined,
): object {
  return {
    info: {
      _postman_id: names.postman.collectionId,
      name: names.solution.displayName,
      description:
        `What the flow and the topic of ${app.name} send. Choose the environment of the same name, put the client ` +
        "secret into its current value (which stays on this machine), send the first request, then the second.",
      schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    },
    item: [tokenItem(), ...(request === undefined ? [] : [graphItem(request)])],
  };
}

/** The values of {@link postmanCollection}; those of type secret are empty, for the user to fill in. */
export function postmanEnvironment(app: CopilotApp, names: ArtefactNames): object {
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
      value("scope", graphScope),
      value("accessToken", "", "secret"),
    ],
    _postman_variable_scope: "environment",
  };
}

function tokenItem(): object {
  const field = (key: string, value: string): object => ({ key, value, type: "text" });
  return {
    name: "Get a token",
    event: [
      {
        listen: "test",
        script: {
          type: "text/javascript",
          exec: [
            'pm.test("Microsoft Entra gives a token", () => pm.response.to.have.status(200));',
            'if (pm.response.code === 200) pm.environment.set("accessToken", pm.response.json().access_token);',
            'else pm.environment.unset("accessToken");',
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
          field("scope", "{{scope}}"),
        ],
      },
      url: {
        raw: "https://login.microsoftonline.com/{{tenantId}}/oauth2/v2.0/token",
        protocol: "https",
        host: ["login", "microsoftonline", "com"],
        path: ["{{tenantId}}", "oauth2", "v2.0", "token"],
      },
    },
    response: [],
  };
}

function graphItem(request: AgentRequest): object {
  const [path = "", query = ""] = request.path.split("?");
  return {
    name: "Ask Microsoft Graph",
    event: [
      {
        listen: "test",
        script: {
          type: "text/javascript",
          exec: ['pm.test("Microsoft Graph answers", () => pm.response.to.have.status(200));'],
        },
      },
    ],
    request: {
      method: "GET",
      auth: { type: "bearer", bearer: [{ key: "token", value: "{{accessToken}}", type: "string" }] },
      header: [{ key: "Accept", value: "application/json" }],
      url: {
        raw: `${graphResource}${request.path}`,
        protocol: "https",
        host: new URL(graphResource).hostname.split("."),
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
