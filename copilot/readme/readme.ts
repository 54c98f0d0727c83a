import { cloudLimits, table, readmeOrigin } from "./markdown";
import { secretTags } from "../../core/agent/powerPlatform";
import type { ArtefactNames, VariableName } from "../names";
import { graphProblems, tokenProblems } from "../problems";
import { furtherRequests } from "../requests/chosenRequests";
import type { AgentRequest, RequestApi } from "../requests/agentRequest";
import { newAgentSchemaName, type CopilotSettings, type SecretApp } from "../settings";
import { importSteps, importTable, type ImportTrial } from "./importSteps";
import { directPathSection, questionsSection, toolPathSections } from "./paths";

/** The README of one app's artefacts: what each file is, how to import it, what it shows, what can go wrong. */
export function readme(
  app: SecretApp,
  settings: CopilotSettings,
  names: ArtefactNames,
  requests: readonly AgentRequest[],
): string {
  const request = requests.find(({ permissions, api }) => permissions.length === 0 && api === undefined);
  const apis = requests.flatMap(({ api }) => api ?? []);
  return [
    `# ${app.name} in Copilot Studio`,
    `${readmeOrigin} It holds no secret, and a rotation changes nothing in it. Not yet imported into a live tenant: formats are those of Microsoft's public exports.`,
    questionsSection(settings, requests, { direct: true }),
    filesSection(requests, request),
    variantsSection(settings, request),
    requestsSection(app, settings, requests),
    ...(apis.length === 0 ? [] : [apisSection(names, apis)]),
    azureSection(app, settings),
    pacSection(),
    handSection(app, names, settings, apis.length > 0),
    ...toolPathSections(app.cloud, names, settings, requests),
    directPathSection(app.cloud, settings, requests),
    problemsSection(app, requests.length > 0),
    limitsSection(app, settings),
  ]
    .join("\n\n")
    .concat("\n");
}

function filesSection(requests: readonly AgentRequest[], request: AgentRequest | undefined): string {
  return `## Files

${table(
  ["File", "What it is"],
  [
    ...(request === undefined
      ? []
      : [
          [
            "`topics/ask-microsoft-graph.yaml`",
            "Topic **Ask Microsoft Graph**: gets an answer of Microsoft Graph, never a token. Recommended.",
          ],
          [
            "`topics/ask-microsoft-graph.direct.yaml`",
            "The same topic without a flow: one HTTP node gets a token, a second one asks Microsoft Graph with it. Put only one of the two into an agent.",
          ],
        ]),
    ["`topics/get-azure-access-token.flow.yaml`", "Topic **Get Azure Access Token**, by the flow."],
    [
      "`topics/get-azure-access-token.direct.yaml`",
      "The same topic without a flow, by its own HTTP node. Put only one of the two into an agent.",
    ],
    ...requests
      .filter((each) => each !== request)
      .map(({ key, title, change }) => [
        `\`topics/${key}.yaml\``,
        `Topic **${title}**, by its flow. \`.direct.yaml\` is the same without one.${change === undefined ? "" : " Both ask before they change something."}`,
      ]),
    ...(requests.length === 0 ? [] : [["`tools/`", "The flows as tools of the new experience."]]),
    ["`solution.zip`", "The solution to import: flows, environment variables, connection reference."],
    [
      "`solution/`",
      "The same solution unpacked, for version control; `pac solution pack` makes a zip of it.",
    ],
    ["`deployment-settings.json`", "The values of this environment, for `pac solution import`."],
    [
      "`postman/`",
      "The same requests for Postman. Put the secret into the environment's current value only.",
    ],
  ],
)}`;
}

/** What the agent can ask, and what its app could do besides. */
function requestsSection(
  app: SecretApp,
  settings: CopilotSettings,
  requests: readonly AgentRequest[],
): string {
  const further = furtherRequests(app, settings).map((key) => `\`--request ${key}\``);
  const more = further.length === 0 ? "" : ` Its permissions allow more: ${further.join(", ")}.`;
  const changes = requests.flatMap(({ title, change }) =>
    change === undefined
      ? []
      : [`\n\n**${title}** asks first: "${change.question}" When no answer comes: "${change.unsure}"`],
  );
  const rows = requests.map(({ title, description, parameters }) => [
    title,
    description,
    parameters.map((parameter) => parameter.title).join(", "),
  ]);
  return `## Requests

${rows.length === 0 ? "None." : table(["Request", "What it does", "Values from the conversation"], rows)}

Everyone who may talk to the agent gets the answers, with the app's rights and not with their own.${more}${changes.join("")}`;
}

