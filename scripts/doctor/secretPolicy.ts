import { personFix } from "../../core/fix";
import { secretLifetimeDays } from "../../core/secrets/rotation";
import { appManagementPolicy, lifetimeFix, noSecretsFix, secretRules } from "../../core/secrets/secretPolicy";
import { knowing } from "../shared/known";
import { isForbidden } from "../../azure/serviceRefusal";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { fail, pass, seeCheck, skip, unread } from "./finding";

/**
 * The tenant's rules on client secrets against the lifetime that the settings ask for.
 *
 * @see https://learn.microsoft.com/graph/api/resources/tenantappmanagementpolicy (read 2026-11)
 */
export async function checkSecretPolicy(context: DoctorContext): Promise<Finding> {
  const { settings, graph, graphToken, world } = context;
  if (!graphToken.known) return skip("not reached: see identity");
  if (!settings.known) return skip("not reached: see settings");
  if (Object.values(settings.value.apps).every(({ credential }) => credential !== "secret")) {
    return pass("no app has a client secret");
  }
  const found = await knowing(graph.get("/policies/defaultAppManagementPolicy", appManagementPolicy));
  if (!found.known) {
    return isForbidden(found.error)
      ? skip(
          "the identity may not read the tenant's policy on client secrets",
          personFix("see.more", "To have it checked: Graph Policy.Read.All."),
        )
      : unread(found.error, "the tenant's policy on client secrets could not be read", seeCheck("network"));
  }
  // As for an app that is yet to be made, which no policy spares for its age.
  const rules = secretRules({ tenantPolicy: found.value, createdAt: world.now() });
  const { rotation } = settings.value;
  const lifetimeDays = secretLifetimeDays(rotation);
  if (!rules.allowed) {
    return fail("the tenant's policy forbids client secrets", noSecretsFix);
  }
  const maxDays = Math.floor(rules.limitDays);
  const evidence = { lifetimeDays, maxLifetimeDays: Number.isFinite(maxDays) ? maxDays : null };
  if (lifetimeDays <= maxDays) {
    const limit = Number.isFinite(maxDays)
      ? `the tenant's policy allows ${maxDays}`
      : "the tenant sets no limit";
    return pass(`client secrets live ${lifetimeDays} days; ${limit}`, evidence);
  }
  return fail(
    `client secrets would live ${lifetimeDays} days (everyDays + keepDays + graceDays), and the tenant's policy allows ${maxDays}`,
    lifetimeFix(rotation, maxDays, context.stack),
    evidence,
  );
}
