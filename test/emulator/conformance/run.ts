import { azure } from "../../../emulator/server/azure";
import { mintToken } from "../../../emulator/entra/tokens";
import { createSigningKey, type SigningKey } from "../../../emulator/entra/signingKey";
import { frozenClock } from "../../../emulator/tenant/clock";
import { createTenant, type Tenant } from "../../../emulator/tenant/tenant";

/** One request, and what Azure was seen, or is documented, to answer. `{name}` is replaced by a value saved before. */
export interface Step {
  /** Such as `POST graph/v1.0/applications`, `GET arm/subscriptions/…`, `PUT vault/secrets/one`. */
  readonly ask: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** False sends no token. Default true. */
  readonly signedIn?: boolean;
  readonly status: number;
  /** Code of a refusal, and its inner code where the service gives one. */
  readonly code?: string;
  readonly innerCode?: string;
  /** Parts of the body; lists are compared as a whole. */
  readonly has?: object;
  /** Properties, by path, that the body does not have. */
  readonly lacks?: readonly string[];
  readonly answerHeaders?: Readonly<Record<string, string | RegExp>>;
  /** What to keep, by name: a path in the body. */
  readonly saves?: Readonly<Record<string, string>>;
}

/** Requests that follow each other in one tenant. */
export interface Scenario {
  readonly name: string;
  /** `recorded`: seen in Azure's own traffic; `documented`; `reported`: in public issues, with Azure's words. */
  readonly basis: "recorded" | "documented" | "reported";
  readonly steps: readonly Step[];
}

const hosts: Readonly<Record<string, { origin: string; audience: string }>> = {
  graph: { origin: "https://graph.microsoft.com", audience: "https://graph.microsoft.com" },
  arm: { origin: "https://management.azure.com", audience: "https://management.azure.com/" },
  vault: { origin: "https://kv-conform.vault.azure.net", audience: "https://vault.azure.net" },
};

const roles = [
  "Application.ReadWrite.All",
  "AppRoleAssignment.ReadWrite.All",
  "DelegatedPermissionGrant.ReadWrite.All",
  "Directory.Read.All",
  "Group.ReadWrite.All",
  "User.ReadWrite.All",
];

let signingKey: Promise<SigningKey> | undefined;

/** An emulated tenant with values to fill requests with. */
export class ConformanceTenant {
  readonly values: Record<string, string>;
  readonly #handle: (request: Request) => Promise<Response>;

  private constructor(
    readonly tenant: Tenant,
    key: SigningKey,
  ) {
    this.#handle = azure(tenant);
    const { tenantId, subscriptionId, directory } = tenant.state;
    const { administrator } = tenant.identities;
    const graph = Object.values(directory.servicePrincipals).find(
      ({ displayName }) => displayName === "Microsoft Graph",
    );
    const [user = ""] = Object.keys(directory.users);
    this.values = {
      tenant: tenantId,
      subscription: `subscriptions/${subscriptionId}`,
      me: administrator.objectId,
      graph: graph?.id ?? "",
      user,
      certificate: key.certificate,
      pem: Buffer.from(pemOf(key)).toString("base64"),
      thumbprint: Buffer.from(key.keyId, "base64url").toString("hex").toUpperCase(),
    };
  }

  static async create(): Promise<ConformanceTenant> {
    const clock = frozenClock(new Date("2026-11-22T10:00:00Z"));
    signingKey ??= createSigningKey();
    return new ConformanceTenant(createTenant({ clock, signingKey }), await signingKey);
  }

  fill<T>(value: T): T {
    const text = JSON.stringify(value).replaceAll(
      /\{(\w+)\}/g,
      (whole, name: string) => this.values[name] ?? whole,
    );
    return JSON.parse(text) as T;
  }

  async ask({ ask, body, headers, signedIn = true }: Step): Promise<{ response: Response; body: unknown }> {
    const [, method = "", service = "", path = ""] = /^(\S+) (\w+)(\/.*)$/.exec(this.fill(ask)) ?? [];
    const host = hosts[service];
    if (host === undefined) throw new Error(`No such service: ${ask}`);
    const { clientId, objectId } = this.tenant.identities.administrator;
    const token = await mintToken(this.tenant, { clientId, objectId, audience: host.audience, roles });
    const request = new Request(host.origin + path, {
      method,
      headers: {
        ...(signedIn ? { Authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(this.fill(body)) }),
    });
    const response = await this.#handle(request);
    const text = await response.text();
    const json: unknown = text === "" ? undefined : JSON.parse(text);
    return { response, body: json };
  }
}

function pemOf({ privateKey, certificate }: SigningKey): string {
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return `${key}-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`;
}

/** The value at a path such as `properties.vaultUri` or `value.0.id`. */
export function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], value);
}
