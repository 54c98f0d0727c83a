import { z } from "zod";
import { secretLifetimeDays } from "../../../infra/core/rotation";
import { setCommand } from "../../../infra/core/settingsFaults";
import { knowing } from "../known";
import { ServiceRefusal } from "../../../azure/serviceRefusal";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { fail, pass, skip, warn } from "./finding";

const policy = z.object({
  isEnabled: z.boolean().nullish(),
  applicationRestrictions: z
    .object({
      passwordCredentials: z
        .array(
          z.object({
            restrictionType: z.string(),
            state: z.string().nullish(),
            maxLifetime: z.string().nullish(),
          }),
        )
        .nullish(),
    })
    .nullish(),
});

/**
 * The tenant's rules on client secrets against the lifetime that the settings ask for.
 *
 * @see https://learn.microsoft.com/graph/api/resources/tenantappmanagementpolicy (read 2026-11)
 */
export async function checkSecretPolicy({ settings, graph, graphToken }: DoctorContext): Promise<Finding> {
  if (!graphToken.known) return skip("not reached: see identity");
  if (!settings.known) return skip("not reached: see settings");
  const found = await knowing(graph.get("/policies/defaultAppManagementPolicy", policy));
  if (!found.known) {
    return found.error instanceof ServiceRefusal && found.error.status === 403
      ? skip(
          "the identity may not read the tenant's policy on client secrets",
          "To have it checked: Graph Policy.Read.All.",
        )
      : warn(
          `the tenant's policy on client secrets could not be read: ${found.error.message}`,
          "Run this again.",
        );
  }
  const restrictions =
    found.value.isEnabled === true ? (found.value.applicationRestrictions?.passwordCredentials ?? []) : [];
  const inForce = restrictions.filter(({ state }) => (state ?? "enabled") === "enabled");
  const { rotation } = settings.value;
  const lifetimeDays = secretLifetimeDays(rotation);
  if (inForce.some(({ restrictionType }) => restrictionType === "passwordAddition")) {
    return fail(
      "the tenant's policy forbids client secrets",
      "Ask for an exemption: portal, Enterprise applications, Application policies.",
    );
  }
  const maxDays = Math.min(
    ...inForce.map(({ restrictionType, maxLifetime }) =>
      restrictionType === "passwordLifetime" ? daysIn(maxLifetime ?? "") : Infinity,
    ),
  );
  const evidence = { lifetimeDays, maxLifetimeDays: Number.isFinite(maxDays) ? maxDays : null };
  if (lifetimeDays <= maxDays) {
    const limit = Number.isFinite(maxDays)
      ? `the tenant's policy allows ${maxDays}`
      : "the tenant sets no limit";
    return pass(`client secrets live ${lifetimeDays} days; ${limit}`, evidence);
  }
  const shorter = Math.max(1, rotation.keepDays - (lifetimeDays - maxDays));
  return fail(
    `client secrets would live ${lifetimeDays} days (everyDays + keepDays + graceDays), and the tenant's policy allows ${maxDays}`,
    setCommand(["rotation", "keepDays"], String(shorter)),
    evidence,
  );
}

/** Whole days in an ISO 8601 duration of days and less, as Graph's policies have them; Infinity if unreadable. */
function daysIn(duration: string): number {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(duration);
  if (match === null) return Infinity;
  const [days = 0, hours = 0, minutes = 0] = match
    .slice(1, 4)
    .map((part) => Number((part as string | undefined) ?? 0));
  return Math.floor(days + (hours * 60 + minutes) / 1440);
}
