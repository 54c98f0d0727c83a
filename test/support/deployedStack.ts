import { azure } from "../../emulator/server/azure";
import { frozenClock, type Clock } from "../../emulator/tenant/clock";
import { graphClientId, graphObjectId } from "../../emulator/tenant/seed";
import { createSigningKey, type SigningKey } from "../../emulator/entra/signingKey";
import { createTenant, type Tenant } from "../../emulator/tenant/tenant";
import { credentialDisplayName } from "../../core/secrets/credentialName";
import { tagsWithMark } from "../../core/ownershipMark";
import { addDays } from "../../core/secrets/rotation";
import type { SecretAppOutputs, StackOutputs } from "../../core/outputs/stackOutputs";
import type { FaultPlan } from "../../emulator/server/faults";

/** The instant at which test stacks are deployed. */
export const deployedAt = new Date("2026-11-22T10:00:00Z");

/** Rotation of the test stacks, and what follows from it for a secret made at {@link deployedAt}. */
export const rotation = { everyDays: 60, keepDays: 60, graceDays: 14 } as const;

/** Outputs of a stack all of whose apps have a client secret. */
export interface SecretStackOutputs extends StackOutputs {
  apps: Record<string, SecretAppOutputs>;
}

export interface DeployedStack {
  readonly tenant: Tenant;
  readonly clock: Clock;
  readonly outputs: SecretStackOutputs;
  /** Values that must appear in nothing that is printed or written. */
  readonly secrets: readonly string[];
  /** A call to the emulated Azure with the deployer's rights; answers the JSON. */
  readonly call: (method: string, url: string, body?: unknown) => Promise<Record<string, unknown>>;
  /** An app role's GUID. */
  readonly roleId: (permission: string) => string;
}

export interface StackRequest {
  /** App name to permissions. Default: `CopilotAPIAuth` with `User.Read.All`. */
  readonly apps?: Readonly<Record<string, readonly string[]>>;
  readonly faults?: FaultPlan;
  /** Default: as the program marks what it makes. `false`: as a release did that marked nothing. */
  readonly marked?: boolean;
}

/** The random ID of the test stacks. */
export const stackId = "57ac1d00-0000-4000-8000-000000000001";

/** One key for all tests of a file: making it takes longer than most tests. */
let signingKey: Promise<SigningKey> | undefined;

/**
 * Puts a stack into an emulated tenant by the calls that the providers make, so that tests of the commands
 * need no engine. An hour has passed since: nothing is young any more.
 */
export async function deployStack(request: StackRequest = {}): Promise<DeployedStack> {
  const clock = frozenClock(deployedAt);
  signingKey ??= createSigningKey();
  const tenant = createTenant({ clock, faults: request.faults ?? {}, signingKey });
  const call = deployerCalls(tenant);
  const { subscriptionId, tenantId } = tenant.state;
  const arm = "https://management.azure.com";
  const group = `/subscriptions/${subscriptionId}/resourceGroups/rg-copilot`;
  const vaultId = `${group}/providers/Microsoft.KeyVault/vaults/copilot-test`;
  await call("PUT", `${arm}${group}?api-version=2024-03-01`, { location: "westeurope" });
  await call("PUT", `${arm}${vaultId}?api-version=2024-11-01`, {
    location: "westeurope",
    properties: {
      tenantId,
      sku: { family: "A", name: "standard" },
      accessPolicies: [],
      enableRbacAuthorization: true,
      enableSoftDelete: true,
      enablePurgeProtection: true,
      softDeleteRetentionInDays: 90,
    },
  });
  // The vault has its address from the first look at it on.
  await call("GET", `${arm}${vaultId}?api-version=2024-11-01`);
  const roleId = (permission: string): string => {
    const graph = tenant.state.directory.servicePrincipals[graphObjectId];
    const role = graph?.appRoles.find(({ value }) => value === permission);
    if (role === undefined) throw new Error(`the seed has no permission ${permission}`);
    return role.id;
  };
  const { marked = true } = request;
  const secrets: string[] = [
    tenant.identities.deployer.clientSecret,
    tenant.identities.verifier.clientSecret,
  ];
  const apps: SecretStackOutputs["apps"] = {};
  for (const [name, permissions] of Object.entries(request.apps ?? { CopilotAPIAuth: ["User.Read.All"] })) {
    const { app, secret } = await deployApp({ call, roleId, vaultId, name, permissions, marked });
    apps[name] = app;
    secrets.push(secret);
  }
  clock.advance(3_600_000);
  const outputs = {
    ...(marked ? { stackId } : {}),
    tenantId,
    vaultName: "copilot-test",
    vaultUri: "https://copilot-test.vault.azure.net/",
    vaultResourceId: vaultId,
    vaultNameFrom: "name" as const,
    rotation,
    powerPlatform: { agents: [] },
    identities: {},
    apps,
  };
  return { tenant, clock, outputs, secrets, call, roleId };
}

