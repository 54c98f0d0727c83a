import { providerRegistration } from "../../core/azureCli";
import { commandFix } from "../../core/fix";
import * as z from "zod/mini";
import { listArm } from "../../azure/arm";
import { powerPlatformNamespace } from "../shared/powerPlatformServices";
import { knowing } from "../shared/known";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { fail, pass, seeCheck, skip, unread } from "./finding";

const provider = z.object({ namespace: z.string(), registrationState: z.string() });

/** Always used; `Microsoft.Authorization` and `Microsoft.Resources` cannot be unregistered. */
const alwaysNeeded = ["Microsoft.KeyVault", "Microsoft.OperationalInsights", "Microsoft.Insights"];

/** The subscription's resource providers that this stack's settings call for are registered. */
export async function checkResourceProviders({
  client,
  identity,
  subscriptionId,
  settings,
  world,
}: DoctorContext): Promise<Finding> {
  if (!identity.known || !subscriptionId.known) return skip("not reached: see azure-rights");
  const path = `/subscriptions/${subscriptionId.value}/providers`;
  const providers = await knowing(listArm(client, identity.value, path, "2021-04-01", provider));
  if (!providers.known) {
    return unread(providers.error, "they could not be read", seeCheck("azure-rights"));
  }
  const hasAlerts = settings.known && settings.value.alerts.email !== undefined;
  const hasPowerPlatform = settings.known && settings.value.powerPlatform.environmentId !== undefined;
  const needed = [
    ...(world.inOtherProgram ? alwaysNeeded.slice(0, 1) : alwaysNeeded),
    ...(hasAlerts ? ["Microsoft.EventGrid"] : []),
    ...(hasPowerPlatform ? [powerPlatformNamespace] : []),
  ];
  const missing = needed.filter(
    (namespace) =>
      !providers.value.some(
        (one) =>
          one.namespace.toLowerCase() === namespace.toLowerCase() && one.registrationState === "Registered",
      ),
  );
  return missing.length === 0
    ? pass(`${needed.join(", ")} are registered`, { needed })
    : fail(
        `not registered: ${missing.join(", ")}`,
        [commandFix("provider.register", "", ...missing.map(providerRegistration))],
        { needed, missing },
      );
}
