import type { ArtefactNames } from "../names";
import type { CopilotSettings } from "../settings";

/** One thing to do in a web page. */
export interface ImportStep {
  readonly todo: string;
  readonly clicks: number;
  /** What is on the screen when it went right. */
  readonly shows: string;
}

/**
 * The import by hand, click by click.
 *
 * @param phrase What to say to the agent at the end, and `reply` what it then says.
 */
export function importSteps(
  names: ArtefactNames,
  settings: Pick<CopilotSettings, "agents" | "newAgent">,
  trial: { readonly phrase: string; readonly reply: string },
): ImportStep[] {
  const topicsComeAlong = settings.newAgent !== undefined || settings.agents.length > 0;
  const agent = settings.newAgent ?? settings.agents[0] ?? "your agent";
  return [
    {
      todo: "make.powerapps.com: choose the environment, **Solutions**, **Import solution**, **Browse**, `solution.zip`, **Next**, **Next**",
      clicks: 8,
      shows: `Name "${names.solution.displayName}", version ${names.solution.version}`,
    },
    {
      todo: "At **Dataverse** choose a connection (or **New connection**), **Next**",
      clicks: 3,
      shows: "A green tick beside the connection",
    },
    {
      todo: "Paste the values of `deployment-settings.json` into tenant ID, client ID and client secret (the ARM ID of the vault secret), **Import**",
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
          todo: `copilotstudio.microsoft.com: open ${agent}, **Topics**`,
          clicks: 2,
          shows: `"${names.tokenTopic.displayName}" in the list, without a red mark`,
        }
      : {
          todo: "copilotstudio.microsoft.com: open the agent, **Topics**, **Add a topic**, **From blank**, the menu **…**, **Open code editor**, replace everything with a file of `topics/`, **Save**",
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
