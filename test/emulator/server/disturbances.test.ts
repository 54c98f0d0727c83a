import { beforeEach, describe, expect, it, vi } from "vitest";
import { azure } from "../../../emulator/server/azure";
import { deployerCalls } from "../../support/deployedStack";
import { DroppedConnection } from "../../../emulator/server/disturbances";
import type { Disturbance } from "../../../emulator/server/faults";
import { createSigningKey } from "../../../emulator/entra/signingKey";
import { createTenant, type Tenant } from "../../../emulator/tenant/tenant";

let tenant: Tenant;
const signingKey = createSigningKey();

beforeEach(() => {
  tenant = createTenant({ signingKey });
});

async function statuses(
  disturbances: readonly Disturbance[],
  addresses: readonly string[],
): Promise<number[]> {
  tenant.faults = { disturbances };
  const handle = azure(tenant);
  const seen: number[] = [];
  for (const address of addresses) seen.push((await handle(new Request(address))).status);
  return seen;
}

const users = "https://graph.microsoft.com/v1.0/users";
const keys = "https://login.microsoftonline.com/common/discovery/keys";

describe("disturbances", () => {
  it("spoil every nth matching request, so many times, and leave the others alone", async () => {
    const plan: Disturbance = {
      service: "graph",
      path: "/users",
      method: "get",
      every: 2,
      times: 2,
      action: { kind: "status", status: 503 },
    };
    const groups = "https://graph.microsoft.com/v1.0/groups";
    const seen = await statuses([plan], [users, users, groups, keys, users, users, users, users]);
    expect(seen).toEqual([401, 503, 401, 200, 401, 503, 401, 401]);
  });

  it.each([
    ["entra", keys, 429, { error: "temporarily_unavailable" }],
    ["graph", users, 429, { error: { code: "TooManyRequests" } }],
    ["graph", users, 409, { error: { code: "Directory_ConcurrencyViolation" } }],
    ["arm", "https://management.azure.com/subscriptions", 500, { error: { code: "InternalServerError" } }],
    ["keyVault", "https://v.vault.azure.net/secrets", 429, { error: { code: "Throttled" } }],
  ] as const)("answer for %s at %s with %i as the service would", async (service, address, status, body) => {
    tenant.faults = { disturbances: [{ service, action: { kind: "status", status, retryAfterSeconds: 7 } }] };
    const response = await azure(tenant)(new Request(address));
    expect([response.status, response.headers.get("Retry-After")]).toEqual([status, "7"]);
    expect(await response.json()).toMatchObject(body);
  });

  it("cut the connection", async () => {
    tenant.faults = { disturbances: [{ service: "graph", action: { kind: "drop" } }] };
    await expect(azure(tenant)(new Request(users))).rejects.toThrow(DroppedConnection);
  });

  it("lose an answer after the service has done its work", async () => {
    tenant.faults = { disturbances: [{ service: "graph", action: { kind: "lost" }, times: 1 }] };
    const made = deployerCalls(tenant)("POST", "https://graph.microsoft.com/v1.0/applications", {
      displayName: "Lost",
    });
    await expect(made).rejects.toThrow(DroppedConnection);
    const { applications } = tenant.state.directory;
    expect(Object.values(applications).map(({ displayName }) => displayName)).toContain("Lost");
  });

  it("delay an answer and then let it through", async () => {
    vi.useFakeTimers();
    tenant.faults = { disturbances: [{ service: "graph", action: { kind: "slow", milliseconds: 5000 } }] };
    let status: number | undefined;
    const answered = azure(tenant)(new Request(users)).then((response) => (status = response.status));
    await vi.advanceTimersByTimeAsync(4999);
    expect(status).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    vi.useRealTimers();
    expect(await answered).toBe(401);
  });
});

describe("azure", () => {
  it("answers a host that it does not emulate with 501", async () => {
    const response = await azure(tenant)(new Request("https://example.com/x"));
    expect([response.status, await response.json()]).toEqual([
      501,
      {
        error: {
          code: "NotEmulated",
          message: "GET https://example.com/x is not emulated. It would reach Azure in a real run.",
        },
      },
    ]);
  });

  it("tells every caller where the cloud's services are", async () => {
    const response = await azure(tenant)(
      new Request("https://management.azure.com/metadata/endpoints?api-version=2022-09-01"),
    );
    expect([response.status, await response.json()]).toEqual([
      200,
      {
        name: "AzureCloud",
        portal: "https://portal.azure.com",
        authentication: {
          loginEndpoint: "https://login.microsoftonline.com",
          audiences: ["https://management.core.windows.net/", "https://management.azure.com/"],
          tenant: "common",
          identityProvider: "AAD",
        },
        resourceManager: "https://management.azure.com/",
        microsoftGraphResourceId: "https://graph.microsoft.com/",
        suffixes: { keyVaultDns: "vault.azure.net", storage: "core.windows.net" },
      },
    ]);
  });

  it("dates its answers by the tenant's clock and gives back the caller's request ID", async () => {
    tenant.clock.set(new Date("2030-01-02T03:04:05Z"));
    const response = await azure(tenant)(new Request(keys, { headers: { "client-request-id": "mine" } }));
    expect(response.headers.get("Date")).toMatch(/^Wed, 02 Jan 2030 03:04:0[5-9] GMT$/);
    expect(response.headers.get("client-request-id")).toBe("mine");
    expect(response.headers.get("x-ms-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });
});