/** Which API each request asks beside Microsoft Graph, and the variables that say so. */
function apisSection(names: ArtefactNames, apis: readonly RequestApi[]): string {
  const variable = ({ displayName, schemaName }: VariableName, value: string): string =>
    `${displayName} (\`${schemaName}\`): \`${value}\``;
  const rows = apis.map((api) => {
    const { scope, baseUrl } = names.ofApi(api.name);
    return [api.name, variable(baseUrl, api.baseUrl), variable(scope, `${api.audience}/.default`)];
  });
  const notes = apis.flatMap(({ name, note }) => (note === undefined ? [] : [`- ${name}: ${note}`]));
  return `## Other APIs

${table(["API", "Where it is", "What the token is for"], rows)}

Both are environment variables, so that another environment can ask another instance. A token for an API goes to its base URL and nowhere else: set it to an address of the API itself, \`https://\` and a host. A flow, a direct topic and a request in \`postman/\` each get a token of their own for each API.${notes.length === 0 ? "" : `\n\n${notes.join("\n")}`}`;
}

function variantsSection({ returnToken }: CopilotSettings, request: AgentRequest | undefined): string {
  const warning = returnToken
    ? "**Made with `--return-token`: the topics show the token.** Whoever reads the chat, a transcript or a trace may do for about an hour all that the app may do in the whole tenant. Make them again without it before anyone but you uses the agent."
    : "Made without `--return-token`: both token topics report type and lifetime and show no token. The direct topic keeps it in a variable of the topic.";
  const safe =
    request === undefined
      ? "No read without further identifiers is known for the app's permissions, so the pair **Ask Microsoft Graph** was not made: name one with `--graph-request` and `--graph-field`."
      : `The pair **Ask Microsoft Graph** (\`GET ${request.path}\`) lets the platform sign in by itself, so no token is ever a value of the flow, of a variable or of a message. What it avoids is a token for the whole tenant lying in chat transcripts, in the flow's run history and in telemetry, where it cannot be recalled for about an hour. Only \`${request.fields.join("`, `")}\` of each object leaves the flow.`;
  return `## Which topic\n\n${safe}\n\n${warning}`;
}

function azureSection(app: SecretApp, settings: CopilotSettings): string {
  const agents = [
    ...settings.agents,
    ...(settings.newAgent === undefined
      ? []
      : [newAgentSchemaName(settings.publisherPrefix, settings.newAgent)]),
  ];
  const tags =
    settings.environmentId === undefined
      ? "`AllowedEnvironments` (the environment's ID) or `AllowedBots` (`<environment ID>/<agent's schema name>`)"
      : Object.entries(secretTags({ environmentId: settings.environmentId, agents }))
          .map(([name, value]) => `\`${name}\` = \`${value}\``)
          .join(", ");
  return `## Before the import

The setting \`copilot-token:powerPlatform\` makes \`pulumi up\` do all of this but the first line; \`npm run doctor\` looks at it.

- The subscription knows Power Platform: \`az provider register --namespace Microsoft.PowerPlatform\`
- **Key Vault Secrets User** at \`${app.secretResourceId}\` for Dataverse (flows), for "Power Virtual Agents Service" (the direct topic), and for whoever imports.
- For the direct topic, a tag on the secret's current version: ${tags}.
- A vault firewall, if there is one, lets Power Platform's addresses in.`;
}

