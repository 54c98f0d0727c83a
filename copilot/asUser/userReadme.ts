import { cloudLimits, table, readmeOrigin } from "../readme/markdown";
import type { ArtefactNames } from "../names";
import { otherProblem } from "../problems";
import type { CopilotSettings, UserApp } from "../settings";
import { asMeProblems, notSignedIn, type AsMeRequest } from "./asMeRequests";
import { connectorSection } from "./connectorReadme";
import { manualSignInSection } from "./manualSignIn";

/** The README for an app that acts as its signed-in user. */
export function userReadme(
  app: UserApp,
  settings: CopilotSettings,
  names: ArtefactNames,
  requests: readonly AsMeRequest[],
  hasConnector: boolean,
): string {
  const hasAgent = settings.agents.length > 0 || settings.newAgent !== undefined;
  return [
    `# ${app.name} in Copilot Studio`,
    `${readmeOrigin} It holds no secret. The agent acts as the user who chats with it: it reaches what that user can reach by ${app.delegated.join(", ")}, and no more. Not yet imported into a live tenant: formats are those of Microsoft's public exports.`,
    choiceSection(app, hasConnector),
    filesSection(requests, hasAgent, hasConnector),
    manualSignInSection(app),
    ...(hasConnector ? [connectorSection(app, names, requests)] : []),
    topicSection(app, names, requests, hasAgent),
    problemsSection(),
    limitsSection(app, settings),
  ]
    .join("\n\n")
    .concat("\n");
}

/** Three sentences. */
function choiceSection({ cloud }: UserApp, hasConnector: boolean): string {
  const connector = hasConnector
    ? "Choose *Authenticate with Microsoft* and the **connector** for agents in Teams, Microsoft 365 and SharePoint: no topic sees a token, and Microsoft recommends it for employees."
    : (cloud.missing.connectors ??
      "*Authenticate with Microsoft* needs the connector, which is made for apps with `credential: federated`.");
  return `## Which way

${connector} Choose *Authenticate manually* and the **topic** for other channels, or where topics are to call Microsoft Graph themselves: every topic of the agent can then read the user's token. Authentication settings do not travel in a solution, so set either of them by hand in each environment.`;
}

function filesSection(requests: readonly AsMeRequest[], hasAgent: boolean, hasConnector: boolean): string {
  return table(
    ["File", "What it is"],
    [
      ...(requests.length === 0
        ? []
        : [
            [
              "`topics/ask-microsoft-graph-as-me.yaml`",
              "Topic **Ask Microsoft Graph as me**: an HTTP node asks with the token of the signed-in user.",
            ],
          ]),
      ["`topics/sign-in.yaml`", "System topic **Sign in**, which says what the agent can then reach."],
      ...(hasConnector
        ? [
            [
              "`connector/solution.zip`",
              "A solution with the custom connector, for *Authenticate with Microsoft*. Import it on its own, before anything that uses it.",
            ],
            ["`connector/solution/`", "The same unpacked."],
          ]
        : []),
      ...(hasAgent
        ? [
            ["`solution.zip`", "The solution to import: the topics in the agents."],
            ["`solution/`", "The same solution unpacked, for version control."],
            [
              "`deployment-settings.json`",
              "For `pac solution import`. It has no values: nothing here needs one.",
            ],
          ]
        : []),
    ],
  );
}

function topicSection(
  { cloud }: UserApp,
  { asMeTopic }: ArtefactNames,
  requests: readonly AsMeRequest[],
  hasAgent: boolean,
): string {
  if (requests.length === 0) {
    return `## The topic

No read of a user's own data is known for these permissions, so there is no topic. Name a request with \`--graph-request\` and \`--graph-field\`.`;
  }
  const put = hasAgent
    ? `Import \`solution.zip\` in ${cloud.makers.powerApps}, **Solutions**, **Import solution**; or \`pac solution import --path solution.zip --publish-changes\`. A new agent brings its Sign in topic.`
    : "In the agent, **Topics**, **Add a topic**, **From blank**, the menu **…**, **Open code editor**: replace everything with `topics/ask-microsoft-graph-as-me.yaml`, and **Save**.";
  return `## The topic

${put} To use the text of \`topics/sign-in.yaml\`, open **Topics**, **System**, **Sign in**, and its code editor.

In the test pane, sign in when the agent asks, and say "${asMeTopic.phrase}":

${table(
  ["Request", "The agent says"],
  requests.map(({ path, field, title }) => [`\`GET ${path}\``, `${title}: … (\`${field}\`)`]),
)}

The token is \`System.User.AccessToken\`: every topic of the agent can read it. Never show it in a message, and give it to no flow. Other requests go into further HTTP nodes in the same way, with the header \`Authorization\` set to \`="Bearer " & System.User.AccessToken\`.`;
}

function problemsSection(): string {
  return `## When the agent reports a problem

${table(
  ["Code", "The agent says"],
  [
    ["no token", notSignedIn],
    ...asMeProblems.map(({ codes, message }) => [codes.map((code) => `\`${code}\``).join(", "), message]),
    ["other", otherProblem],
  ],
)}

\`npm run verify\` compares consent, assignment, redirect URIs and the agent's credential with the settings.`;
}

function limitsSection({ cloud }: UserApp, { newAgent }: CopilotSettings): string {
  return `## Limits

${cloudLimits(cloud, "agents")}- **Authentication settings do not travel in a solution.** After each import into another environment, set them by hand, as above.
- The token is for Microsoft Graph alone, whatever other scopes are asked for.
- Phrases start topics under classic orchestration alone. Under generative orchestration the topic's description decides, and so a model does.${
    newAgent === undefined
      ? ""
      : "\n- The new agent brings its own system topics, without Search and without a model. Which of them an import needs at least is not documented."
  }`;
}
