import { problemCodes } from "../../core/agent/problemCodes";
import type { Cloud } from "../../core/cloud/clouds";
import type { TopicName } from "../names";
import { otherProblem } from "../problems";
import type { UserApp } from "../settings";
import {
  conditionGroup,
  isProblem,
  powerFxText,
  sendActivity,
  setVariable,
  type TopicNode,
  topicFile,
} from "../topics/nodes";
import { requestTimeoutMilliseconds } from "../topics/tokenNodes";
import { asMeProblems, notSignedIn, type AsMeRequest } from "./asMeRequests";

/**
 * The topic "Ask Microsoft Graph as me": the platform's own token of the signed-in user goes into the header of each
 * request, and into no variable and no message.
 *
 * @see https://learn.microsoft.com/microsoft-copilot-studio/advanced-end-user-authentication (read 2026-11)
 */
export function asMeTopic(app: UserApp, requests: readonly AsMeRequest[], name: TopicName): string {
  return topicFile({
    displayName: name.displayName,
    modelDescription:
      `Asks Microsoft Graph as the signed-in user, by the app ${app.name} ` +
      `(${requests.map(({ path }) => `GET ${path}`).join(", ")}), and reports what the user may see. ` +
      `Use it when the user says "${name.phrase}".`,
    triggerQueries: [name.phrase],
    actions: [
      conditionGroup(
        "signed",
        [
          {
            suffix: "nouser",
            condition: "=IsBlank(System.User.AccessToken)",
            actions: [sendActivity("nouser", notSignedIn)],
          },
        ],
        requests.flatMap((request, index) => requestNodes(app.cloud, request, index)),
      ),
    ],
  });
}

/** One request and what the agent says of its answer. Variables and node IDs end with the request's number. */
function requestNodes(
  { graph }: Pick<Cloud, "graph">,
  { path, field, title }: AsMeRequest,
  index: number,
): TopicNode[] {
  const number = index + 1;
  const [response, status, refusal, code] = ["Response", "Status", "Refusal", "ProblemCode"].map(
    (name) => `Topic.${name}${number}`,
  ) as [string, string, string, string];
  const id = (suffix: string): string => `${suffix.slice(0, 5)}${number}`;
  const say = (suffix: string, message: string): TopicNode =>
    sendActivity(
      id(suffix),
      `${message} ({${code}}: {Coalesce(${refusal}.error.message, ${powerFxText("no further explanation")})})`,
    );
  return [
    {
      kind: "HttpRequestAction",
      id: `httpRequestAction_${id("askgr")}`,
      displayName: title,
      method: "Get",
      url: `=${powerFxText(`${graph}${path}`)}`,
      headers: {
        Accept: "application/json",
        Authorization: '=Concatenate("Bearer ", System.User.AccessToken)',
      },
      errorHandling: {
        kind: "ContinueOnErrorBehavior",
        statusCode: status,
        errorResponseBody: `Topic.Error${number}`,
      },
      requestTimeoutInMilliseconds: requestTimeoutMilliseconds,
      response,
      // A list comes as "value"; a single object comes bare.
      responseSchema: {
        kind: "Record",
        properties: {
          [field]: "String",
          value: { type: { kind: "Table", properties: { [field]: "String" } } },
        },
      },
    },
    {
      kind: "ParseValue",
      id: `parseValue_${id("refus")}`,
      variable: refusal,
      valueType: {
        kind: "Record",
        properties: { error: { type: { kind: "Record", properties: { message: "String" } } } },
      },
      value: `=Topic.Error${number}`,
      errorPolicy: "DefaultBlank",
    },
    setVariable(
      id("pcode"),
      code,
      `=If(!IsBlank(${status}), Concatenate("HTTP_", Text(${status})), If(IsBlank(${response}), ${powerFxText(problemCodes.noAnswer)}, ""))`,
    ),
    conditionGroup(
      id("outco"),
      [
        {
          suffix: id("gotone"),
          condition: `=IsBlank(${code})`,
          actions: [
            setVariable(
              id("answe"),
              `Topic.Answer${number}`,
              `=Coalesce(If(IsBlank(${response}.value), ${response}.${field}, Concat(${response}.value, ThisRecord.${field}, ", ")), "nothing")`,
            ),
            sendActivity(id("gotone"), `${title}: {Topic.Answer${number}}`),
          ],
        },
        ...asMeProblems.map(({ key, codes, message }) => ({
          suffix: id(key),
          condition: `=${isProblem(code, codes)}`,
          actions: [say(key, message)],
        })),
      ],
      [say("other", otherProblem)],
    ),
  ];
}
