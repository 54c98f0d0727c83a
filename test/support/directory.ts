import { azure } from "../../emulator/server/azure";
import { frozenClock } from "../../emulator/tenant/clock";
import type { FaultPlan } from "../../emulator/server/faults";
import { createSigningKey, type SigningKey } from "../../emulator/entra/signingKey";
import { createTenant, type Tenant, type TenantState } from "../../emulator/tenant/tenant";
import { mintToken, type TokenGrant } from "../../emulator/entra/tokens";

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
  /** Sent as JSON, a text as it is. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** App roles in the token. Default: an administrator's. */
  readonly roles?: readonly string[];
  /** Other parts of the token; null sends none. */
  readonly token?: Partial<TokenGrant> | null;
}

/** Roles with which every operation of Graph that is emulated is open. */
export const administratorRoles: readonly string[] = [
  "Application.ReadWrite.All",
  "AppRoleAssignment.ReadWrite.All",
  "Directory.Read.All",
  "Policy.Read.All",
  "Policy.ReadWrite.ApplicationConfiguration",
];

let signingKey: Promise<SigningKey> | undefined;

/** An emulated tenant whose clock stands still, asked without a socket. */
export class TestDirectory {
  readonly #handle: (request: Request) => Promise<Response>;

  private constructor(readonly tenant: Tenant) {
    this.#handle = azure(tenant);
  }

  static create(options: { faults?: FaultPlan; state?: TenantState } = {}): Promise<TestDirectory> {
    signingKey ??= createSigningKey();
    const clock = frozenClock(startedAt);
    return Promise.resolve(new TestDirectory(createTenant({ clock, signingKey, ...options })));
  }

  /** Asks Graph; `path` begins after the version. */
  async graph(method: string, path: string, asked: Asked = {}): Promise<Answer> {
    const address = path.startsWith("https://") ? path : `https://graph.microsoft.com/v1.0/${path}`;
    const { clientId, objectId } = this.tenant.identities.deployer;
    const grant = {
      clientId,
      objectId,
      audience: "https://graph.microsoft.com",
      roles: asked.roles ?? administratorRoles,
    };
    const headers = {
      ...asked.headers,
      ...(asked.token === null
        ? {}
        : { Authorization: `Bearer ${await mintToken(this.tenant, { ...grant, ...asked.token })}` }),
    };
    const body = typeof asked.body === "string" ? asked.body : JSON.stringify(asked.body);
    return this.send(
      new Request(address, { method, headers, ...(asked.body === undefined ? {} : { body }) }),
    );
  }

  /** Posts a form to the token endpoint of the tenant, or of another name. */
  async token(
    form: Record<string, string>,
    options: { tenantName?: string; path?: string; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const { tenantName = this.tenant.state.tenantId, path = "oauth2/v2.0/token", headers = {} } = options;
    const body = new URLSearchParams(form);
    return this.send(
      new Request(`https://login.microsoftonline.com/${tenantName}/${path}`, {
        method: "POST",
        headers,
        body,
      }),
    );
  }

  async get(address: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send(new Request(address, { headers }));
  }

  async send(request: Request): Promise<Answer> {
    const response = await this.#handle(request);
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
  }

  /** Registers an application, with its service principal. */
  async register(
    displayName: string,
    asked: Asked = {},
  ): Promise<{ applicationObjectId: string; clientId: string; servicePrincipalObjectId: string }> {
    const application = await this.graph("POST", "applications", { ...asked, body: { displayName } });
    const { id: applicationObjectId, appId: clientId } = application.body;
    const principal = await this.graph("POST", "servicePrincipals", { ...asked, body: { appId: clientId } });
    return { applicationObjectId, clientId, servicePrincipalObjectId: principal.body.id };
  }
}

/** A copy without some properties, for comparing the rest. */
export function without<T>(object: Readonly<Record<string, T>>, ...names: string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** The code of a refusal by Graph. */
export function codeOf(answer: Answer): [status: number, code: string] {
  return [answer.status, answer.body?.error?.code];
}
