import { personFix } from "../../core/fix";
import { secretLifetimeDays, type RotationDays } from "../../core/secrets/rotation";
import {
  appManagementPolicy,
  lifetimeFix,
  noCertificatesFix,
  noSecretsFix,
  secretRules,
  type AppManagementPolicy,
} from "../../core/secrets/secretPolicy";
import { credentialNouns, publishedKinds, type PublishedKind } from "../../core/settings/credentialKind";
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
  const { settings, graph, graphToken } = context;
  if (!graphToken.known) return skip("not reached: see identity");
  if (!settings.known) return skip("not reached: see settings");
  const kinds = publishedKinds.filter((kind) =>
    Object.values(settings.value.apps).some(({ credential }) => credential === kind),
  );
  if (kinds.length === 0) return pass("no app has a client secret or certificate");
  const found = await knowing(graph.get("/policies/defaultAppManagementPolicy", appManagementPolicy));
  if (!found.known) {
    return isForbidden(found.error)
      ? skip(
          "the identity may not read the tenant's policy on client secrets and certificates",
          personFix("see.more", "To have it checked: Graph Policy.Read.All."),
        )
      : unread(found.error, "the tenant's policy on client secrets could not be read", seeCheck("network"));
  }
  const findings = kinds.map((kind) => judgePolicy(kind, found.value, context, settings.value.rotation));
  return (
    findings.find(({ status }) => status === "fail") ?? findings[0] ?? pass("no app has a client secret")
  );
}

const noneAllowed = {
  secret: { summary: "the tenant's policy forbids client secrets", fix: noSecretsFix },
  certificate: {
    summary:
      "the tenant's policy accepts certificates of trusted authorities only, and the vault's are self-signed",
    fix: noCertificatesFix,
  },
} as const;

function judgePolicy(
  kind: PublishedKind,
  tenantPolicy: AppManagementPolicy,
  { world, stack }: DoctorContext,
  rotation: RotationDays,
): Finding {
  // As for an app that is yet to be made, which no policy spares for its age.
  const rules = secretRules({ kind, tenantPolicy, createdAt: world.now() });
  const lifetimeDays = secretLifetimeDays(rotation);
  if (!rules.allowed) return fail(noneAllowed[kind].summary, noneAllowed[kind].fix);
  const maxDays = Math.floor(rules.limitDays);
  const evidence = { lifetimeDays, maxLifetimeDays: Number.isFinite(maxDays) ? maxDays : null };
  const nouns = `${credentialNouns[kind]}s`;
  if (lifetimeDays <= maxDays) {
    const limit = Number.isFinite(maxDays)
      ? `the tenant's policy allows ${maxDays}`
      : "the tenant sets no limit";
    return pass(`${nouns} live ${lifetimeDays} days; ${limit}`, evidence);
  }
  return fail(
    `${nouns} would live ${lifetimeDays} days (everyDays + keepDays + graceDays), and the tenant's policy allows ${maxDays}`,
    lifetimeFix(rotation, maxDays, stack),
    evidence,
  );
}
