import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { signInAz } from "../../../emulator/server/azSignIn";
import { seedState, issueIdentities } from "../../../emulator/tenant/seed";

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "az-")), "azure");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const now = new Date("2026-11-22T10:00:00Z");
const state = seedState(now);
const identities = issueIdentities(state, now);

it.each([
  ["administrator", state.subscriptionId],
  ["deployer", state.subscriptionId],
  // It sees no subscription: an account of the tenant alone.
  ["verifier", state.tenantId],
] as const)("the %s is signed in to the Azure CLI before it starts", async (name, accountId) => {
  const { clientId, clientSecret } = identities[name];
  signInAz(folder, identities[name], state);
  const read = async (file: string) => JSON.parse(await readFile(join(folder, file), "utf8"));
  expect((await read("azureProfile.json")).subscriptions).toEqual([
    expect.objectContaining({
      id: accountId,
      isDefault: true,
      user: { name: clientId, type: "servicePrincipal" },
    }),
  ]);
  expect(await read("service_principal_entries.json")).toEqual([
    { client_id: clientId, tenant: state.tenantId, client_secret: clientSecret },
  ]);
  expect((await stat(join(folder, "service_principal_entries.json"))).mode & 0o777).toBe(0o600);
});
