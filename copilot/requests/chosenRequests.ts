import type { Fault } from "../../core/errors";
import { defaultGraphRequest, type GraphRequest } from "../../core/permissions/graphRequest";
import type { CertificateApp, CopilotApp, CopilotSettings, SecretApp } from "../settings";
import { apiRequestFaults, apiRequestsOf } from "./apiRequests";
import { isAllowed, needsMailbox, withMailbox, type AgentRequest } from "./agentRequest";
import { requestTable } from "./requestTable";

/** A request that is in no table, under the title "Ask Microsoft Graph" and, where there are several, its own name. */
export function ownRequest({ path, field }: GraphRequest, name?: string): AgentRequest {
  return {
    key: name === undefined ? "ask-microsoft-graph" : `ask-microsoft-graph-${name}`,
    title: name === undefined ? "Ask Microsoft Graph" : `Ask Microsoft Graph for ${name}`,
    description: `Returns ${field} of each object of GET ${path} of Microsoft Graph.`,
    permissions: [],
    method: "GET",
    path,
    parameters: [],
    fields: [field],
    byDefault: true,
  };
}

type RequestSettings = Pick<CopilotSettings, "requests" | "mailbox" | "graphRequest" | "apiRequests">;
type RequestApp = Pick<SecretApp, "cloud" | "permissions"> & Partial<Pick<SecretApp, "apis">>;

/**
 * The requests of an app that asks by itself: the one of the settings, or a read that its permissions allow; those of the
 * table that the settings name, or the harmless ones; and, with a client secret, those of other APIs.
 *
 * @param settings Judged before, by {@link chosenRequestFaults}.
 */
export function chosenRequests(
  { cloud, permissions, apis }: RequestApp,
  { requests, mailbox, graphRequest, apiRequests }: RequestSettings,
): AgentRequest[] {
  const own = graphRequest ?? defaultGraphRequest(permissions);
  const fromTable = requestTable
    .filter((request) => isAllowed(request, permissions))
    .filter(({ key, byDefault }) => (requests.length === 0 ? byDefault : requests.includes(key)))
    .map((request) => (mailbox === undefined ? request : withMailbox(request, mailbox)));
  return [
    ...(own === undefined ? [] : [ownRequest(own)]),
    ...fromTable,
    ...(apis === undefined ? [] : apiRequestsOf(cloud, apis, apiRequests)),
  ];
}

/** Keys of the table that an app's permissions allow and that are not among the chosen ones. */
export function furtherRequests(app: RequestApp, settings: RequestSettings): string[] {
  const chosen = chosenRequests(app, settings).map(({ key }) => key);
  return requestTable
    .filter((request) => isAllowed(request, app.permissions) && !chosen.includes(request.key))
    .map(({ key }) => key);
}

/** Whether an app asks by itself, with its own permissions. */
function asksByItself(app: CopilotApp): app is SecretApp | CertificateApp {
  return app.logicApp === undefined && app.delegated === undefined;
}

const address = /^[\w.!#$&'*+=?^{|}~-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i;

/** What the settings ask of the table that it does not have, that no app may do, or that lacks a mailbox. */
export function chosenRequestFaults(
  apps: readonly CopilotApp[],
  { requests, mailbox, apiRequests }: RequestSettings,
): Fault[] {
  const faults: Fault[] = apiRequestFaults(apps, apiRequests);
  const fault = (key: string, value: string, reason: string, repair: string): void => {
    faults.push({ code: "COPILOT_SETTING_INVALID", key, value, reason, repair });
  };
  const permissions = apps.flatMap((app) => (asksByItself(app) ? app.permissions : []));
  for (const key of requests) {
    const request = requestTable.find((each) => each.key === key);
    if (request === undefined) {
      fault(
        "--request",
        key,
        "There is no such request.",
        `Known: ${requestTable.map((each) => each.key).join(", ")}`,
      );
    } else if (apps.length > 0 && apps.every(({ delegated }) => delegated !== undefined)) {
      fault(
        "--request",
        key,
        "It is made by an app that acts as itself. The topic and the connector of an app that acts as its user make all reads that its permissions allow.",
        "Leave it out, or name a read of your own: --graph-request '/v1.0/me/manager?$select=displayName' --graph-field displayName",
      );
    } else if (apps.length > 0 && !isAllowed(request, permissions)) {
      fault(
        "--request",
        key,
        `It needs one of the permissions ${request.permissions.join(", ")}, and no app with a client secret or a certificate has one.`,
        `Add ${request.permissions[0] ?? ""} to the app's permissions and run pulumi up, or leave the request out.`,
      );
    } else if (needsMailbox(request) && mailbox === undefined) {
      fault(
        "--request",
        key,
        "It needs a mailbox, which no conversation may choose.",
        "--mailbox support@contoso.com",
      );
    }
  }
  if (mailbox !== undefined && !address.test(mailbox)) {
    fault("--mailbox", mailbox, "That is not an e-mail address.", "--mailbox support@contoso.com");
  }
  const used = requestTable.some((request) => requests.includes(request.key) && needsMailbox(request));
  if (mailbox !== undefined && !used) {
    fault(
      "--mailbox",
      mailbox,
      "No request uses it.",
      `Add one that does: ${requestTable
        .filter(needsMailbox)
        .map(({ key }) => `--request ${key}`)
        .join(", ")}`,
    );
  }
  return faults;
}
