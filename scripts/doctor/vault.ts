import { commandFix, onStack, personFix, upCommand } from "../../core/fix";
import { isIPv4 } from "node:net";
import * as z from "zod/mini";
import { armService, askArm, fetchVault, findDeletedVault } from "../../azure/arm";
import type { AzureClient } from "../../azure/azureClient";
import type { Identity } from "../../azure/signIn";
import { forbiddenRangeOf, isInRange } from "../../core/vault/ipv4Range";
import { keyVaultApiVersion } from "../../core/vault/keyVaultApi";
import { knowing } from "../shared/known";
import { askWithoutToken } from "../../azure/keyVault";
import { readBody } from "../../azure/serviceRefusal";
import { removeCommand, setCommand } from "../../core/settings/settingsFaults";
import { byName } from "../../core/byName";
import { publishedOf, type AppOutputs, type StackOutputs } from "../../core/outputs/stackOutputs";
import { isPublishedKind } from "../../core/settings/credentialKind";
import { deletedVaultFixes, readVaultId } from "../../core/vault/vaultAdoption";
import { vaultInUse } from "../../core/vault/vaultInUse";
import { fetchVaultUse } from "../../azure/vaultUse";
import { ownStackId } from "./existingApps";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { fail, pass, seeCheck, skip, unread } from "./finding";

const nameAnswer = z.object({ nameAvailable: z.boolean(), reason: z.nullish(z.string()) });

/** The vault's name is free, or already this stack's. */
export async function checkVaultName(context: DoctorContext): Promise<Finding> {
  const { settings, outputs, identity, subscriptionId, client } = context;
  if (!settings.known) return skip("not reached: see settings");
  const { name, adopt } = settings.value.vault;
  const use = await vaultUse(context, adopt);
  if (use !== undefined) return use;
  if (adopt !== undefined) {
    return pass(`the stack adopts ${readVaultId(adopt)?.vaultName ?? adopt}`, { adopt });
  }
  if (name === undefined) return pass("the name gets a random suffix, so it is free");
  if (!context.world.inOtherProgram && outputs.known && outputs.value.vaultName === name)
    return pass(`${name} is this stack's vault`);
  if (!identity.known || !subscriptionId.known) return skip("not reached: see azure-rights");
  if (context.world.inOtherProgram && outputs.known)
    return programsVault(client, identity.value, outputs.value);

  const scope = `/subscriptions/${subscriptionId.value}/providers/Microsoft.KeyVault`;
  const answer = await knowing(askName(context, scope, name));
  if (!answer.known)
    return unread(answer.error, `whether ${name} is free could not be asked`, seeCheck("azure-rights"));
  if (answer.value.nameAvailable) return pass(`${name} is free`, { name });
  const deleted = await knowing(findDeletedVault(client, identity.value, subscriptionId.value, name));
  const gone = deleted.known ? deleted.value : undefined;
  if (gone !== undefined) {
    return fail(
      `${name} is a deleted vault of this subscription, and its name is locked until ${gone.scheduledPurgeAt ?? "it is purged"}`,
      deletedVaultFixes(context.stack, gone),
      { name },
    );
  }
  return fail(
    `the vault name ${name} is already used in Azure (${answer.value.reason ?? "no reason given"})`,
    commandFix(
      "vault-name.other",
      "Choose another name, or none, which makes one that is free",
      onStack(removeCommand(["vault", "name"]), context.stack),
    ),
    { name },
  );
}

/** The vault of a program of another project, which the program makes, or another one. */
async function programsVault(
  client: AzureClient,
  identity: Identity,
  { vaultName, vaultResourceId }: StackOutputs,
): Promise<Finding> {
  const vault = await knowing(fetchVault(client, identity, vaultResourceId));
  if (!vault.known)
    return unread(vault.error, `the vault ${vaultName} could not be read`, seeCheck("azure-rights"));
  return vault.value.properties.enableRbacAuthorization === true
    ? pass(`${vaultName} is there, and uses roles`, { vaultResourceId })
    : fail(
        `${vaultName} uses access policies, so the roles of readers do nothing`,
        personFix("vault.permission-model", "Make it use roles (RBAC), where it is made."),
        { vaultResourceId },
      );
}

