import type { Cloud } from "../../core/cloud/clouds";
import type { ArtefactNames, TopicName } from "../names";
import type { CopilotSettings } from "../settings";
import { table } from "./markdown";

/** One thing to do in a web page. */
export interface ImportStep {
  readonly todo: string;
  readonly clicks: number;
  /** What is on the screen when it went right. */
  readonly shows: string;
}

/** What differs from one solution to the next. */
export interface ImportTrial {
  /** What to do where the import asks for a connection. */
  readonly connection: string;
  /** Which values it asks for. */
  readonly values: string;
  /** The topic to try. */
  readonly topic: TopicName;
  /** What to say to the agent at the end, and `reply` what it then says. */
  readonly phrase: string;
  readonly reply: string;
}

/** The import by hand, click by click. */
export function importSteps(
  { makers }: Pick<Cloud, "makers">,
  names: ArtefactNames,
  settings: Pick<CopilotSettings, "agents" | "newAgent">,
  trial: ImportTrial,
): ImportStep[] {
  const topicsComeAlong = settings.newAgent !== undefined || settings.agents.length > 0;
  const agent = settings.newAgent ?? settings.agents[0] ?? "your agent";
  return [
    {
      todo: `${makers.powerApps}: choose the environment, **Solutions**, **Import solution**, **Browse**, \`solution.zip\`, **Next**, **Next**`,
      clicks: 8,
      shows: `Name "${names.solution.displayName}"`,
    },
    {
      todo: trial.connection,
      clicks: 3,
      shows: "A green tick beside the connection",
    },
    {
      todo: `Paste the values of \`deployment-settings.json\` into ${trial.values}, **Import**`,
      clicks: 4,
      shows: "A blue bar while it imports, then a green one: imported successfully",
    },
    {
      todo: `Open the solution, **Cloud flows**; for each flow that is off: its menu, **Turn on**`,
      clicks: 4,
      shows: "Status **On** at every flow",
    },
    topicsComeAlong
      ? {
          todo: `${makers.copilotStudio}: open ${agent}, **Topics**`,
          clicks: 2,
          shows: `"${trial.topic.displayName}" in the list, without a red mark`,
        }
      : {
          todo: `${makers.copilotStudio}: open the agent, **Topics**, **Add a topic**, **From blank**, the menu **…**, **Open code editor**, replace everything with a file of \`topics/\`, **Save**`,
          clicks: 7,
          shows: "The nodes on the canvas, without a red mark; the flow's name in the action node",
        },
    {
      todo: `**Test**, type "${trial.phrase}", Enter`,
      clicks: 1,
      shows: `"${trial.reply}"`,
    },
    { todo: "**Publish**, **Publish**", clicks: 2, shows: "Published, with the time" },
  ];
}

/** The steps as a table, and how many clicks they are. */
export function importTable(steps: readonly ImportStep[]): string {
  const clicks = steps.reduce((sum, step) => sum + step.clicks, 0);
  const rows = steps.map((step, index) => [String(index + 1), step.todo, String(step.clicks), step.shows]);
  return `${clicks} clicks, counted from Microsoft's documentation.

${table(["", "Do", "Clicks", "Right when it shows"], rows)}`;
}
