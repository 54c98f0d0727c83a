import { cloudOf } from "../tenant/clouds";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TenantState } from "../tenant/tenant";

/**
 * Signs the Azure CLI in as a service principal, in a folder of its own: what `az login --service-principal` leaves
 * behind, without a token. A token of an earlier run, which no key of this tenant has signed, is never in it.
 *
 * @param folder The CLI's `AZURE_CONFIG_DIR`.
 */
export function signInAz(
  folder: string,
  { clientId, clientSecret }: { readonly clientId: string; readonly clientSecret: string },
  state: TenantState,
): void {
  const { tenantId, subscriptionId, directory, arm } = state;
  const { azureName } = cloudOf(state);
  const principal = Object.values(directory.servicePrincipals).find(({ appId }) => appId === clientId);
  const isSeen = Object.values(arm.roleAssignments).some(({ principalId }) => principalId === principal?.id);
  const subscription = {
    // An identity that sees no subscription has an account of the tenant.
    id: isSeen ? subscriptionId : tenantId,
    name: isSeen ? "Contoso (emulated)" : "N/A(tenant level account)",
    state: "Enabled",
    user: { name: clientId, type: "servicePrincipal" },
    isDefault: true,
    tenantId,
    homeTenantId: tenantId,
    environmentName: azureName,
    managedByTenants: [],
  };
  const entry = { client_id: clientId, tenant: tenantId, client_secret: clientSecret };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (name: string, content: string): void => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
  };
  write("azureProfile.json", JSON.stringify({ subscriptions: [subscription] }));
  write("service_principal_entries.json", JSON.stringify([entry]));
  // Windows would look for these in encrypted form.
  write(
    "config",
    `[core]\nencrypt_token_cache = false\ncollect_telemetry = false\n${azureName === "AzureCloud" ? "" : `[cloud]\nname = ${azureName}\n`}`,
  );
}