/** @returns undefined where the vault holds nothing of another stack's, or nothing new is going to be in it. */
async function vaultUse(context: DoctorContext, adopt: string | undefined): Promise<Finding | undefined> {
  const { settings, outputs, identity, client, graph } = context;
  const ownVault = outputs.known ? outputs.value.vaultResourceId : undefined;
  const vaultId = adopt ?? ownVault;
  if (!settings.known || !identity.known || vaultId === undefined) return undefined;
  const apps = Object.entries(settings.value.apps);
  const known = outputs.known ? outputs.value.apps : byName<AppOutputs>({});
  const own = {
    cloud: client.cloud,
    isNewVault: ownVault?.toLowerCase() !== vaultId.toLowerCase(),
    newApps: apps.flatMap(([name, { credential }]) =>
      isPublishedKind(credential) && publishedOf(known[name], credential) === undefined ? [name] : [],
    ),
    stackId: await ownStackId(context),
    objectIds: [
      ...apps.flatMap(([, app]) => ("adopt" in app ? app.adopt : undefined) ?? []),
      ...Object.values(known).flatMap(({ applicationObjectId }) => applicationObjectId ?? []),
    ],
  };
  if (!own.isNewVault && own.newApps.length === 0) return undefined;
  const secrets = await knowing(fetchVaultUse(client, identity.value, graph, vaultId));
  if (!secrets.known)
    return unread(secrets.error, "what the vault holds could not be read", seeCheck("azure-rights"));
  const reason = vaultInUse(secrets.value, own);
  if (reason === undefined) return undefined;
  const text = own.isNewVault
    ? "Take vault.adopt out of the settings: the stack then gets a vault of its own."
    : "Give the app another key.";
  return fail(reason, personFix("ownership.other-stack", text), { vaultId });
}

async function askName(
  { client, identity }: DoctorContext,
  scope: string,
  name: string,
): Promise<z.infer<typeof nameAnswer>> {
  if (!identity.known) throw identity.error;
  const question = {
    method: "POST",
    path: `${scope}/checkNameAvailability`,
    apiVersion: keyVaultApiVersion,
    body: { name, type: "Microsoft.KeyVault/vaults" },
  } as const;
  return readBody(armService, await askArm(client, identity.value, question), nameAnswer);
}

/** This machine's address, as the vault sees it, lies within the ranges that the settings let in. */
export async function checkVaultFirewall({
  settings,
  outputs,
  client,
  stack,
}: DoctorContext): Promise<Finding> {
  if (!settings.known) return skip("not reached: see settings");
  const ranges = settings.value.vault.allowedIpRanges;
  if (ranges.length === 0) return pass("the vault takes connections from everywhere; roles decide");
  if (!outputs.known) {
    return skip(
      `only ${ranges.join(", ")} may reach the vault; which address this machine has shows once the vault is there`,
    );
  }
  // A vault tells every caller, even one without a token, which address it sees.
  const reply = await knowing(askWithoutToken(client, outputs.value.vaultName));
  if (!reply.known) return unread(reply.error, "the vault could not be reached", seeCheck("network"));
  const address = /addr=([\d.]+)/.exec(reply.value.headers["x-ms-keyvault-network-info"] ?? "")?.[1];
  if (address === undefined) {
    return fail(
      `the answer is not the vault's own: it does not say which address it sees (${reply.value.status})`,
      seeCheck("network"),
    );
  }
  return isIPv4(address) && ranges.some((range) => isInRange(address, range))
    ? pass(`this machine's address, ${address}, is let in`, { address, ranges })
    : fail(
        `this machine's address, ${address}, is not among ${ranges.join(", ")}`,
        forbiddenRangeOf(address) === undefined
          ? commandFix(
              "firewall.add",
              "Run this from an address that is let in, or let this one in",
              onStack(setCommand(["vault", "allowedIpRanges", ranges.length], address), stack),
              upCommand(stack),
            )
          : personFix("firewall.elsewhere", "Run this from an address that is let in."),
        { address, ranges },
      );
}
