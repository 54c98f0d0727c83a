import { z } from "zod";
import { resolvePermissions } from "../../../infra/core/permissions";
import { graphClientId } from "../../../azure/graphApi";
import { knowing } from "../known";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { fail, pass, skip, warn } from "./finding";

const named = z.array(z.object({ id: z.string(), value: z.string().nullish() }));
const graphPrincipal = z.object({ id: z.string(), appRoles: named, oauth2PermissionScopes: named });

/** Every permission name is one that this tenant's Microsoft Graph offers to applications. */
export async function checkPermissionNames({ graph, graphToken, judged }: DoctorContext): Promise<Finding> {
  if (!graphToken.known) return skip("not reached: see identity");
  if (!judged.known) return skip("not reached: see settings");
  const offer = await knowing(
    graph.list(
      `/servicePrincipals?$filter=appId eq '${graphClientId}'&$select=id,appRoles,oauth2PermissionScopes`,
      graphPrincipal,
    ),
  );
  const principal = offer.known ? offer.value[0] : undefined;
  if (principal === undefined) {
    const reason = offer.known ? "the tenant has no service principal of it" : offer.error.message;
    return warn(`Microsoft Graph's permissions could not be read: ${reason}`, "See graph-rights.");
  }
  const asked = judged.value.settings ?? judged.value.asked;
  const { roles, faults } = resolvePermissions(asked, {
    graphObjectId: principal.id,
    appRoleIds: byName(principal.appRoles),
    delegatedIds: byName(principal.oauth2PermissionScopes),
  });
  const names = Object.values(roles).flatMap((list) => list.map(({ name }) => name));
  return faults.length === 0
    ? pass(`${names.join(", ")}: known to this tenant`, { permissions: names })
    : fail(
        faults.map(({ key, value, reason }) => `${key} ${value}: ${reason}`).join("; "),
        faults.map(({ repair }) => repair).join("; "),
        { codes: faults.map(({ code }) => code) },
      );
}

function byName(items: z.infer<typeof named>): Record<string, string> {
  return Object.fromEntries(items.flatMap(({ id, value }) => (value == null ? [] : [[value, id]])));
}