function pacSection(): string {
  return `## Import with pac

    pac auth create --environment <environment URL>
    pac solution import --path solution.zip --settings-file deployment-settings.json --activate-plugins --publish-changes

Put the ID of a Dataverse connection into \`ConnectionId\` of \`deployment-settings.json\` first (or make the files with \`--connection-id\`): a flow without a connection stays off. When all is right it ends with "Solution Imported successfully." Then turn to step 4 below.

"User is not authorized to read secrets": the importing identity lacks the role above. An import with an empty value for the client secret may be refused too. [Microsoft's page on these errors](https://learn.microsoft.com/power-apps/maker/data-platform/environmentvariables-azure-key-vault-secrets) (read 2026-11) has the rest.`;
}

function handSection(
  { cloud }: SecretApp,
  names: ArtefactNames,
  settings: CopilotSettings,
  asksApis: boolean,
): string {
  const [firstProblem] = tokenProblems(cloud);
  const trial: ImportTrial = {
    connection: "At **Dataverse** choose a connection (or **New connection**), **Next**",
    values: `tenant ID, client ID and client secret (the ARM ID of the vault secret)${asksApis ? ", and base URL and scope of each other API" : ""}`,
    topic: names.tokenTopic,
    phrase: names.tokenTopic.phrase,
    reply: `Bearer token, valid for 3599 seconds${settings.returnToken ? ": eyJ…" : "."}`,
  };
  return `## Path: topics with flows

Import by hand, click by click. With \`pac\` turn to step 4 afterwards.

${importTable(importSteps(cloud, names, settings, trial))}

To look into a token, as the tutorial does at jwt.ms: \`npm run token\` shows its claims on your machine, and the token goes nowhere. With a wrong or an expired secret step 6 says so, for example "${firstProblem?.message ?? ""}"`;
}

function problemsSection({ cloud }: SecretApp, asksGraph: boolean): string {
  const problems = asksGraph ? graphProblems(cloud) : tokenProblems(cloud);
  return `## When the agent reports a problem

${table(
  ["Code", "The agent says"],
  problems.map(({ codes, message }) => [codes.map((code) => `\`${code}\``).join(", "), message]),
)}

A request of another API uses the same codes, and the agent names that API instead of Microsoft Graph.

The text in brackets after each message is Microsoft's own: keep its correlation ID for a support case. A failure that the topic cannot catch goes to the agent's system topic On Error: \`FlowActionTimedOut\` (the flow took over 100 seconds), "Bot isn't allowed to use environment variable" (the tag is missing), \`DataLossPreventionViolation\` (a data policy blocks HTTP), \`BindingKeyNotFoundError\` (flow and topic are from different runs of this command: import both again).`;
}

function limitsSection({ cloud }: SecretApp, { flowPlan, newAgent }: CopilotSettings): string {
  return `## Limits

${cloudLimits(cloud, "agents", "secretVariables")}- ${
    flowPlan === "copilot-studio"
      ? "The flows are agent flows: they run on Copilot Studio capacity. With `--cloud-flow` they use a Power Automate license."
      : "The flows use the HTTP action, which needs a Power Automate Premium license; make them without `--cloud-flow` to run on Copilot Studio capacity."
  }
- An agent waits 100 seconds for a flow. Retries end after 60; one request that hangs can still outlast it.
- Phrases start topics under classic orchestration alone. Under generative orchestration the topic's description decides, and so a model does.
- Secure inputs and outputs hide the secret and the token in the run history of the actions that take them; Copilot Studio may still store variables of a topic in its transcripts.
- How long the platform keeps a resolved secret after a rotation is not documented; the previous secret stays valid for weeks for that reason.${
    newAgent === undefined
      ? ""
      : "\n- The new agent brings its own system topics, without Search and without a model. Which of them an import needs at least is not documented."
  }`;
}