interface AppRequest extends Pick<DeployedStack, "call" | "roleId"> {
  readonly vaultId: string;
  readonly name: string;
  readonly permissions: readonly string[];
  readonly marked: boolean;
}

async function deployApp({ call, roleId, vaultId, name, permissions, marked }: AppRequest) {
  const mark = { stackId, resource: name, stack: "copilot-token/test" };
  const tags = marked ? { tags: tagsWithMark(mark, []) } : {};
  const graph = "https://graph.microsoft.com/v1.0";
  const application = await call("POST", `${graph}/applications`, {
    displayName: name,
    ...tags,
    signInAudience: "AzureADMyOrg",
    requiredResourceAccess: [
      {
        resourceAppId: graphClientId,
        resourceAccess: permissions.map((permission) => ({ id: roleId(permission), type: "Role" })),
      },
    ],
  });
  const applicationObjectId = String(application["id"]);
  const clientId = String(application["appId"]);
  const principal = await call("POST", `${graph}/servicePrincipals`, { appId: clientId, ...tags });
  const servicePrincipalObjectId = String(principal["id"]);
  for (const permission of permissions) {
    await call("POST", `${graph}/servicePrincipals/${graphObjectId}/appRoleAssignedTo`, {
      appRoleId: roleId(permission),
      principalId: servicePrincipalObjectId,
      resourceId: graphObjectId,
    });
  }
  const lifetimeDays = rotation.everyDays + rotation.keepDays + rotation.graceDays;
  const endsAt = addDays(deployedAt, lifetimeDays).toISOString();
  const password = await call("POST", `${graph}/applications/${applicationObjectId}/addPassword`, {
    passwordCredential: {
      displayName: marked ? credentialDisplayName(name, 1, stackId) : `copilot-token ${name}-1`,
      endDateTime: endsAt,
    },
  });
  const keyId = String(password["keyId"]);
  const secret = String(password["secretText"]);
  const secretName = name;
  const secretResourceId = `${vaultId}/secrets/${secretName}`;
  await call("PUT", `https://management.azure.com${secretResourceId}?api-version=2024-11-01`, {
    tags: { app: name, clientId, keyId, sequence: "1", startsAt: deployedAt.toISOString(), cause: "first" },
    properties: {
      value: secret,
      contentType: "Entra client secret",
      attributes: { enabled: true, exp: Date.parse(endsAt) / 1000 },
    },
  });
  const app: SecretAppOutputs = {
    displayName: name,
    clientId,
    applicationObjectId,
    servicePrincipalObjectId,
    permissions: [...permissions],
    signIn: "secret",
    federated: [],
    secretName,
    secretResourceId,
    credential: {
      sequence: 1,
      keyId,
      cause: "first",
      startsAt: deployedAt.toISOString(),
      endsAt,
      nextRotationAt: addDays(deployedAt, rotation.everyDays).toISOString(),
    },
  };
  return { app, secret };
}

/** Calls of the emulated Azure with the deployer's rights. */
export function deployerCalls(tenant: Tenant): DeployedStack["call"] {
  const handle = azure(tenant);
  const { clientId, clientSecret } = tenant.identities.deployer;
  const getToken = async (resource: string): Promise<string> => {
    const response = await handle(
      new Request(`https://login.microsoftonline.com/${tenant.state.tenantId}/oauth2/v2.0/token`, {
        method: "POST",
        body: new URLSearchParams({
          client_id: clientId,
          client_secret: clientSecret,
          grant_type: "client_credentials",
          scope: `${resource}/.default`,
        }),
      }),
    );
    const answer = (await response.json()) as { access_token: string };
    return answer.access_token;
  };
  return async (method, url, body) => {
    const { hostname, origin } = new URL(url);
    const resource = hostname.endsWith(".vault.azure.net") ? "https://vault.azure.net" : origin;
    const response = await handle(
      new Request(url, {
        method,
        headers: { Authorization: `Bearer ${await getToken(resource)}`, "Content-Type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${url} -> ${response.status} ${text}`);
    return (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
  };
}
