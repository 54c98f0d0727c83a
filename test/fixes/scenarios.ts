import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FixIdOf } from "../../core/fix";
import { tagsWithMark } from "../../core/ownershipMark";
import { credentialDisplayName } from "../../core/secrets/credentialName";
import type { Checkpoint } from "../../emulator/pulumi/checkpoint";
import { fixStack, type FixStand, type SeenFinding } from "../support/fixStand";

/** The condition in which a fix is printed. */
export interface Scenario {
  /** Brings the condition about. */
  readonly spoil: (stand: FixStand) => unknown;
  /** The check that finds it, and whose finding is gone afterwards. */
  readonly check: string;
  readonly look?: (stand: FixStand) => Promise<readonly SeenFinding[]>;
}

const graph = "https://graph.microsoft.com/v1.0";
const arm = "https://management.azure.com";
const doctor = (stand: FixStand): Promise<readonly SeenFinding[]> => stand.doctor();

function mail(stand: FixStand) {
  const app = stand.outputs().apps["Mail"];
  if (app?.credential === undefined || app.secretName === undefined) throw new Error("Mail has no secret");
  return { ...app, credential: app.credential, secretName: app.secretName };
}

function registration(stand: FixStand) {
  const found = stand.azure.tenant.state.directory.applications[mail(stand).applicationObjectId ?? ""];
  if (found === undefined) throw new Error("Mail has no application");
  return found;
}

function vault(stand: FixStand) {
  const found = stand.azure.tenant.state.vaults[stand.outputs().vaultName];
  if (found === undefined) throw new Error("there is no vault");
  return found;
}

function secretName(stand: FixStand): string {
  return mail(stand).secretName.toLowerCase();
}

/** Changes the current version of Mail's vault secret, as somebody with a role there can. */
function changeSecret(stand: FixStand, change: Readonly<Record<string, unknown>>): void {
  const current = vault(stand).secrets[secretName(stand)]?.versions.at(-1);
  if (current === undefined) throw new Error("Mail has no vault secret");
  Object.assign(current, change);
}

function vaultProperties(stand: FixStand, change: Readonly<Record<string, unknown>>): void {
  const id = stand.outputs().vaultResourceId ?? "";
  const found = stand.azure.tenant.state.arm.resources[id.toLowerCase()] as
    { properties?: object } | undefined;
  if (found?.properties === undefined) throw new Error("there is no vault");
  Object.assign(found.properties, change);
}

function dropPublished(stand: FixStand): void {
  const { keyId } = mail(stand).credential;
  const app = registration(stand);
  app.passwordCredentials = app.passwordCredentials.filter((one) => one.keyId !== keyId);
}

function dropGrants(stand: FixStand): void {
  const { appRoleAssignments } = stand.azure.tenant.state.directory;
  for (const [id, { principalId }] of Object.entries(appRoleAssignments)) {
    if (principalId === mail(stand).servicePrincipalObjectId) Reflect.deleteProperty(appRoleAssignments, id);
  }
}

/** Adds a client secret, as if some hours ago. */
function addSecret(stand: FixStand, displayName: string, hoursAgo: number): void {
  const at = new Date(stand.azure.tenant.clock.now().getTime() - hoursAgo * 3_600_000).toISOString();
  const [some] = registration(stand).passwordCredentials;
  if (some === undefined) throw new Error("Mail has no client secret");
  registration(stand).passwordCredentials.push({
    ...some,
    keyId: "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
    displayName,
    startDateTime: at,
    createdDateTime: at,
  });
}

