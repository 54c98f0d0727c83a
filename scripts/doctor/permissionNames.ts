import { resolvePermissions } from "../../core/permissions/permissions";
import { apisToLookUp, resolveApis } from "../../core/permissions/apiRoles";
import { fetchApis, fetchGraphPermissions } from "../../azure/directory";
import { knowing } from "../shared/known";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { faultFixes } from "../../core/settings/settingsFaults";
import { fail, pass, seeCheck, skip } from "./finding";

/** Every permission name is one that this tenant's Microsoft Graph offers to applications. */
export async function checkPermissionNames({
  graph,
  graphToken,
  judged,
  stack,
  client,
}: DoctorContext): Promise<Finding> {
  if (!graphToken.known) return skip("not reached: see identity");
  if (!judged.known) return skip("not reached: see settings");
  const offer = await knowing(fetchGraphPermissions(graph));
  if (!offer.known) {
    return fail(
      `Microsoft Graph's permissions could not be read: ${offer.error.message}`,
      seeCheck("graph-rights"),
    );
  }
  const asked = judged.value.settings ?? judged.value.asked;
  const apis = await knowing(fetchApis(graph, apisToLookUp(asked)));
  if (!apis.known) {
    return fail(
      `The APIs in the settings could not be read: ${apis.error.message}`,
      seeCheck("graph-rights"),
    );
  }
  const { roles, scopes, faults: graphFaults } = resolvePermissions(asked, offer.value);
  const others = resolveApis(client.cloud, asked, apis.value);
  const faults = [...graphFaults, ...others.faults];
  const names = [
    ...[...Object.values(roles), ...Object.values(scopes)].flat().map(({ name }) => name),
    ...Object.values(others.apis)
      .flat()
      .flatMap((api) => api.roles.map(({ name }) => `${name} (${api.name})`)),
  ];
  const adminOnly = Object.values(scopes)
    .flat()
    .flatMap(({ name }) => (offer.value.adminConsent?.includes(name) === true ? [name] : []));
  const notes = [
    ...(adminOnly.length === 0
      ? []
      : [
          `Only an administrator, or an app with that right, can consent to ${[...new Set(adminOnly)].join(", ")}`,
        ]),
    ...others.notes,
  ];
  return faults.length === 0
    ? pass([`${names.join(", ")}: known to this tenant`, ...notes].join(". "), { permissions: names })
    : fail(
        faults.map(({ key, value, reason }) => `${key} ${value}: ${reason}`).join("; "),
        faults.flatMap((fault) => faultFixes(fault, stack)),
        { codes: faults.map(({ code }) => code) },
      );
}
