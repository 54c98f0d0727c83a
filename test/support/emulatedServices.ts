import { handleArm } from "../../emulator/arm";
import { frozenClock } from "../../emulator/tenant/clock";
import type { FaultPlan } from "../../emulator/server/faults";
import { newGuid } from "../../emulator/server/http";
import { handleKeyVault } from "../../emulator/keyVault";
import { createSigningKey, type SigningKey } from "../../emulator/entra/signingKey";
import { createTenant, type Tenant } from "../../emulator/tenant/tenant";
import { mintToken } from "../../emulator/entra/tokens";

/** When every tenant of these tests begins. */
export const startedAt = new Date("2026-11-22T10:00:00Z");

/** What a service answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined without a body. */
  readonly body: ReturnType<typeof JSON.parse>;
}

export interface Asked {
  readonly body?: unknown;
  /** Object ID of who asks; default the deployer's. Null sends no token. */
  readonly as?: string | null;
  readonly apiVersion?: string | null;
  /** Default the service's own. */
  readonly audience?: string;
  /** Of the token; 0 for one that has expired. Default Entra's. */
  readonly lifetimeSeconds?: number;
}

/** One that each namespace has, where it is not Key Vault's and ARM's own. */
const apiVersions: Readonly<Record<string, string>> = {
  "microsoft.authorization": "2022-04-01",
  "microsoft.eventgrid": "2025-02-15",
  "microsoft.insights": "2021-05-01-preview",
  "microsoft.logic": "2019-05-01",
  "microsoft.managedidentity": "2023-01-31",
  "microsoft.operationalinsights": "2023-09-01",
  "microsoft.storage": "2024-01-01",
};

let signingKey: Promise<SigningKey> | undefined;

/** An emulated tenant whose clock stands still, and ways to ask its ARM and its vaults without a socket. */
export class EmulatedServices {
  private constructor(readonly tenant: Tenant) {}

  static create(faults: FaultPlan = {}): Promise<EmulatedServices> {
    signingKey ??= createSigningKey();
    const options = { clock: frozenClock(startedAt), faults, signingKey };
    return Promise.resolve(new EmulatedServices(createTenant(options)));
  }

  get subscription(): string {
    return `/subscriptions/${this.tenant.state.subscriptionId}`;
  }

  /** Object ID of an identity without any right. */
  get verifier(): string {
    return this.tenant.identities.verifier.objectId;
  }

  /** Asks ARM; `path` without host, `api-version` is added. */
  async arm(method: string, path: string, asked: Asked = {}): Promise<Answer> {
    const url = new URL(`https://management.azure.com${path}`);
    const namespace = /.*\/providers\/([^/?]+)/.exec(path)?.[1]?.toLowerCase() ?? "";
    const apiVersion = apiVersions[namespace] ?? "2024-11-01";
    const defaults = { apiVersion, audience: "https://management.azure.com/" };
    return readAnswer(
      await handleArm(await this.#request(method, url, { ...defaults, ...asked }), this.tenant),
    );
  }

  /** Asks a vault's data plane. */
  async vault(vaultName: string, method: string, path: string, asked: Asked = {}): Promise<Answer> {
    const url = new URL(`https://${vaultName}.vault.azure.net${path}`);
    const defaults = { apiVersion: "7.6", audience: "https://vault.azure.net" };
    return readAnswer(
      await handleKeyVault(await this.#request(method, url, { ...defaults, ...asked }), this.tenant),
    );
  }

  /** Makes resource group `rg` and, in it, a vault with RBAC. Answers the vault's ARM ID. */
  async makeVault(vaultName: string, properties: object = {}): Promise<string> {
    const vaultId = `${await this.makeGroup()}/providers/Microsoft.KeyVault/vaults/${vaultName}`;
    const { status, body } = await this.arm("PUT", vaultId, {
      body: { location: "westeurope", properties: { ...this.vaultProperties(), ...properties } },
    });
    if (status !== 200) throw new Error(`No vault: ${status} ${JSON.stringify(body)}`);
    return vaultId;
  }

  /** Makes a vault with access policies, or gives new ones to the one that is there. */
  async makeVaultWithPolicies(vaultName: string, accessPolicies: readonly object[]): Promise<void> {
    const vaultId = `${await this.makeGroup()}/providers/Microsoft.KeyVault/vaults/${vaultName}`;
    const properties = { ...this.vaultProperties(), enableRbacAuthorization: false, accessPolicies };
    await this.arm("PUT", vaultId, { body: { location: "westeurope", properties } });
  }

  async makeGroup(): Promise<string> {
    const groupId = `${this.subscription}/resourceGroups/rg`;
    await this.arm("PUT", groupId, { body: { location: "westeurope" } });
    return groupId;
  }

  /** What azure-native sends for a new vault. */
  vaultProperties(): Record<string, unknown> {
    return {
      tenantId: this.tenant.state.tenantId,
      sku: { family: "A", name: "standard" },
      accessPolicies: [],
      enableRbacAuthorization: true,
      enableSoftDelete: true,
    };
  }

  /** Assigns a built-in role by its GUID, past all checks. */
  assign(principalId: string, roleGuid: string, scope: string): void {
    const name = newGuid();
    const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
    this.tenant.state.arm.roleAssignments[id.toLowerCase()] = {
      id,
      name,
      scope,
      roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${roleGuid}`,
      principalId,
      principalType: "ServicePrincipal",
      createdOn: this.tenant.clock.now().toISOString(),
    };
  }

  async #request(method: string, url: URL, asked: Asked & { readonly audience: string }): Promise<Request> {
    const { as, body, apiVersion, audience, lifetimeSeconds } = asked;
    if (typeof apiVersion === "string") url.searchParams.set("api-version", apiVersion);
    const { deployer } = this.tenant.identities;
    const objectId = as ?? deployer.objectId;
    const clientId = this.tenant.state.directory.servicePrincipals[objectId]?.appId ?? deployer.clientId;
    const lifetime = lifetimeSeconds === undefined ? {} : { lifetimeSeconds };
    const token = await mintToken(this.tenant, { clientId, objectId, audience, roles: [], ...lifetime });
    const headers: Record<string, string> = as === null ? {} : { Authorization: `Bearer ${token}` };
    return new Request(
      url,
      body === undefined
        ? { method, headers }
        : {
            method,
            headers: { ...headers, "Content-Type": "application/json" },
            body: JSON.stringify(body),
          },
    );
  }
}

async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === "" ? undefined : JSON.parse(text),
  };
}
