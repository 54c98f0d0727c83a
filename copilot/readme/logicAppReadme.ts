import { cloudLimits, table, readmeOrigin } from "./markdown";
import { connectorClientId, type LogicAppRequest } from "../../core/agent/logicAppRequest";
import { logicAppAddress } from "../flows/logicAppFlow";
import type { ArtefactNames } from "../names";
import type { AgentRequest } from "../requests/agentRequest";
import { logicAppProblems } from "../problems";
import type { CopilotSettings, LogicAppApp } from "../settings";
import { importSteps, importTable } from "./importSteps";
import { questionsSection, toolPathSections } from "./paths";

/** The README of an app with a Logic App: what each file is, how to import it, and who can then do what. */
export function logicAppReadme(
  app: LogicAppApp,
  settings: CopilotSettings,
  names: ArtefactNames,
  request: LogicAppRequest,
  requests: readonly AgentRequest[],
): string {
  return [
    `# ${app.name} in Copilot Studio, without a secret`,
    `${readmeOrigin} Not yet imported into a live tenant: formats are those of Microsoft's public exports.`,
    questionsSection(settings, requests, { direct: false }),
    filesSection(requests),
    howSection(app, request),
    connectionSection(app),
    importSection(app, names, settings, request),
    ...toolPathSections(app.cloud, names, settings, requests),
    problemsSection(),
    limitsSection(app, settings),
  ]
    .join("\n\n")
    .concat("\n");
}

function filesSection(requests: readonly AgentRequest[]): string {
  return `## Files\n\n${table(
    ["File", "What it is"],
    [
      ...requests.map(({ key, title }) => [`\`topics/${key}.yaml\``, `Topic **${title}**, by its flow.`]),
      ["`tools/`", "The flows as tools of the new experience."],
      ["`solution.zip`", "The solution to import: flows, environment variable, connection reference."],
      [
        "`solution/`",
        "The same solution unpacked, for version control; `pac solution pack` makes a zip of it.",
      ],
      ["`deployment-settings.json`", "The values of this environment, for `pac solution import`."],
    ],
  )}`;
}

function howSection(app: LogicAppApp, request: LogicAppRequest): string {
  return `## How it asks

The topic or tool calls a flow; the flow calls the Logic App \`${app.logicApp.resourceId}\` and names the request \`${request.name}\`; the Logic App makes \`GET ${request.path}\` as the managed identity ${app.clientId} and answers with \`${request.field}\` of what came back. There is no client secret. No token of Microsoft Graph leaves Azure, and the Logic App answers these requests and no others:

${table(
  ["Request", "What it asks", "What it answers with"],
  app.logicApp.requests.map(({ name, path, field }) => [`\`${name}\``, `\`GET ${path}\``, `\`${field}\``]),
)}`;
}

function connectionSection({ cloud, logicApp }: LogicAppApp): string {
  return `## The connection

In ${cloud.makers.powerAutomate}, **Connections**, **New connection**, **HTTP with Microsoft Entra ID (preauthorized)**, authentication **Log in with Microsoft Entra ID**:

${table(
  ["Field", "Value"],
  [
    ["Base Resource URL", `\`${logicAppAddress(logicApp).baseUrl}\``],
    ["Microsoft Entra ID Resource URI (Application ID URI)", `\`${logicApp.audience}\``],
  ],
)}

Sign in as a user of \`logicApp.users\` in the stack's settings, preferably an account for this purpose alone: the flow calls with this user's token, no matter who talks to the agent. The connection is a stored sign-in of that user, held by Power Platform and good for this one resource; it ends with the account, its sessions or its license, and someone signs it in again.

If it asks for consent, the resource has not preauthorized the connector (\`${connectorClientId}\`); a change of that can take an hour to reach connections that exist. Data policies must allow the connector.`;
}

function importSection(
  { cloud }: LogicAppApp,
  names: ArtefactNames,
  settings: CopilotSettings,
  { field }: LogicAppRequest,
): string {
  const { topic } = names.ofRequest("Ask Microsoft Graph");
  const steps = importSteps(cloud, names, settings, {
    connection:
      "At **HTTP with Microsoft Entra ID (preauthorized)** choose the connection from above, **Next**",
    values: "the Logic App path",
    topic,
    phrase: topic.phrase,
    reply: `Microsoft Graph answered with … (${field}): …`,
  });
  return `## Import with pac

    pac auth create --environment <environment URL>
    pac solution import --path solution.zip --settings-file deployment-settings.json --activate-plugins --publish-changes

Put the ID of the connection into \`ConnectionId\` of \`deployment-settings.json\` first (or make the files with \`--connection-id\`). Whoever imports must be the connection's owner, or have it shared with them: the import otherwise ends with \`ConnectionAuthorizationFailed\`. Then turn to step 4 below.

## Path: topics with flows

Import by hand, click by click. With \`pac\` turn to step 4 afterwards.

${importTable(steps)}`;
}

function problemsSection(): string {
  return `## When the agent reports a problem

${table(
  ["Code", "The agent says"],
  logicAppProblems.map(({ codes, message }) => [codes.map((code) => `\`${code}\``).join(", "), message]),
)}

What the Logic App refuses before it runs:

${table(
  ["Answer", "Cause"],
  [
    [
      "403 `MisMatchingOAuthClaims`",
      "The connection's user is not in `logicApp.users`, or its resource URI is another.",
    ],
    ["401 `AuthorizationFailed`", "The call came from an address outside `logicApp.allowedIpRanges`."],
    [
      "401 `DirectApiInvalidAuthorizationScheme`",
      "A caller used the trigger's address with a signature (SAS), which is off.",
    ],
    ["404", "The flow is older than the Logic App's list of requests: make and import it again."],
  ],
)}`;
}

function limitsSection({ cloud, logicApp }: LogicAppApp, { flowPlan, newAgent }: CopilotSettings): string {
  return `## Limits

${cloudLimits(cloud, "agents", "logicAppConnector")}- The connector is a premium one${flowPlan === "copilot-studio" ? "; the flow runs on Copilot Studio capacity" : ""}. The Logic App costs by the action, a few for each question.
- Everyone who may talk to the agent gets the answers, whatever their own rights are: \`${[...new Set(logicApp.requests.map(({ field }) => field))].join("`, `")}\` is what they see of the directory.
- The run history of the Logic App hides inputs and outputs and shows them to no address; whoever may change the Logic App in Azure can lift that, and can make it ask anything its identity may.
- An agent waits 100 seconds for a flow. The Logic App gives up after 60.
- Phrases start topics under classic orchestration alone. Under generative orchestration the topic's description decides, and so a model does.${
    newAgent === undefined
      ? ""
      : "\n- The new agent brings its own system topics, without Search and without a model. Which of them an import needs at least is not documented."
  }`;
}
