import * as z from "zod/mini";
import { personFix } from "../../core/fix";
import { registeredApps, type RegisteredAppSettings } from "../../core/settings/settings";
import { fetchApp, fetchApplications, inFilter } from "../../azure/applications";
import {
  adoptionObstacle,
  claimOn,
  nameConflict,
  type Claim,
  type ExistingApplication,
} from "../../core/permissions/existingApps";
import { consentBeyond, consentRemedy } from "../../core/permissions/existingConsents";
import { fetchConsents } from "../../azure/directory";
import { graphClientId } from "../../azure/graph";
import { inParallel } from "../../core/inParallel";
import { knowing, known } from "../shared/known";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { fail, pass, seeCheck, skip, warn } from "./finding";
import { stackIdResource } from "../../core/ownershipMark";
import { readJson } from "../../azure/json";
import { heldInline } from "../shared/engines/chooseEngine";

const application = z.object({ appId: z.string() });
const principal = z.object({ id: z.string() });
const grant = z.object({ appRoleId: z.string(), resourceId: z.string() });

/** Directory reads at the same time. */
const readsAtOnce = 8;

/**
 * No app outside the stack has a name that the stack is going to give, and no other stack has an app that this one has or
 * adopts.
 */
export async function checkSameName(context: DoctorContext): Promise<Finding> {
  const { settings, graph, graphToken, client } = context;
  if (!graphToken.known) return skip("not reached: see identity");
  if (!settings.known) return skip("not reached: see settings");
  // A managed identity is no app registration: nothing in the directory keeps its name from it.
  const apps = registeredApps(settings.value);
  const stackId = await ownStackId(context);
  const found = await knowing(
    inParallel(apps, readsAtOnce, async ([name, app]) => {
      const displayName = app.displayName ?? name;
      const own = ownObjectId(context, name, app);
      const [existing, namesakes] = await Promise.all([
        own === undefined ? undefined : fetchApp(graph, own),
        fetchApplications(graph, `displayName eq ${inFilter(displayName)}`),
      ]);
      const claimed = (one: ExistingApplication): Claim => claimOn(one, stackId, context.callerObjectId);
      const twins = namesakes
        .filter(({ applicationObjectId }) => applicationObjectId !== own)
        .map((twin) => ({ name, twin, claim: claimed(twin) }));
      const obstacle =
        existing === undefined ? undefined : adoptionObstacle(existing, claimed(existing), client.cloud);
      return { twins, obstacles: obstacle === undefined ? [] : [`${name}: ${obstacle}`] };
    }),
  );
  if (!found.known)
    return fail(`apps could not be looked up: ${found.error.message}`, seeCheck("graph-rights"));
  const obstacles = found.value.flatMap((one) => one.obstacles);
  if (obstacles.length > 0) {
    return fail(
      obstacles.join("; "),
      personFix(
        "ownership.other-stack",
        "Take the app out of this stack's settings, or give it a key without adopt and a displayName of its own.",
      ),
      { apps: apps.map(([name]) => name) },
    );
  }
  const twins = found.value.flatMap((one) => one.twins);
  const conflicts = twins.flatMap(({ name, twin, claim }) =>
    claim.kind === "ours"
      ? []
      : [nameConflict({ app: name, stack: context.stack }, twin, claim, client.cloud)],
  );
  const evidence = {
    objectIds: twins.map(({ twin }) => twin.applicationObjectId),
    claims: twins.map(({ name, claim }) => `${name}: ${claim.kind}`),
  };
  if (conflicts.length > 0) {
    return fail(
      conflicts.map(({ reason }) => reason).join("; "),
      conflicts.flatMap(({ fixes }) => fixes),
      evidence,
    );
  }
  return twins.length === 0
    ? pass("no other app has such a name", { apps: apps.map(([name]) => name) })
    : pass(
        `an interrupted run of this stack made ${twins.map(({ name }) => name).join(", ")}; the next pulumi up adopts it`,
        evidence,
      );
}

