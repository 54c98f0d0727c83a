import { isForbidden } from "../../../azure/serviceRefusal";
import { powerPlatformFix } from "../../../core/agent/powerPlatform";
import { providerRegistration } from "../../../core/azureCli";
import { commandFix, personFix } from "../../../core/fix";
import { powerPlatformNamespace } from "../../shared/powerPlatformServices";
import type { StackEvidence } from "../evidence";
import type { Finding } from "../report";
import { notSeen } from "./explain";
import { isOpen } from "./vaultPosture";

/**
 * `power-platform`: tenant, subscription and firewall let the environment reach the vault at all.
 *
 * @returns undefined where the stack gives Power Platform no access.
 */
export function checkPowerPlatform({ powerPlatform, vault }: StackEvidence): Finding | undefined {
  if (powerPlatform === undefined) return undefined;
  const { environmentId, services, registration } = powerPlatform;
  const evidence = {
    environmentId,
    registration: registration.known ? registration.value : null,
    publicAccess: vault.known ? (isOpen(vault.value) ? "all networks" : "chosen networks") : null,
  };
  const unknownServices = [services.dataverse, services.virtualAgentsService].flatMap((service) =>
    service.known ? [] : [service.error],
  );
  const untrusted = unknownServices.filter(({ code }) => code.startsWith("POWER_PLATFORM_"));
  if (untrusted.length > 0) {
    return {
      status: "fail",
      summary: untrusted.map(({ message }) => message).join(" "),
      evidence,
      fixes: untrusted.map(powerPlatformFix),
    };
  }
  if (registration.known && registration.value !== "Registered") {
    return {
      status: "fail",
      summary: `${powerPlatformNamespace} is ${registration.value} in the vault's subscription, so no environment variable can name its secrets`,
      evidence,
      fixes: [commandFix("power-platform.provider", "", providerRegistration(powerPlatformNamespace))],
    };
  }
  if (vault.known && !isOpen(vault.value)) {
    return {
      status: "note",
      summary:
        "the vault's firewall is on, and Power Platform is not a trusted service that may bypass it: only the addresses in the settings may",
      evidence,
      fixes: [
        personFix(
          "power-platform.firewall",
          "See that the addresses of the environment's region are in copilot-token:vault.allowedIpRanges: " +
            "https://learn.microsoft.com/power-platform/admin/online-requirements",
        ),
      ],
    };
  }
  const unseen = [
    ...unknownServices.map((error) => ({ what: "the tenant's services", error })),
    ...(registration.known
      ? []
      : [{ what: `whether ${powerPlatformNamespace} is registered`, error: registration.error }]),
    ...(vault.known ? [] : [{ what: "the vault's firewall", error: vault.error }]),
  ];
  const unanswered = unseen.find(({ error }) => !isForbidden(error));
  if (unanswered !== undefined) return { ...notSeen(unanswered.what, unanswered.error, ""), evidence };
  if (unseen.length > 0) {
    return {
      status: "skip",
      summary: `the caller may not see ${[...new Set(unseen.map(({ what }) => what))].join(", ")}`,
      evidence,
      fixes: [
        personFix(
          "see.more",
          "To have this checked too, give the caller Reader at the subscription and Graph Application.Read.All.",
        ),
      ],
    };
  }
  return {
    status: "pass",
    summary: `its services are in the tenant, ${powerPlatformNamespace} is registered, the vault is open to all networks`,
    evidence,
  };
}
