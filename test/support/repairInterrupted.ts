import type { Tenant } from "../../emulator/tenant/tenant";
import type { PendingOperation, PulumiStack } from "./pulumiStack";

/**
 * What Pulumi asks of whoever finds a stack locked and with pending operations: lift the lock, have the operations
 * forgotten, and import those resources that Azure has made.
 */
export async function repairInterrupted(stack: PulumiStack): Promise<void> {
  const must = async (...words: string[]): Promise<void> => {
    const { exitCode, said } = await stack.command(...words);
    if (exitCode !== 0) throw new Error(`pulumi ${words.join(" ")}: ${said}`);
  };
  await must("cancel", "--yes");
  const creations = (await stack.pendingOperations()).filter(({ type }) => type === "creating");
  await must("refresh", "--yes", "--skip-preview", "--non-interactive", "--clear-pending-creates");
  for (const operation of creations) {
    const id = madeId(stack.emulated.tenant, operation);
    if (id === undefined) continue;
    const { type, urn, parent } = operation.resource;
    const flags = [
      "--yes",
      "--skip-preview",
      "--non-interactive",
      "--protect=false",
      "--generate-code=false",
    ];
    await must("import", type, urn.split("::")[3] ?? "", id, "--parent", `parent=${parent}`, ...flags);
  }
}

/** Where the tenant has what an interrupted creation was to make; a client secret stays out: its value is lost. */
function madeId({ state }: Tenant, { resource: { type, inputs } }: PendingOperation): string | undefined {
  const { applications, servicePrincipals } = state.directory;
  switch (type) {
    case "azuread:index/application:Application": {
      const made = Object.values(applications).find(
        ({ displayName }) => displayName === inputs["displayName"],
      );
      return made === undefined ? undefined : `/applications/${made.id}`;
    }
    case "azuread:index/servicePrincipal:ServicePrincipal": {
      const made = Object.values(servicePrincipals).find(({ appId }) => appId === inputs["clientId"]);
      return made === undefined ? undefined : `/servicePrincipals/${made.id}`;
    }
    case "azure-native:keyvault:Secret": {
      const [vault, name] = [String(inputs["vaultName"]), String(inputs["secretName"])];
      const within = armId(state, "vaults", vault);
      const isMade = state.vaults[vault.toLowerCase()]?.secrets[name.toLowerCase()] !== undefined;
      return isMade && within !== undefined ? `${within}/secrets/${name}` : undefined;
    }
    case "azure-native:keyvault:Vault":
      return armId(state, "vaults", inputs["vaultName"]);
    case "azure-native:operationalinsights:Workspace":
      return armId(state, "workspaces", inputs["workspaceName"]);
    case "azure-native:monitor:DiagnosticSetting":
      return armId(state, "diagnosticSettings", inputs["name"]);
    case "azure-native:resources:ResourceGroup":
      return armId(state, "resourceGroups", inputs["resourceGroupName"]);
    default:
      return undefined;
  }
}

function armId({ arm }: Tenant["state"], collection: string, name: unknown): string | undefined {
  const end = `/${collection}/${String(name)}`.toLowerCase();
  return Object.entries(arm.resources).find(([id]) => id.endsWith(end))?.[1].id;
}
