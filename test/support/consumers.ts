import { azure } from "../../emulator/azure";
import type { Tenant } from "../../emulator/tenant";
import { tokenRequest } from "../../infra/core/clientCredentials";
import type { StackOutputs } from "../../infra/core/stackOutputs";

/** A token request that a consumer did not get answered with a token. */
export interface Outage {
  readonly at: string;
  readonly consumer: string;
  readonly refusal: string;
}

/** Somebody who uses the secret: reads the vault, keeps what was read for a while, asks for tokens with it. */
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
    private readonly outputs: StackOutputs,
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
      const { url, headers, body } = tokenRequest({ tenantId, clientId: app.clientId, clientSecret });
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
