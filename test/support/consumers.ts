import { clouds } from "../../core/cloud/clouds";
import { azure } from "../../emulator/server/azure";
import type { Tenant } from "../../emulator/tenant/tenant";
import { tokenRequest } from "../../core/secrets/clientCredentials";
import type { DeployedStack, SecretStackOutputs } from "./deployedStack";

/** A token request that a consumer did not get answered with a token. */
export interface Outage {
  readonly at: string;
  readonly consumer: string;
  readonly refusal: string;
}

/** Someone who uses the secret: reads the vault, keeps what was read for a while, asks for tokens with it. */
export class Consumer {
  readonly outages: Outage[] = [];
  requests = 0;
  #cached: { readonly value: string; readonly readAt: number } | undefined;
  readonly #handle: (request: Request) => Promise<Response>;

  /**
   * @param cacheMilliseconds How long a value read is used before the vault is asked again.
   */
  constructor(
    readonly name: string,
    private readonly tenant: Tenant,
    private readonly outputs: SecretStackOutputs,
    private readonly cacheMilliseconds: number,
  ) {
    this.#handle = azure(tenant);
  }

  /** Asks for one token for every app. */
  async ask(): Promise<void> {
    for (const [, app] of Object.entries(this.outputs.apps)) {
      this.requests += 1;
      const clientSecret = await this.#secret(app.secretName);
      const { tenantId } = this.outputs;
      const { url, headers, body } = tokenRequest({
        cloud: clouds.public,
        tenantId,
        clientId: app.clientId,
        clientSecret,
      });
      const response = await this.#patiently(() => new Request(url, { method: "POST", headers, body }));
      if (response.ok) continue;
      const answer = (await response.json()) as { error_description?: string };
      this.outages.push({
        at: this.tenant.clock.now().toISOString(),
        consumer: this.name,
        refusal: (answer.error_description ?? "").split(":")[0] ?? "",
      });
    }
  }

  async #secret(secretName: string): Promise<string> {
    const now = this.tenant.clock.now().getTime();
    if (this.#cached !== undefined && now - this.#cached.readAt < this.cacheMilliseconds)
      return this.#cached.value;
    const token = await this.#ownToken();
    const response = await this.#patiently(
      () =>
        new Request(`${this.outputs.vaultUri}secrets/${secretName}?api-version=7.6`, {
          headers: { Authorization: `Bearer ${token}` },
        }),
    );
    if (!response.ok) throw new Error(`${this.name} may not read the vault: ${await response.text()}`);
    const { value } = (await response.json()) as { value: string };
    this.#cached = { value, readAt: now };
    return value;
  }

  async #ownToken(): Promise<string> {
    const { clientId, clientSecret } = this.tenant.identities.verifier;
    const scope = "https://vault.azure.net/.default";
    const { url, headers, body } = tokenRequest({
      cloud: clouds.public,
      tenantId: this.outputs.tenantId,
      clientId,
      clientSecret,
      scope,
    });
    const response = await this.#patiently(() => new Request(url, { method: "POST", headers, body }));
    return ((await response.json()) as { access_token: string }).access_token;
  }

  /** A client that obeys Retry-After, and gives up over nothing else. */
  async #patiently(request: () => Request): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.#handle(request());
      if (response.status !== 429 || attempt === 10) return response;
      await response.text();
    }
  }
}

/**
 * Readers of a stack's vault, one for each way to cache, as an identity that the stack has given its role.
 *
 * @param cacheDays How long each keeps what it has read; 0 reads the vault at every call.
 */
export async function readersOf(stack: DeployedStack, cacheDays: readonly number[]): Promise<Consumer[]> {
  const { tenant, outputs } = stack;
  const [app] = Object.values(outputs.apps);
  const vaultId = (app?.secretResourceId ?? "").replace(/\/secrets\/.*$/, "");
  const assignment = "2d5c0c3e-8f0b-4a1c-9f5f-6a1f6b1a7d10";
  const path = `${vaultId}/providers/Microsoft.Authorization/roleAssignments/${assignment}`;
  await stack.call("PUT", `https://management.azure.com${path}?api-version=2022-04-01`, {
    properties: {
      roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${secretsUserRole}`,
      principalId: tenant.identities.verifier.objectId,
      principalType: "ServicePrincipal",
    },
  });
  return cacheDays.map((days) => {
    const name = days === 0 ? "reads the vault at each call" : `keeps the secret for ${days} days`;
    return new Consumer(name, tenant, outputs, days * 86_400_000);
  });
}

/** Key Vault Secrets User. */
const secretsUserRole = "4633458b-17de-408a-b874-0445c86b69e6";
