import type { GraphRequest } from "../../../core/permissions/graphRequest";
import { eventLines, line } from "./showTrial";
import type { UserTrial } from "./userTrial";

const adele = "AdeleV@contoso.onmicrosoft.com";
const megan = "MeganB@contoso.onmicrosoft.com";

/**
 * Shows a user who signs in and asks as itself, another one who may not see the first one's file, and a tenant without
 * consent; each by the agent's own sign-in and by the connector. @returns Lines for the terminal.
 *
 * @param withoutConsent The same agent where no one consented.
 */
export async function showUserTrial(trial: UserTrial, withoutConsent: UserTrial): Promise<string[]> {
  const file = trial.fileOf(adele);
  const scenes: readonly [UserTrial, string, string, GraphRequest?][] = [
    [trial, "as the signed-in user", adele],
    [trial, "as a user who may not see the file", megan, file],
    [withoutConsent, "in a tenant without consent", adele],
  ];
  const lines: string[] = [];
  for (const [tenant, title, login, request] of scenes) {
    const { signIn, events } = await tenant.ask(login, request);
    const [card, ...others] = events.flatMap(eventLines);
    const byTopic = [
      ...(card === undefined ? [] : [card]),
      ended(login, signIn),
      line("you", "Ask Microsoft Graph as me"),
      ...others,
    ];
    const { signIn: allowed, answers } = await tenant.askByConnector(login, request);
    const byConnector = [
      ended(login, allowed),
      ...answers.map(({ operationId, status, body }) =>
        line("tool", `${operationId}: HTTP ${status} ${short(body)}`),
      ),
    ];
    lines.push(`Ask Microsoft Graph ${title}: Authenticate manually, with the topic`, ...byTopic, "");
    lines.push(
      `Ask Microsoft Graph ${title}: Authenticate with Microsoft, with the connector`,
      ...byConnector,
      "",
    );
  }
  return lines;
}

function ended(login: string, signIn: "signed in" | { readonly refusal: string }): string {
  return line("user", signIn === "signed in" ? `${login} signed in` : `${login}: ${signIn.refusal}`);
}

/** What of Graph's answer is not the same every time. */
function short(body: string): string {
  const { value, error, ...one } = JSON.parse(body) as Record<string, unknown> & {
    value?: unknown;
    error?: { code?: string };
  };
  return JSON.stringify(
    error?.code ?? value ?? Object.fromEntries(Object.entries(one).filter(([key]) => !key.includes("@"))),
  );
}
