import { commandFix, ownCommand, refreshCommand, type Fix } from "../../core/fix";
import { allPublished, type AppOutputs } from "../../core/outputs/stackOutputs";
import { fetchDirectoryApp, fetchGraphPermissions } from "../../azure/directory";
import { shellFlag } from "../../core/sinks";
import { inParallel } from "../../core/inParallel";
import { knowing } from "../shared/known";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { fail, pass, skip, unread, warn, seeCheck } from "./finding";

/** Time for a weekly schedule to fail once and to be repaired. */
const warningDays = 14;

interface Trouble {
  readonly isFailure: boolean;
  readonly summary: string;
  readonly fix: Fix;
}

/** What the stack has deployed goes on working: consent is there, and no credential ends before its time. */
export async function checkDeployed(context: DoctorContext): Promise<Finding> {
  const { outputs, graph, graphToken } = context;
  if (!outputs.known) {
    return outputs.error.code === "OUTPUTS_MISSING"
      ? skip("no outputs of this stack were found, so nothing that it may have deployed was looked at")
      : skip(`the stack's outputs could not be read: ${outputs.error.message}`);
  }
  if (!graphToken.known) return skip("not reached: see identity");
  const apps = Object.entries(outputs.value.apps);
  const found = await knowing(
    (async () => {
      const { graphObjectId, appRoleIds } = await fetchGraphPermissions(graph);
      return inParallel(apps, 4, async ([name, app]) => {
        const { grants } = await fetchDirectoryApp(graph, app);
        const held = grants.filter(({ resourceId }) => resourceId === graphObjectId);
        const missing = app.permissions.filter(
          (permission) => !held.some(({ appRoleId }) => appRoleId === appRoleIds[permission]),
        );
        return [...withoutConsent(name, missing, context), ...ending(name, app, context)];
      });
    })(),
  );
  if (!found.known) {
    return unread(found.error, "what is deployed could not be read", seeCheck("graph-rights"));
  }
  const troubles = found.value.flat();
  const names = apps.map(([name]) => name);
  if (troubles.length === 0) {
    return pass(`${names.join(", ")}: consent is there, and no credential ends soon`, { apps: names });
  }
  const judge = troubles.some(({ isFailure }) => isFailure) ? fail : warn;
  return judge(
    troubles.map(({ summary }) => summary).join("; "),
    troubles.map(({ fix }) => fix),
    { apps: names },
  );
}

function withoutConsent(name: string, missing: readonly string[], { stack }: DoctorContext): Trouble[] {
  if (missing.length === 0) return [];
  return [
    {
      isFailure: true,
      summary: `${name}: consent is missing for ${missing.join(", ")}`,
      fix: commandFix("permissions.not-granted", "Grant it again", refreshCommand(stack)),
    },
  ];
}

/** Credentials that end within {@link warningDays}, and those that were to be replaced by now. */
function ending(name: string, app: AppOutputs, { world, stack }: DoctorContext): Trouble[] {
  const now = world.now();
  return allPublished(app).flatMap(({ secretName, credential }) => {
    const days = (new Date(credential.endsAt).getTime() - now.getTime()) / 86_400_000;
    const isDue = new Date(credential.nextRotationAt) <= now && credential.retiredSince === undefined;
    if (days >= warningDays && !isDue) return [];
    const summary =
      days <= 0
        ? `${name}: what ${secretName} publishes expired at ${credential.endsAt}`
        : days < warningDays
          ? `${name}: what ${secretName} publishes ends at ${credential.endsAt}`
          : `${name}: a rotation of ${secretName} is due since ${credential.nextRotationAt}`;
    return [
      {
        isFailure: days <= 0,
        summary,
        fix: commandFix("expiry.rotate", "", ownCommand("rotate", stack, shellFlag("app", name), "--now")),
      },
    ];
  });
}
