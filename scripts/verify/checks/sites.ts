import { commandFix, refreshCommand } from "../../../core/fix";
import type { AppEvidence, StackEvidence } from "../evidence";
import type { Finding } from "../report";
import { counted, tokenNotReached } from "./explain";

/** `sites`: Microsoft Graph lets the app's own token read each SharePoint site that is granted to it. */
export function checkSites(app: AppEvidence, stack: StackEvidence): Finding | undefined {
  if (app.sites === undefined) return undefined;
  if (!app.sites.known) return tokenNotReached(app);
  const seen = app.sites.value;
  const evidence = { sites: seen.map(({ url, status }) => `${url}: ${status}`) };
  const closed = seen.filter(({ status, foreign }) => status !== 200 || foreign !== undefined);
  if (closed.length === 0) {
    return {
      status: "pass",
      summary: `Microsoft Graph opens ${counted(seen.length, "site")} to the app`,
      evidence,
    };
  }
  return {
    status: "fail",
    summary: closed
      .map(({ url, status, foreign }) =>
        foreign === undefined ? `${url} is closed to the app (${status})` : `${url}: ${foreign}`,
      )
      .join("; "),
    evidence,
    fixes: [
      commandFix(
        "grants.restore",
        "Grant the sites again, as an identity with Sites.FullControl.All",
        refreshCommand(stack.stackName),
      ),
    ],
  };
}
