import type { Cloud } from "../../core/cloud/clouds";
import type { ArtefactNames } from "../names";
import type { AgentRequest } from "../requests/agentRequest";
import type { CopilotSettings } from "../settings";
import { table } from "./markdown";

/** Microsoft's pages that the clicks follow. */
const pages = {
  harnesses: "https://learn.microsoft.com/microsoft-copilot-studio/harnesses-overview",
  switching: "https://learn.microsoft.com/microsoft-copilot-studio/agents-experience/switch-experiences",
  flowTools: "https://learn.microsoft.com/microsoft-copilot-studio/flow-agent",
  newTools: "https://learn.microsoft.com/microsoft-copilot-studio/agents-experience/add-tools-custom-agent",
  codeEditor: "https://learn.microsoft.com/microsoft-copilot-studio/authoring-create-edit-topics",
};

/** The month in which they were read. */
const read = "read 2026-11";

/**
 * Three questions, whose answers lead to one path.
 *
 * @param direct Whether there are topics without flows.
 */
export function questionsSection(
  { flowPlan, newAgent, classic }: Pick<CopilotSettings, "flowPlan" | "newAgent" | "classic">,
  requests: readonly AgentRequest[],
  { direct }: { readonly direct: boolean },
): string {
  const license =
    flowPlan === "copilot-studio"
      ? "Copilot Studio capacity (credits). These files are made for it."
      : "Power Automate Premium. These files are made for it, with `--cloud-flow`; their flows are not offered as tools, except to agents that get them with the solution.";
  const made =
    newAgent === undefined
      ? ""
      : ` ${newAgent}, which the solution brings, is one of the standard harness with ${classic ? "classic" : "generative"} orchestration.`;
  return `## Three questions

1. **Which agent?** An agent with the tab **Topics** is one of the standard harness. An agent with the tabs **Build**, **Preview**, **Evaluate** and **Monitor** is one of the new experience; it has no topics. A new agent of the standard harness: home page, **Other ways to build** ([harnesses](${pages.harnesses}), [switching](${pages.switching}), ${read}).${made}
2. **As itself or as the user?** With these files the agent asks with the rights of the app, the same for everyone who talks to it. For the rights of the user who asks, make an app with \`delegated\` in place of \`permissions\`: its files then have a README of their own.
3. **Which license?** ${license}${direct ? " Without flows, a topic needs neither." : ""}

${table(
  ["Agent", "License", "Path"],
  [
    ...(requests.length === 0
      ? []
      : [["Standard harness, generative orchestration", "for flows", "[Tools](#path-tools)"]]),
    [
      requests.length === 0 ? "Standard harness" : "Standard harness, classic orchestration",
      "for flows",
      "[Topics with flows](#path-topics-with-flows)",
    ],
    ...(direct
      ? [["Standard harness", "none for flows", "[Topics without flows](#path-topics-without-flows)"]]
      : []),
    [
      "New experience",
      "Copilot Studio capacity",
      requests.some(isHarmless)
        ? "[Tools of the new experience](#path-tools-of-the-new-experience)"
        : "None: these files have no request that only reads",
    ],
  ],
)}`;
}

/** Nothing is known to ask an agent's user first in the new experience, so only these are tools there. */
function isHarmless({ change }: AgentRequest): boolean {
  return change === undefined;
}

/** The paths with tools, beside the one with topics and flows, which follows the import by hand. */
export function toolPathSections(
  { makers }: Pick<Cloud, "makers">,
  names: ArtefactNames,
  settings: Pick<CopilotSettings, "agents" | "newAgent" | "classic">,
  requests: readonly AgentRequest[],
): string[] {
  const tools = requests.map((request) => names.ofRequest(request.title).flow.displayName);
  const list = tools.map((name) => `**${name}**`).join(", ");
  const comeAlong = !settings.classic && (settings.newAgent !== undefined || settings.agents.length > 0);
  const harmless = requests
    .filter(isHarmless)
    .map(({ title }) => `**${names.ofRequest(title).flow.displayName}**`);
  return [
    ...(tools.length === 0
      ? []
      : [
          `## Path: tools

Import the solution and turn its flows on, steps 1 to 4 of [the import by hand](#path-topics-with-flows). Then, at ${makers.copilotStudio} ([flows as tools](${pages.flowTools}), ${read}):

1. Open the agent, **Tools**. ${comeAlong ? `${list} are there: the solution brought them.` : `For each of ${list}: **Add a tool**, **Flow**, choose it, **Add and configure**.`}
2. **Settings**, **Generative AI**: generative orchestration is on.
3. **Test**: ask in words of your own, such as "${exampleOf(requests)}". The activity map shows the tool and the values that the model filled in.
4. **Publish**.${
            requests.some(({ change }) => change !== undefined)
              ? "\n\nA tool that changes something asks first. The form of that question is Microsoft's schema; no public export shows one, so try it before you publish."
              : ""
          }`,
        ]),
    ...(harmless.length === 0
      ? []
      : [
          `## Path: tools of the new experience

Import the solution and turn its flows on, steps 1 to 4 of [the import by hand](#path-topics-with-flows). Then, at ${makers.copilotStudio} ([tools](${pages.newTools}), ${read}):

1. Open the agent, **Build**, **Tools**, the tab **Workflows**.
2. For each of ${harmless.join(", ")}: choose it, **Add**.${harmless.length === requests.length ? "" : " Add no flow that changes something: nothing is known to ask the user first here."}
3. **Preview**: ask in words of your own, such as "${exampleOf(requests)}".
4. **Publish**.

\`tools/*.mcs.yml\` are the same tools for a workspace of the Visual Studio Code extension, folder \`capabilities/tools\`. No public solution file has such a tool, so the solution brings none.`,
        ]),
  ];
}

/** The path of topics that ask by themselves. */
export function directPathSection(
  { makers }: Pick<Cloud, "makers">,
  settings: Pick<CopilotSettings, "agents" | "newAgent">,
  requests: readonly AgentRequest[],
): string {
  const brought = settings.newAgent !== undefined || settings.agents.length > 0;
  return `## Path: topics without flows

Import the solution for its environment variables, steps 1 to 3 of [the import by hand](#path-topics-with-flows); its flows may stay off. Then, at ${makers.copilotStudio} ([code editor](${pages.codeEditor}), ${read}):

1. Open the agent, **Topics**, **Add a topic**, **From blank**, the menu **…**, **Open code editor**.
2. Replace everything with a file of \`topics/\` that ends with \`.direct.yaml\`, **Save**: ${["get-azure-access-token", ...requests.map(({ key }) => key)].map((name) => `\`${name}.direct.yaml\``).join(", ")}.${brought ? " Delete the topic that has the same phrase and came with the solution: it uses a flow." : ""}
3. **Test**: type the topic's phrase.
4. **Publish**.`;
}

/** Something to ask an agent that has these tools. */
function exampleOf(requests: readonly AgentRequest[]): string {
  return requests.some(({ key }) => key === "find-person")
    ? "Who is Adele, and what is her address?"
    : (requests[0]?.title ?? "");
}