/** A scenario for each fix that a command carries out, of those that this table has reached. */
export const scenarios: Readonly<Partial<Record<FixIdOf<"command">, Scenario>>> = {
  "outputs.clear-pending": {
    check: "outputs",
    spoil: (stand) => {
      const file = join(stand.folder, ".copilot-token", `${fixStack}.checkpoint.json`);
      const checkpoint = JSON.parse(readFileSync(file, "utf8")) as Checkpoint;
      const urn = "urn:pulumi:test::copilot-token::azure-native:resources:ResourceGroup::copilot-token-test-";
      writeFileSync(file, JSON.stringify({ ...checkpoint, pending: [{ urn, operation: "create" }] }));
    },
  },
  "credentials.unpublished": { check: "credentials", spoil: dropPublished },
  "secret.not-in-entra": { check: "vault-secret", spoil: dropPublished },
  "token.wrong-secret": { check: "token", spoil: dropPublished },
  "credentials.unexpected": {
    check: "credentials",
    spoil: (stand) => {
      addSecret(stand, "made in the portal", 5);
    },
  },
  "credentials.orphaned": {
    check: "credentials",
    spoil: (stand) => {
      addSecret(stand, credentialDisplayName("Mail", 7, stand.outputs().stackId ?? ""), 2);
    },
  },
  "credentials.unexpected-trust": {
    check: "credentials",
    spoil: (stand) =>
      stand.call(
        "POST",
        `${graph}/applications/${mail(stand).applicationObjectId ?? ""}/federatedIdentityCredentials`,
        {
          name: "other",
          issuer: "https://token.actions.githubusercontent.com",
          subject: "repo:somebody/else:ref:refs/heads/main",
          audiences: ["api://AzureADTokenExchange"],
        },
      ),
  },
  "credentials.no-trust": {
    check: "credentials",
    spoil: (stand) => {
      const agentId = stand.outputs().apps["Agent"]?.applicationObjectId ?? "";
      const agent = stand.azure.tenant.state.directory.applications[agentId];
      if (agent === undefined) throw new Error("Agent has no application");
      agent.federatedIdentityCredentials = [];
    },
  },
  "permissions.not-granted": { check: "permissions-missing", spoil: dropGrants },
  "grants.restore": { check: "grants", spoil: dropGrants },
  "ownership.mark": {
    check: "ownership",
    spoil: (stand) => {
      registration(stand)["tags"] = [];
    },
  },
  "token.app-gone": {
    check: "token",
    spoil: (stand) => stand.call("DELETE", `${graph}/applications/${mail(stand).applicationObjectId ?? ""}`),
  },
  "token.no-service-principal": {
    check: "token",
    spoil: (stand) =>
      stand.call("DELETE", `${graph}/servicePrincipals/${mail(stand).servicePrincipalObjectId}`),
  },
  "expiry.rotate": {
    check: "expiry",
    spoil: (stand) => {
      stand.advanceDays(125);
    },
  },
  "rotation.due": {
    check: "rotation",
    spoil: (stand) => {
      stand.advanceDays(65);
    },
  },
  "token.expired": {
    check: "token",
    spoil: (stand) => {
      stand.advanceDays(140);
      changeSecret(stand, { exp: undefined });
    },
  },
  "secret.expired": {
    check: "vault-secret",
    spoil: (stand) => {
      stand.advanceDays(140);
    },
  },
  "secret.disabled": {
    check: "vault-secret",
    spoil: (stand) => {
      changeSecret(stand, { enabled: false });
    },
  },
  "secret.not-a-secret": {
    check: "vault-secret",
    spoil: (stand) => {
      changeSecret(stand, { value: "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d" });
    },
  },
  "secret.older": {
    check: "vault-secret",
    spoil: (stand) => {
      changeSecret(stand, {
        tags: { app: "Mail", clientId: mail(stand).clientId, keyId: "gone", sequence: "0" },
      });
    },
  },
  "secret.outputs-older": {
    check: "vault-secret",
    spoil: async (stand) => {
      writeFileSync(join(stand.folder, "outputs.json"), JSON.stringify(stand.outputs()));
      const { exitCode, stdout } = await stand.shell("npm run rotate -- --stack test --now");
      if (exitCode !== 0) throw new Error(stdout);
    },
    look: (stand) => stand.verify("--outputs", "outputs.json"),
  },
  "secret.deleted": {
    check: "vault-secret",
    spoil: (stand) => {
      const { secrets, deletedSecrets } = vault(stand);
      const secret = secrets[secretName(stand)];
      if (secret === undefined) throw new Error("Mail has no vault secret");
      const now = Math.floor(stand.azure.tenant.clock.now().getTime() / 1000);
      deletedSecrets[secretName(stand)] = {
        ...secret,
        deletedDate: now,
        scheduledPurgeDate: now + 86_400 * 90,
      };
      Reflect.deleteProperty(secrets, secretName(stand));
    },
  },
  "secret.never-made": {
    check: "vault-secret",
    spoil: (stand) => {
      Reflect.deleteProperty(vault(stand).secrets, secretName(stand));
    },
  },
  "secret.vault-gone": {
    check: "vault-secret",
    spoil: (stand) =>
      stand.call("DELETE", `${arm}${stand.outputs().vaultResourceId ?? ""}?api-version=2024-11-01`),
  },
  "secret.private": {
    check: "vault-secret",
    spoil: (stand) => {
      vaultProperties(stand, { publicNetworkAccess: "Disabled" });
    },
  },
  "vault.restore": {
    check: "vault-posture",
    spoil: (stand) => {
      vaultProperties(stand, { enablePurgeProtection: undefined });
    },
  },
  "outputs.deploy": {
    check: "outputs",
    spoil: (stand) => {
      const settings = readFileSync(join(stand.folder, "Pulumi.test.yaml"), "utf8");
      writeFileSync(join(stand.folder, "Pulumi.other.yaml"), settings);
      stand.configure({ apps: { Other: { permissions: ["User.Read.All"] } } }, "other");
      rmSync(join(stand.folder, ".copilot-token", "outputs.json"));
    },
    look: (stand) => stand.verify("--stack", "other"),
  },
  "settings.set": {
    check: "settings",
    look: doctor,
    spoil: (stand) => {
      stand.configure({ rotation: { everyDays: 0 } });
    },
  },
  "settings.delegated": {
    check: "permission-names",
    look: doctor,
    spoil: (stand) => {
      stand.configure({ apps: { Agent: { permissions: ["User.Read", "Files.ReadWrite"] } } });
    },
  },
  "identity.engine-settings": {
    check: "identity",
    look: doctor,
    spoil: (stand) => {
      stand.configure({ "azuread:clientId": stand.azure.tenant.identities.deployer.clientId });
    },
  },
  "provider.register": {
    check: "resource-providers",
    look: doctor,
    spoil: (stand) => {
      const { registeredProviders } = stand.azure.tenant.state.arm;
      registeredProviders.splice(registeredProviders.indexOf("Microsoft.Insights"), 1);
    },
  },
  "name.adopt": {
    check: "same-name",
    look: doctor,
    spoil: async (stand) => {
      await stand.call("POST", `${graph}/applications`, { displayName: "It's $(mine)" });
      stand.configure({ apps: { New: { displayName: "It's $(mine)", permissions: ["User.Read.All"] } } });
    },
  },
  "name.rename": {
    check: "same-name",
    look: doctor,
    spoil: async (stand) => {
      const other = { stackId: "57ac1d00-0000-4000-8000-00000000000f", resource: "X", stack: "other/prod" };
      await stand.call("POST", `${graph}/applications`, {
        displayName: "It's $(mine)",
        tags: tagsWithMark(other, []),
      });
      stand.configure({ apps: { New: { displayName: "It's $(mine)", permissions: ["User.Read.All"] } } });
    },
  },
};