/** What apps that are going to be adopted hold already. */
export async function checkExistingGrants({ settings, graph, graphToken }: DoctorContext): Promise<Finding> {
  if (!graphToken.known) return skip("not reached: see identity");
  if (!settings.known) return skip("not reached: see settings");
  const adopted = registeredApps(settings.value).flatMap(([name, { adopt, delegated, userSignIn }]) =>
    adopt === undefined
      ? []
      : [{ name, applicationObjectId: adopt, delegated, users: userSignIn?.users ?? [] }],
  );
  if (adopted.length === 0) return pass("no app is adopted, so none has grants yet");
  const found = await knowing(
    inParallel(adopted, readsAtOnce, async ({ name, applicationObjectId, delegated, users }) => {
      const { appId } = await graph.get(`/applications/${applicationObjectId}?$select=appId`, application);
      const [itself] = await graph.list(
        `/servicePrincipals?$filter=appId eq '${appId}'&$select=id`,
        principal,
      );
      const [microsoftGraph] = await graph.list(
        `/servicePrincipals?$filter=appId eq '${graphClientId}'&$select=id,appRoles`,
        z.extend(principal, {
          appRoles: z.array(z.object({ id: z.string(), value: z.nullish(z.string()) })),
        }),
      );
      const grants =
        itself === undefined
          ? []
          : await graph.list(`/servicePrincipals/${itself.id}/appRoleAssignments`, grant);
      const consents =
        itself === undefined || microsoftGraph === undefined || delegated === undefined
          ? known([])
          : await knowing(fetchConsents(graph, itself.id, microsoftGraph.id));
      return {
        unseen: consents.known ? [] : [`${name}: ${consents.error.message}`],
        consents: consents.known
          ? consentBeyond(consents.value, delegated ?? [], users).map((one) => `${name}: ${one}`)
          : [],
        grants: grants
          .filter(({ resourceId }) => resourceId === microsoftGraph?.id)
          .map(({ appRoleId }) => ({
            name,
            permission: microsoftGraph?.appRoles.find(({ id }) => id === appRoleId)?.value ?? appRoleId,
          })),
      };
    }),
  );
  if (!found.known) {
    return fail(
      `an app to adopt cannot be read: ${found.error.message}`,
      personFix(
        "adopt.unreadable",
        "adopt wants the application's object ID (App registrations, Overview), not its client ID.",
      ),
    );
  }
  const grants = found.value.flatMap((one) => one.grants);
  const consents = found.value.flatMap((one) => one.consents);
  const beyond = grants.filter(
    ({ name, permission }) => settings.value.apps[name]?.permissions.includes(permission) === false,
  );
  const evidence = { grants: grants.map(({ name, permission }) => `${name}: ${permission}`) };
  if (consents.length > 0) {
    return fail(
      `consent beyond the settings, which the stack would take away: ${consents.join(", ")}`,
      personFix("adopt.grants-beyond", consentRemedy),
      { ...evidence, consents },
    );
  }
  const unseen = found.value.flatMap((one) => one.unseen);
  if (unseen.length > 0) {
    return warn(`consent cannot be read: ${unseen.join("; ")}`, seeCheck("graph-rights"), evidence);
  }
  return beyond.length === 0
    ? pass(`the adopted apps hold ${grants.length} grants, which are adopted`, evidence)
    : warn(
        `held beyond the settings, and kept: ${beyond.map(({ name, permission }) => `${name}: ${permission}`).join(", ")}`,
        personFix(
          "adopt.grants-beyond",
          "Remove those that the app does not need: portal, Enterprise applications, Permissions. The others belong into copilot-token:apps.",
        ),
        evidence,
      );
}

/** The app that the stack made or adopts under this key. */
function ownObjectId(
  { outputs }: DoctorContext,
  name: string,
  app: RegisteredAppSettings,
): string | undefined {
  return app.adopt ?? (outputs.known ? outputs.value.apps[name]?.applicationObjectId : undefined);
}

const exported = z.object({
  deployment: z.object({
    resources: z._default(z.array(z.object({ urn: z.string(), id: z.optional(z.string()) })), []),
  }),
});

/**
 * The ID that this stack marks its apps with: by its outputs, else by its state, which a run that was killed has begun.
 *
 * @returns undefined for a stack that has none yet.
 */
export async function ownStackId({ world, stack, outputs }: DoctorContext): Promise<string | undefined> {
  if (outputs.known && outputs.value.stackId !== undefined) return outputs.value.stackId;
  const options = { projectDir: world.directory, environment: world.env, stack };
  const held = await heldInline(options)?.resources();
  const inline = held?.find(({ name }) => name === stackIdResource);
  if (inline !== undefined) return inline.id;
  const { exitCode, stdout } = await world.runTool("pulumi", ["stack", "export", "--stack", stack], 120);
  if (exitCode !== 0) return undefined;
  return readJson(exported, stdout)?.deployment.resources.find(({ urn }) =>
    urn.endsWith(`::${stackIdResource}`),
  )?.id;
}
