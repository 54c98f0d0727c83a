import { clouds } from "../../core/cloud/clouds";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { commandFix, fixKinds, type FixIdOf } from "../../core/fix";
import { tagsWithMark } from "../../core/ownershipMark";
import { releaseCommand } from "../../core/permissions/existingApps";
import { tokenProblems } from "../../copilot/problems";
import type { DestroyReport } from "../../scripts/destroy/report";
import { credentialDisplayName } from "../../core/secrets/credentialName";
import type { Checkpoint } from "../../emulator/pulumi/checkpoint";
import { workflowVariables } from "../../emulator/github/githubActions";
import { graphObjectId } from "../../emulator/tenant/seed";
import type { RotateReport } from "../../scripts/rotate/report";
import { fixStack, type FixStand, type SeenFinding } from "../support/fixStand";

/** The condition in which a fix is printed. */
export interface Scenario {
  /** Brings the condition about. */
  readonly spoil: (stand: FixStand) => unknown;
  /** The check that finds it, and whose finding is gone afterwards. */
  readonly check: string;
  readonly look?: (stand: FixStand) => Promise<readonly SeenFinding[]>;
  /** Who pastes the command. Default: the deployer. */
  readonly as?: "administrator";
  /** What passes by itself before the command is pasted. */
  readonly meanwhile?: (stand: FixStand) => void;
  /** What the command grants, where the finding is that it is missing: `principal: permission`. Default: nothing. */
  readonly grants?: readonly string[];
  /** What the finding kept from being done. */
  readonly afterwards?: (stand: FixStand) => Promise<unknown>;
}

const graph = "https://graph.microsoft.com/v1.0";
const arm = "https://management.azure.com";
/** A stack beside the one that is deployed. */
const other = "other";
const environmentId = "3f8e0c1d-52a7-4b96-8d30-e1c7a94b6f25";
/** GUID of the role. */
const contributor = "b24988ac-6180-42a0-ab88-20f7382dd24c";

const doctor = (stand: FixStand): Promise<readonly SeenFinding[]> => stand.doctor("--stack", fixStack);
const doctorOfOther = (stand: FixStand): Promise<readonly SeenFinding[]> => stand.doctor("--stack", other);

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

/** Changes the current version of Mail's vault secret, as someone with a role there can. */
function changeSecret(stand: FixStand, change: Readonly<Record<string, unknown>>): void {
  const current = vault(stand).secrets[secretName(stand)]?.versions.at(-1);
  if (current === undefined) throw new Error("Mail has no vault secret");
  Object.assign(current, change);
}

/** Changes a resource as someone does in the portal. */
function armProperties(
  stand: FixStand,
  id: string | undefined,
  change: Readonly<Record<string, unknown>>,
): void {
  const found = stand.azure.tenant.state.arm.resources[(id ?? "").toLowerCase()] as
    { properties?: object } | undefined;
  if (found?.properties === undefined) throw new Error(`there is no resource ${id ?? ""}`);
  Object.assign(found.properties, change);
}

function dropPublished(stand: FixStand): void {
  const { keyId } = mail(stand).credential;
  const app = registration(stand);
  app.passwordCredentials = app.passwordCredentials.filter((one) => one.keyId !== keyId);
}

/** Deletes Mail's vault secret, which the vault keeps for 90 days. */
function deleteSecret(stand: FixStand): void {
  const { secrets, deletedSecrets } = vault(stand);
  const secret = secrets[secretName(stand)];
  if (secret === undefined) throw new Error("Mail has no vault secret");
  const deletedDate = Math.floor(stand.azure.tenant.clock.now().getTime() / 1000);
  const scheduledPurgeDate = deletedDate + 86_400 * 90;
  deletedSecrets[secretName(stand)] = { ...secret, deletedDate, scheduledPurgeDate };
  Reflect.deleteProperty(secrets, secretName(stand));
}

