import { powerPlatformFix } from "../../core/agent/powerPlatform";
import { personFix } from "../../core/fix";
import { ServiceRefusal } from "../../azure/serviceRefusal";
import type { Finding } from "../verify/report";
import { fetchPowerPlatformServices } from "../shared/powerPlatformServices";
import type { DoctorContext } from "./context";
import { fail, pass, seeCheck, skip, unread, warn } from "./finding";

/**
 * The services that read secrets for Copilot Studio are in the tenant and Microsoft's own, and a firewall in front of
 * the vault does not keep them out. Their resource provider is the check `resource-providers`.
 *
 * @see https://learn.microsoft.com/power-apps/maker/data-platform/environmentvariables-azure-key-vault-secrets (read 2026-11)
 */
export async function checkPowerPlatform({
  settings,
  graph,
  graphToken,
  client,
}: DoctorContext): Promise<Finding> {
  if (!settings.known) return skip("not reached: see settings");
  const { environmentId, virtualAgentsServiceObjectId } = settings.value.powerPlatform;
  if (environmentId === undefined) {
    return pass("the settings name no environment, so Power Platform gets no access");
  }
  if (!graphToken.known) return skip("not reached: see identity");
  const { dataverse, virtualAgentsService } = await fetchPowerPlatformServices(
    client.cloud,
    graph,
    virtualAgentsServiceObjectId,
  );
  const { allowedIpRanges } = settings.value.vault;
  const evidence = {
    environmentId,
    dataverse: dataverse.known ? dataverse.value : null,
    virtualAgentsService: virtualAgentsService.known ? virtualAgentsService.value : null,
    allowedIpRanges,
  };
  const errors = [dataverse, virtualAgentsService].flatMap((each) => (each.known ? [] : [each.error]));
  const missing = errors.filter(({ code }) => code.startsWith("POWER_PLATFORM_"));
  if (missing.length > 0) {
    return fail(missing.map(({ message }) => message).join(" "), missing.map(powerPlatformFix), evidence);
  }
  const [unreadError] = errors;
  if (unreadError !== undefined) {
    const why = seeCheck(unreadError instanceof ServiceRefusal ? "graph-rights" : "network");
    return {
      ...unread(unreadError, "the services of Power Platform could not be looked up", why),
      evidence,
    };
  }
  if (allowedIpRanges.length > 0) {
    return warn(
      `the vault's firewall lets in ${allowedIpRanges.join(", ")} only, and Power Platform is not a trusted service ` +
        "that passes it: topics and flows are refused unless their region's addresses are among these",
      personFix(
        "power-platform.firewall",
        "Add the region's addresses (https://learn.microsoft.com/power-platform/admin/online-requirements) to " +
          "copilot-token:vault.allowedIpRanges, or remove the list: then only roles decide.",
      ),
      evidence,
    );
  }
  return pass(
    "Dataverse is in the tenant, and so is Power Virtual Agents Service, Microsoft's or the one that the settings name",
    evidence,
  );
}
