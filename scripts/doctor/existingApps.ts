import { z } from "zod";
import type { AppSettings } from "../../core/settings/settings";
import { setCommand } from "../../core/settings/settingsFaults";
import { graphClientId } from "../../azure/graph";
import { inParallel } from "../shared/inParallel";
import { knowing } from "../shared/known";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { fail, pass, skip, warn } from "./finding";

const application = z.object({ id: z.string(), appId: z.string(), displayName: z.string() });
const principal = z.object({ id: z.string() });
const grant = z.object({ appRoleId: z.string(), resourceId: z.string() });

/** Directory reads at the same time. */
const readsAtOnce = 8;

/** No app outside the stack has a name that the stack is going to give. */
export async function checkSameName(context: DoctorContext): Promise<Finding> {
  const { settings, graph, graphToken } = context;
  if (!graphToken.known) return skip("not reached: see identity");
  if (!settings.known) return skip("not reached: see settings");
  // A managed identity is no app registration: nothing in the directory keeps its name from it.
  const apps = Object.entries(settings.value.apps).filter(
    ([, { credential }]) => credential !== "managedIdentity",
  );
  const found = await knowing(
    inParallel(apps, readsAtOnce, async ([name, app]) => {
      const displayName = app.displayName ?? name;
      const filter = `displayName eq '${displayName.replace(/'/g, "''")}'`;
      const path = `/applications?$filter=${encodeURIComponent(filter)}&$select=id,appId,displayName`;
      const twins = await graph.list(path, application);
      return twins.filter(({ id }) => id !== ownObjectId(context, name, app)).map((twin) => ({ name, twin }));
    }),
  );
  if (!found.known) return warn(`apps could not be looked up: ${found.error.message}`, "See graph-rights.");
  const twins = found.value.flat();
  if (twins.length === 0) return pass("no other app has such a name", { apps: apps.map(([name]) => name) });
  return fail(
    twins
      .map(({ twin }) => `the tenant has an app "${twin.displayName}" already: client ${twin.appId}`)
      .join("; "),
    twins
      .map(
        ({ name, twin }) =>
          `Take it over: ${setCommand(["apps", name, "adopt"], twin.id)}; or choose another displayName`,
      )
      .join("; "),
    { objectIds: twins.map(({ twin }) => twin.id) },
  );
}

/** What apps that are going to be adopted hold already. */
export async function checkExistingGrants({ settings, graph, graphToken }: DoctorContext): Promise<Finding> {
  if (!graphToken.known) return skip("not reached: see identity");
  if (!settings.known) return skip("not reached: see settings");
  const adopted = Object.entries(settings.value.apps).flatMap(([name, { adopt }]) =>
    adopt === undefined ? [] : [{ name, applicationObjectId: adopt }],
  );
  if (adopted.length === 0) return pass("no app is adopted, so none has grants yet");
  const found = await knowing(
    inParallel(adopted, readsAtOnce, async ({ name, applicationObjectId }) => {
      const { appId } = await graph.get(
        `/applications/${applicationObjectId}?$select=id,appId,displayName`,
        application,
      );
      const [itself] = await graph.list(
        `/servicePrincipals?$filter=appId eq '${appId}'&$select=id`,
        principal,
      );
      const [microsoftGraph] = await graph.list(
        `/servicePrincipals?$filter=appId eq '${graphClientId}'&$select=id,appRoles`,
        principal.extend({ appRoles: z.array(z.object({ id: z.string(), value: z.string().nullish() })) }),
      );
      const grants =
        itself === undefined
          ? []
          : await graph.list(`/servicePrincipals/${itself.id}/appRoleAssignments`, grant);
      return grants
        .filter(({ resourceId }) => resourceId === microsoftGraph?.id)
        .map(({ appRoleId }) => ({
          name,
          permission: microsoftGraph?.appRoles.find(({ id }) => id === appRoleId)?.value ?? appRoleId,
        }));
    }),
  );
  if (!found.known) {
    return fail(
      `an app to adopt cannot be read: ${found.error.message}`,
      "adopt wants the application's object ID (App registrations, Overview), not its client ID.",
    );
  }
  const grants = found.value.flat();
  const beyond = grants.filter(
    ({ name, permission }) => settings.value.apps[name]?.permissions.includes(permission) === false,
  );
  const evidence = { grants: grants.map(({ name, permission }) => `${name}: ${permission}`) };
  return beyond.length === 0
    ? pass(`the adopted apps hold ${grants.length} grants, which are taken over`, evidence)
    : warn(
        `held beyond the settings, and kept: ${beyond.map(({ name, permission }) => `${name}: ${permission}`).join(", ")}`,
        "Ask for them in copilot-token:apps, or remove them: portal, Enterprise applications, Permissions.",
        evidence,
      );
}

/** The app that the stack made or adopts under this key. */
function ownObjectId({ outputs }: DoctorContext, name: string, app: AppSettings): string | undefined {
  return app.adopt ?? (outputs.known ? outputs.value.apps[name]?.applicationObjectId : undefined);
}