function tagsOfSecret(stand: FixStand): Readonly<Record<string, string>> {
  return vault(stand).secrets[secretName(stand)]?.versions.at(-1)?.tags ?? {};
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

/** Lets the deployer have one more permission of Microsoft Graph. */
function letDeployer({ azure: { tenant } }: FixStand, permission: string): void {
  const { appRoleAssignments, servicePrincipals } = tenant.state.directory;
  const role = servicePrincipals[graphObjectId]?.appRoles.find(({ value }) => value === permission);
  const some = Object.entries(appRoleAssignments).find(
    ([, { principalId }]) => principalId === tenant.identities.deployer.objectId,
  );
  if (role === undefined || some === undefined) throw new Error(`there is no permission ${permission}`);
  appRoleAssignments[`${some[0]}-more`] = { ...some[1], id: `${some[0]}-more`, appRoleId: role.id };
}

/** The tenant's policy limits how long client secrets live. */
function limitSecrets({ azure: { tenant } }: FixStand, maxLifetime: string): void {
  const { defaultAppManagementPolicy: policy } = tenant.state.directory.policies;
  Object.assign(policy, {
    isEnabled: true,
    applicationRestrictions: {
      passwordCredentials: [{ restrictionType: "passwordLifetime", state: "enabled", maxLifetime }],
      keyCredentials: [],
    },
  });
}

/** A second stack in the same tenant, not deployed. */
function otherStack(stand: FixStand, settings: Readonly<Record<string, unknown>>): void {
  cpSync(join(stand.folder, `Pulumi.${fixStack}.yaml`), join(stand.folder, `Pulumi.${other}.yaml`));
  stand.configure({ apps: { Other: { permissions: ["User.Read.All"] } }, ...settings }, other);
}

/** A stack with a vault name of its own that was deployed and destroyed. */
async function destroyOther(stand: FixStand): Promise<void> {
  await stand.prepared("destroyed", async () => {
    const readers = [{ id: stand.azure.tenant.identities.deployer.objectId, type: "ServicePrincipal" }];
    otherStack(stand, { vault: { readers, name: "copilot-other" } });
    await stand.done(`pulumi up --stack ${other}`, `npm run destroy -- --stack ${other} --yes`);
  });
}

/** Its applications are back by a restoration, and are adopted by their own suggested fix. */
async function upOther(stand: FixStand): Promise<void> {
  for (const { fixes = [] } of await doctorOfOther(stand)) {
    for (const { id, commands } of fixes) if (id === "name.adopt") await stand.done(...commands);
  }
  await stand.done(`pulumi up --stack ${other}`);
}

async function dropTrust(stand: FixStand): Promise<void> {
  const agentId = stand.outputs().apps["Agent"]?.applicationObjectId ?? "";
  const credentials = `${graph}/applications/${agentId}/federatedIdentityCredentials`;
  const { value } = (await stand.call("GET", credentials)) as { value: { id: string }[] };
  for (const { id } of value) await stand.call("DELETE", `${credentials}/${id}`);
}

/** As the workflow does that the app trusts. */
async function verifyInJob(stand: FixStand): Promise<readonly SeenFinding[]> {
  const job = { repository: "contoso/agents", environment: "prod" };
  stand.setVariables(await workflowVariables(stand.azure.tenant, job));
  const findings = await stand.verify("--stack", fixStack, "--app", "Agent");
  stand.setVariables({});
  return findings;
}

async function openToPowerPlatform(stand: FixStand): Promise<void> {
  await stand.prepared("Power Platform", async () => {
    stand.azure.tenant.state.arm.registeredProviders.push("Microsoft.PowerPlatform");
    stand.configure({ powerPlatform: { environmentId } });
    await stand.done(`pulumi up --stack ${fixStack}`);
  });
}

async function rotateNow(stand: FixStand): Promise<readonly SeenFinding[]> {
  const { stdout, stderr } = await stand.shell(`npm run rotate -- --stack ${fixStack} --now --json`);
  if (stdout === "") throw new Error(stderr);
  const { failures } = JSON.parse(stdout) as Pick<RotateReport, "failures">;
  return failures.map(({ message, fixes = [] }) => ({
    id: "rotate",
    status: "fail",
    summary: message,
    fixes,
  }));
}

/** A command whose plain text suggests others, word for word; what it says is a finding. */
function printed(
  command: string,
  id: FixIdOf<"command">,
  ...suggested: readonly (string | ((stand: FixStand) => string))[]
): NonNullable<Scenario["look"]> {
  return async (stand) => {
    const { stdout, stderr } = await stand.shell(command);
    const commands = suggested.map((one) => (typeof one === "string" ? one : one(stand)));
    return [says(stdout + stderr, id, commands)];
  };
}

function says(text: string, id: FixIdOf<"command">, commands: readonly string[]): SeenFinding {
  const isSuggested = commands.every((one) => text.includes(one));
  const fixes = isSuggested ? [commandFix(id, "", ...commands)] : [];
  return { id: "printed", status: "fail", summary: text, fixes };
}

/** What the agent says in the conversation where Entra gives an app no token. */
function agentSays(id: FixIdOf<"command">, command: string): NonNullable<Scenario["look"]> {
  return async (stand) => {
    const checks = await stand.verify("--stack", fixStack);
    return checks
      .filter(({ status }) => status === "fail")
      .flatMap(({ summary }) => {
        const problem = tokenProblems(clouds.public).find(({ codes }) =>
          codes.some((code) => summary.includes(code)),
        );
        return problem === undefined ? [] : [says(problem.message, id, [command])];
      });
  };
}

/** An API of the company's own that takes assigned apps only, and an app that holds its one role. */
async function ordersApi(stand: FixStand): Promise<void> {
  const role = { id: "5f0c2a71-8d3e-4b96-a1f7-3c9e60d4b812", value: "Orders.Read", isEnabled: true };
  const shown = { displayName: "Orders.Read", description: "Reads orders" };
  const api = await stand.call("POST", `${graph}/applications`, {
    displayName: "Orders API",
    appRoles: [{ ...role, ...shown, allowedMemberTypes: ["Application"] }],
  });
  await stand.call("POST", `${graph}/servicePrincipals`, {
    appId: api["appId"],
    appRoleAssignmentRequired: true,
  });
  const apis = { [String(api["appId"])]: ["Orders.Read"] };
  stand.configure({ apps: { ...(stand.settings()["apps"] as object), Orders: { apis } } });
  await stand.done(`pulumi up --stack ${fixStack}`);
}

/** Mail signs in without its client secret from now on. */
async function retireMail(stand: FixStand): Promise<void> {
  await stand.prepared("retired", async () => {
    const { Agent } = stand.settings()["apps"] as Readonly<Record<string, unknown>>;
    stand.configure({ apps: { Mail: Agent, Agent } });
    await stand.done(`pulumi up --stack ${fixStack}`);
  });
}

/** The stack is to adopt an application that another stack has, or had. */
async function adoptTaken(stand: FixStand, tags: readonly string[], secret?: string): Promise<void> {
  const app = await stand.call("POST", `${graph}/applications`, { displayName: "Taken", tags });
  const adopt = String(app["id"]);
  if (secret !== undefined) {
    const passwordCredential = { displayName: secret };
    await stand.call("POST", `${graph}/applications/${adopt}/addPassword`, { passwordCredential });
  }
  const taken = { displayName: "Taken", permissions: ["User.Read.All"], adopt };
  stand.configure({ apps: { ...(stand.settings()["apps"] as object), Taken: taken } });
}

/** Releases the application of this name. */
function releaseOf(name: string): (stand: FixStand) => string {
  return ({ azure }) => {
    const { applications } = azure.tenant.state.directory;
    return releaseCommand(
      clouds.public,
      Object.values(applications).find(({ displayName }) => displayName === name)?.id ?? "",
    );
  };
}

const markOfOther = tagsWithMark(
  { stackId: "57ac1d00-0000-4000-8000-00000000000f", resource: "X", stack: "other/prod" },
  [],
);

/** A scenario for each fix that a command carries out. */
export const scenarios: Readonly<Record<FixIdOf<"command">, Scenario>> = {
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
  "credentials.no-trust": { check: "credentials", spoil: dropTrust },
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
  "secret.deleted": { check: "vault-secret", spoil: deleteSecret },
  "secret.never-made": {
    check: "vault-secret",
    spoil: (stand) => {
      Reflect.deleteProperty(vault(stand).secrets, secretName(stand));
    },
  },
  "secret.vault-gone": {
    check: "vault-secret",
    spoil: (stand) => stand.call("DELETE", `${arm}${stand.outputs().vaultResourceId}?api-version=2024-11-01`),
  },
  "secret.private": {
    check: "vault-secret",
    spoil: (stand) => {
      armProperties(stand, stand.outputs().vaultResourceId, { publicNetworkAccess: "Disabled" });
    },
  },
  "vault.restore": {
    check: "vault-posture",
    spoil: (stand) => {
      armProperties(stand, stand.outputs().vaultResourceId, { enablePurgeProtection: undefined });
    },
  },
  "outputs.deploy": {
    check: "outputs",
    grants: ["Other: User.Read.All"],
    spoil: (stand) => {
      otherStack(stand, {});
      rmSync(join(stand.folder, ".copilot-token", "outputs.json"));
    },
    look: (stand) => stand.verify("--stack", other),
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
      await stand.call("POST", `${graph}/applications`, {
        displayName: "It's $(mine)",
        tags: markOfOther,
      });
      stand.configure({ apps: { New: { displayName: "It's $(mine)", permissions: ["User.Read.All"] } } });
    },
  },

  "name.release": {
    check: "same-name",
    look: doctor,
    as: "administrator",
    spoil: async (stand) => {
      const app = await stand.call("POST", `${graph}/applications`, { displayName: "Reports" });
      await stand.call("POST", `${graph}/applications/${String(app["id"])}/addPassword`, {
        passwordCredential: { displayName: "copilot-token Reports-1" },
      });
      stand.configure({ apps: { Reports: { permissions: ["User.Read.All"] } } });
    },
  },
  "policy.lifetime": {
    check: "secret-policy",
    look: doctor,
    spoil: (stand) => {
      letDeployer(stand, "Policy.Read.All");
      limitSecrets(stand, "P90D");
    },
  },
  "rights.azure": {
    check: "azure-rights",
    look: doctor,
    as: "administrator",
    grants: ["copilot-token deployer: Contributor"],
    spoil: (stand) => {
      const { roleAssignments } = stand.azure.tenant.state.arm;
      const { objectId } = stand.azure.tenant.identities.deployer;
      for (const [id, { principalId, roleDefinitionId }] of Object.entries(roleAssignments)) {
        if (principalId === objectId && roleDefinitionId.endsWith(contributor)) {
          Reflect.deleteProperty(roleAssignments, id);
        }
      }
    },
  },
  "firewall.add": {
    check: "vault-firewall",
    look: doctor,
    spoil: (stand) => {
      stand.azure.tenant.faults = { callerAddress: "203.0.113.9" };
      const readers = [{ id: stand.azure.tenant.identities.deployer.objectId, type: "ServicePrincipal" }];
      stand.configure({ vault: { readers, allowedIpRanges: ["198.51.100.0/24"] } });
    },
  },
  "vault-name.restore": {
    check: "vault-name",
    look: doctorOfOther,
    spoil: destroyOther,
    afterwards: upOther,
  },
  "vault-name.recover": {
    check: "vault-name",
    look: doctorOfOther,
    spoil: destroyOther,
    afterwards: upOther,
  },
  "vault-name.other": {
    check: "vault-name",
    look: doctorOfOther,
    spoil: destroyOther,
    afterwards: upOther,
  },
  "token.no-trust": {
    check: "token",
    spoil: dropTrust,
    look: verifyInJob,
  },
  "rotation.retire": {
    check: "rotation",
    spoil: async (stand) => {
      await retireMail(stand);
      stand.advanceDays(61);
    },
  },
  "logic-app.restore": {
    check: "logic-app",
    spoil: async (stand) => {
      stand.configure({
        identities: { flow: {} },
        apps: {
          Directory: {
            permissions: ["User.Read.All"],
            credential: "managedIdentity",
            identity: "flow",
            logicApp: { callers: ["11111111-2222-4333-8444-555555555555"] },
          },
        },
      });
      await stand.done(`pulumi up --stack ${fixStack}`);
      const { logicApp } = stand.outputs().apps["Directory"] ?? {};
      armProperties(stand, logicApp?.resourceId, { state: "Disabled" });
    },
  },
  "power-platform.provider": {
    check: "power-platform",
    spoil: async (stand) => {
      await openToPowerPlatform(stand);
      const { registeredProviders } = stand.azure.tenant.state.arm;
      registeredProviders.splice(registeredProviders.indexOf("Microsoft.PowerPlatform"), 1);
    },
  },
  "power-platform.restore": {
    check: "power-platform-secret",
    spoil: async (stand) => {
      await openToPowerPlatform(stand);
      changeSecret(stand, { tags: { ...tagsOfSecret(stand), AllowedEnvironments: "somebody-else" } });
    },
  },
  "power-platform.dataverse": {
    check: "power-platform",
    look: doctor,
    as: "administrator",
    spoil: (stand) => {
      stand.configure({ powerPlatform: { environmentId } });
      const { servicePrincipals } = stand.azure.tenant.state.directory;
      for (const [id, { displayName }] of Object.entries(servicePrincipals)) {
        if (displayName === "Dataverse") Reflect.deleteProperty(servicePrincipals, id);
      }
    },
  },
  "rotate.again": {
    check: "rotate",
    look: rotateNow,
    spoil: (stand) => {
      stand.hurry(40);
      stand.azure.tenant.faults = { secretLag: { seconds: 400 } };
    },
    meanwhile: (stand) => {
      stand.azure.tenant.faults = {};
    },
  },
  "rotate.vault-gone": {
    check: "rotate",
    look: rotateNow,
    spoil: (stand) => stand.call("DELETE", `${arm}${stand.outputs().vaultResourceId}?api-version=2024-11-01`),
  },
  "run.already-exists": {
    check: "rotate",
    look: rotateNow,
    spoil: (stand) => {
      const { Agent } = stand.settings()["apps"] as Readonly<Record<string, unknown>>;
      stand.configure({ apps: { Mail: { permissions: ["User.Read.All", "Group.Read.All"] }, Agent } });
      const action = { kind: "lost" } as const;
      const grant = { service: "graph", method: "POST", path: "/appRoleAssign", times: 1, action } as const;
      stand.azure.tenant.faults = { disturbances: [grant] };
    },
  },
  "stack.unlock": {
    check: "printed",
    look: printed(
      `npm run rotate -- --stack ${fixStack} --now`,
      "stack.unlock",
      `npm run rotate -- --stack ${fixStack} --unlock`,
    ),
    spoil: (stand) => {
      const lock = { processId: 2 ** 22 + 1, host: hostname(), since: new Date().toISOString() };
      writeFileSync(
        join(stand.folder, ".copilot-token", `${fixStack}.checkpoint.json.lock`),
        JSON.stringify(lock),
      );
    },
  },
  "stack.deploy": {
    check: "printed",
    grants: ["Other: User.Read.All"],
    look: printed(`npm run rotate -- --stack ${other}`, "stack.deploy", `pulumi up --stack ${other}`),
    spoil: (stand) => {
      otherStack(stand, {});
    },
  },

  "grants.removed-outside": {
    check: "printed",
    look: printed(
      `pulumi up --stack ${fixStack}`,
      "grants.removed-outside",
      `pulumi up --refresh --stack ${fixStack}`,
    ),
    spoil: dropGrants,
  },
  "grants.given-again": {
    check: "printed",
    look: printed(
      `pulumi up --stack ${fixStack}`,
      "grants.given-again",
      `pulumi up --refresh --stack ${fixStack}`,
    ),
    spoil: async (stand) => {
      const principalId = mail(stand).servicePrincipalObjectId;
      const granted = `${graph}/servicePrincipals/${principalId}/appRoleAssignments`;
      const { value } = (await stand.call("GET", granted)) as { value: Record<string, string>[] };
      for (const { id = "", appRoleId, resourceId } of value) {
        await stand.call("DELETE", `${granted}/${id}`);
        await stand.call("POST", granted, { appRoleId, resourceId, principalId });
      }
    },
  },
  "adopt.other-stack": {
    check: "printed",
    as: "administrator",
    grants: ["Taken: User.Read.All"],
    look: printed(`pulumi up --stack ${fixStack}`, "adopt.other-stack", releaseOf("Taken")),
    spoil: (stand) => adoptTaken(stand, markOfOther),
  },
  "adopt.before-mark": {
    check: "printed",
    as: "administrator",
    grants: ["Taken: User.Read.All"],
    look: printed(`pulumi up --stack ${fixStack}`, "adopt.before-mark", releaseOf("Taken")),
    spoil: (stand) => adoptTaken(stand, [], "copilot-token Taken-1"),
  },
  "vault.in-use": {
    check: "printed",
    as: "administrator",
    grants: ["Other: User.Read.All"],
    look: printed(`pulumi up --stack ${other}`, "vault.in-use", releaseOf("Mail")),
    spoil: (stand) => {
      otherStack(stand, { vault: { adopt: stand.outputs().vaultResourceId } });
    },
  },
  "granter.remove": {
    check: "printed",
    look: printed(
      `pulumi up --stack ${fixStack}`,
      "granter.remove",
      `pulumi config rm --path 'copilot-token:granter' --stack ${fixStack}`,
    ),
    spoil: (stand) => {
      stand.configure({ granter: { clientId: stand.azure.tenant.identities.verifier.clientId } });
    },
  },
  "outputs.write": {
    check: "printed",
    look: printed(
      "npm run verify -- --outputs given.json",
      "outputs.write",
      "pulumi stack output --json > given.json",
    ),
    spoil: () => undefined,
  },
  "rotate.retired-leak": {
    check: "printed",
    look: printed(
      `npm run rotate -- --stack ${fixStack} --leaked`,
      "rotate.retired-leak",
      `COPILOT_TOKEN_ROTATE=Mail:leaked pulumi up --stack ${fixStack}`,
    ),
    spoil: retireMail,
  },
  "destroy.unprotect": {
    check: "printed",
    look: printed(
      `npm run destroy -- --stack ${fixStack} --dry-run`,
      "destroy.unprotect",
      `pulumi config set --path 'copilot-token:protect' false --stack ${fixStack}`,
      `pulumi up --stack ${fixStack}`,
      `npm run destroy -- --stack ${fixStack}`,
    ),
    spoil: async (stand) => {
      stand.configure({ protect: true });
      await stand.done(`pulumi up --stack ${fixStack}`);
    },
  },
  "destroy.finish": {
    check: "printed",
    look: printed(
      `npm run destroy -- --stack ${fixStack} --restore --dry-run`,
      "destroy.finish",
      `npm run destroy -- --stack ${fixStack}`,
      `npm run destroy -- --stack ${fixStack} --restore`,
    ),
    spoil: () => undefined,
  },
  "destroyed.restore": {
    check: "printed",
    look: printed(
      `npm run destroy -- --stack ${other}`,
      "destroyed.restore",
      `npm run destroy -- --stack ${other} --restore`,
    ),
    spoil: destroyOther,
  },
  "destroyed.purge": {
    check: "printed",
    look: printed(
      `npm run destroy -- --stack ${other}`,
      "destroyed.purge",
      `npm run destroy -- --stack ${other} --purge`,
    ),
    spoil: destroyOther,
  },
  "destroyed.adopt": {
    check: "restore",
    grants: ["Other: User.Read.All"],
    look: async (stand) => {
      const { stdout } = await stand.shell(`npm run destroy -- --stack ${other} --restore --json`);
      if (stdout === "") return [];
      const { wayIn } = JSON.parse(stdout) as Pick<DestroyReport, "wayIn">;
      const fixes = [commandFix("destroyed.adopt", "", ...wayIn)];
      return [{ id: "restore", status: "fail", summary: stdout, fixes }];
    },
    spoil: destroyOther,
  },
  "agent.expired": {
    check: "printed",
    look: agentSays("agent.expired", "npm run rotate"),
    spoil: (stand) => {
      stand.advanceDays(140);
      changeSecret(stand, { exp: undefined });
    },
  },
  "apis.service-principal": {
    check: "printed",
    as: "administrator",
    grants: ["Feeds: ActivityFeed.Read"],
    look: printed(
      `pulumi up --stack ${fixStack}`,
      "apis.service-principal",
      "az ad sp create --id c5393580-f805-4401-95e8-94b7a6ef2fc2",
    ),
    spoil: (stand) => {
      const { servicePrincipals } = stand.azure.tenant.state.directory;
      for (const [id, { appId }] of Object.entries(servicePrincipals)) {
        if (appId === "c5393580-f805-4401-95e8-94b7a6ef2fc2") Reflect.deleteProperty(servicePrincipals, id);
      }
      const Feeds = { apis: { Office365Management: ["ActivityFeed.Read"] } };
      stand.configure({ apps: { ...(stand.settings()["apps"] as object), Feeds } });
    },
  },
  "agent.no-role": {
    check: "printed",
    grants: ["Orders: Orders.Read"],
    look: agentSays("agent.no-role", "pulumi up --refresh"),
    spoil: async (stand) => {
      await ordersApi(stand);
      const { appRoleAssignments } = stand.azure.tenant.state.directory;
      for (const [id, { principalId }] of Object.entries(appRoleAssignments)) {
        if (principalId === stand.outputs().apps["Orders"]?.servicePrincipalObjectId) {
          Reflect.deleteProperty(appRoleAssignments, id);
        }
      }
    },
  },
  "agent.no-service-principal": {
    check: "printed",
    look: agentSays("agent.no-service-principal", "pulumi up --refresh"),
    spoil: (stand) =>
      stand.call("DELETE", `${graph}/servicePrincipals/${mail(stand).servicePrincipalObjectId}`),
  },
};

/** For the figures of the documentation: suggested commands that a scenario runs, of those that are suggested. */
export const suggestedFixes = {
  tested: Object.keys(scenarios).length,
  printed: Object.values(fixKinds).filter((kind) => kind === "command").length,
};
