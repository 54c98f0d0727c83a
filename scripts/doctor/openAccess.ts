import * as z from "zod/mini";
import { inFilter } from "../../azure/applications";
import { openAccess, openAccessLine, openCaller, type OpenAccess } from "../../core/access/openAccess";
import { personFix } from "../../core/fix";
import type { Settings } from "../../core/settings/settings";
import { knowing } from "../shared/known";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { pass, seeCheck, skip, unread, warn } from "./finding";

const clientShape = z.object({
  appId: z.string(),
  displayName: z.string(),
  isFallbackPublicClient: z.nullish(z.boolean()),
  publicClient: z.nullish(z.object({ redirectUris: z.array(z.string()) })),
});

/** Checks that only the intended callers can sign in as an app, or call a Logic App. */
export async function checkOpenAccess({ settings, graph, graphToken }: DoctorContext): Promise<Finding> {
  if (!settings.known) return skip("not reached: see settings");
  const told = openAccess(settings.value);
  const callers = callersOf(settings.value);
  if (callers.length === 0) return findingOf(told);
  if (!graphToken.known) return told.length > 0 ? findingOf(told) : skip("not reached: see identity");
  const ids = [...new Set(callers.map(({ clientId }) => clientId))];
  const filter = encodeURIComponent(`appId in (${ids.map(inFilter).join(",")})`);
  const fields = "$select=appId,displayName,isFallbackPublicClient,publicClient";
  const seen = await knowing(graph.list(`/applications?$filter=${filter}&${fields}`, clientShape));
  if (!seen.known) {
    return told.length > 0
      ? findingOf(told)
      : unread(seen.error, "the callers of the Logic App could not be looked up", seeCheck("graph-rights"));
  }
  const found = callers.flatMap(({ path, clientId }) => {
    const client = seen.value.find(({ appId }) => appId.toLowerCase() === clientId);
    const isPublic =
      client !== undefined &&
      (client.isFallbackPublicClient === true || (client.publicClient?.redirectUris ?? []).length > 0);
    return isPublic ? [openCaller(path, clientId, client.displayName)] : [];
  });
  return findingOf([...told, ...found]);
}

function callersOf({ apps }: Settings) {
  return Object.entries(apps).flatMap(([name, app]) =>
    app.credential === "managedIdentity"
      ? (app.logicApp?.callers ?? []).map((clientId, index) => ({
          path: ["apps", name, "logicApp", "callers", index],
          clientId: clientId.toLowerCase(),
        }))
      : [],
  );
}

function findingOf(open: readonly OpenAccess[]): Finding {
  if (open.length === 0)
    return pass("each federated credential and each caller is one job, branch or client");
  return warn(
    open.map(openAccessLine).join(" "),
    personFix("access.narrow", "Change these settings, unless it is meant."),
    { settings: open.map(({ key }) => key) },
  );
}