/** Commands that no scenario runs yet, and what one would need. A new fix belongs into {@link scenarios}. */
export const notYetRun: Readonly<Partial<Record<FixIdOf<"command">, string>>> = {
  "token.no-trust": "a job of GitHub Actions that verifies",
  "rotation.retire": "an app that has moved from a secret to federation",
  "logic-app.restore": "an app with a Logic App",
  "power-platform.provider": "a Power Platform environment",
  "power-platform.restore": "a Power Platform environment",
  "power-platform.dataverse": "a Power Platform environment, and an az that makes service principals",
  "rights.azure": "an administrator of the subscription",
  "firewall.add": "a machine with a public address",
  "name.release": "a stack from before the mark",
  "policy.lifetime": "a deployer who may read policies",
  "vault-name.restore": "a destroyed stack with a vault name of its own",
  "vault-name.recover": "a destroyed stack with a vault name of its own",
  "vault-name.other": "a destroyed stack with a vault name of its own",
  "rotate.again": "a failure in the middle of a rotation",
  "rotate.secret-removed": "a failure in the middle of a rotation",
  "rotate.vault-gone": "a failure in the middle of a rotation",
  "rotate.secret-deleted": "a failure in the middle of a rotation",
  "run.already-exists": "a failure in the middle of a run",
  "stack.unlock": "the real engine's lock",
  "stack.deploy": "a stack that was never deployed",
};
