import { createHash, randomUUID } from "node:crypto";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tagsWithMark } from "../../core/ownershipMark";
import { addDays } from "../../core/secrets/rotation";
import { graphObjectId } from "../../emulator/tenant/seed";
import type { PasswordCredential } from "../../emulator/tenant/tenant";
import { examine } from "../../scripts/doctor/doctor";
import { rotate } from "../../scripts/rotate/rotate";
import type { Wish } from "../../scripts/rotate/rotationPlan";
import { steps } from "../../scripts/shared/steps";
import { verify } from "../../scripts/verify/verify";
import { destroyedStack, type DestroyedStack } from "../support/destroyedStack";
import { figures } from "../support/figures";
import { addUserAssignedIdentity } from "../support/managedIdentity";
import { armEnvironment, azureExchange, testWorld, type TestWorld } from "../support/testWorld";

const app = "Reports";
const permission = "User.Read.All";

/** Applications of others, all of them named as the stack's own app. */
const others = {
  "an app that was made by hand": { tags: ["HideApp"], secret: "typed by hand" },
  "another program's app": { tags: [], secret: "terraform", ownedByProgram: true },
  "another stack of this project": { stack: "copilot-token/prod" },
  "a stack of the same name in another project": { stack: "graph-token/test" },
  "a stack of the same name in another backend": { stack: "contoso/copilot-token/test" },
  "a stack from before the mark": { tags: [], secret: `copilot-token ${app}-1` },
} as const;

/** Everything that was in the tenant before the stack, with the objects of each neighbour. */
interface Neighbourhood {
  readonly neighbours: Readonly<Record<string, readonly string[]>>;
  readonly before: Readonly<Record<string, string>>;
}

/** Every test goes on from where the one before left the stack. */
describe("what belongs to others", () => {
  let stack: DestroyedStack;
  let around: Neighbourhood;
  let tried = 0;
  const tenant = () => stack.tenant;
  const objectIds: Record<string, string> = {};

  beforeAll(async () => {
    stack = await destroyedStack();
    around = settle();
    const permissions = [permission];
    const config = {
      "azure-native:location": "westeurope",
      "copilot-token:apps": { [app]: { permissions } },
    };
    copyFileSync("Pulumi.yaml", join(stack.folder, "Pulumi.yaml"));
    writeFileSync(join(stack.folder, "Pulumi.test.yaml"), JSON.stringify({ config }));
  });
  afterAll(() => {
    stack.close();
  });

  /** Puts every neighbour into the tenant, each with a grant of the very permission that the stack's app asks for. */
  function settle(): Neighbourhood {
    const { directory } = tenant().state;
    const now = tenant().clock.now();
    const createdDateTime = now.toISOString();
    const role = directory.servicePrincipals[graphObjectId]?.appRoles.find(
      ({ value }) => value === permission,
    );
    const neighbours: Record<string, string[]> = {};
    const grant = (who: string, principalId: string, principalType: string): void => {
      const id = randomUUID();
      directory.appRoleAssignments[id] = {
        id,
        appRoleId: role?.id ?? "",
        principalId,
        principalDisplayName: app,
        principalType,
        resourceId: graphObjectId,
        resourceDisplayName: "Microsoft Graph",
        createdDateTime,
      };
      (neighbours[who] ??= []).push(principalId, id);
    };
    const principal = (appId: string, appOwnerOrganizationId: string, tags: readonly string[]): string => {
      const id = randomUUID();
      directory.servicePrincipals[id] = {
        id,
        appId,
        displayName: app,
        servicePrincipalType: "Application",
        accountEnabled: true,
        createdDateTime,
        appOwnerOrganizationId,
        appRoles: [],
        oauth2PermissionScopes: [],
        ownerIds: [],
        tags,
      };
      return id;
    };
    grant("a managed identity", addUserAssignedIdentity(tenant(), app).principalId, "ManagedIdentity");
    grant("a vendor's enterprise app", principal(randomUUID(), randomUUID(), []), "ServicePrincipal");
    for (const [who, it] of Object.entries(others)) {
      const stackId = randomUUID();
      const mark = "stack" in it ? { stackId, resource: app, stack: it.stack } : undefined;
      const tags = mark === undefined ? ("tags" in it ? [...it.tags] : []) : tagsWithMark(mark, []);
      const displayName = "secret" in it ? it.secret : `copilot-token ${app}-1 ${stackId}`;
      const id = randomUUID();
      const appId = randomUUID();
      directory.applications[id] = {
        id,
        appId,
        displayName: app,
        createdDateTime,
        passwordCredentials: [passwordNamed(displayName, now)],
        federatedIdentityCredentials: [],
        ownerIds: "ownedByProgram" in it ? [tenant().identities.verifier.objectId] : [],
        signInAudience: "AzureADMyOrg",
        tags,
      };
      objectIds[who] = id;
      grant(who, principal(appId, tenant().state.tenantId, tags), "ServicePrincipal");
      neighbours[who]?.push(id);
    }
    return { neighbours, before: everything() };
  }

  /** Over an hour old, and expiring in time: whatever goes by names or dates would take it. */
  function passwordNamed(displayName: string, now: Date): PasswordCredential {
    const startDateTime = addDays(now, -120).toISOString();
    return {
      keyId: randomUUID(),
      displayName,
      startDateTime,
      endDateTime: addDays(now, 14).toISOString(),
      hint: "abc",
      secretHash: createHash("sha256").update(randomUUID()).digest("base64url"),
      createdDateTime: startDateTime,
    };
  }

  /** Every object of the tenant by its ID, as text. */
  function everything(): Record<string, string> {
    const { directory, arm, vaults } = tenant().state;
    const collections = {
      applications: directory.applications,
      servicePrincipals: directory.servicePrincipals,
      appRoleAssignments: directory.appRoleAssignments,
      users: directory.users,
      groups: directory.groups,
      resources: arm.resources,
      vaults,
    };
    return Object.fromEntries(
      Object.entries(collections).flatMap(([name, objects]) =>
        Object.entries(objects).map(([id, object]) => [`${name}/${id}`, JSON.stringify(object)]),
      ),
    );
  }

  /** Fails where anything that was there before the stack is gone, or other than it was by a single byte. */
  function untouched(): void {
    const now = everything();
    const changed = Object.entries(around.before).filter(([id, object]) => now[id] !== object);
    expect(changed.map(([id]) => id)).toEqual([]);
    tried += Object.keys(around.neighbours).length;
  }

  function world(): TestWorld {
    return testWorld({
      exchange: azureExchange(tenant()),
      now: () => tenant().clock.now(),
      env: armEnvironment(tenant(), "deployer"),
      directory: stack.folder,
      onSleep: (milliseconds) => {
        tenant().clock.advance(milliseconds);
      },
    });
  }

  const settings = (more: object = {}) => ({ apps: { [app]: { permissions: [permission], ...more } } });
  const rotateBy = (wish: Wish) =>
    rotate(world(), steps(world(), true), { engine: stack.engine, wish, dryRun: false });

  it("is told apart by doctor, which changes nothing", async () => {
    const { checks } = await examine(world(), "test");
    expect(checks.find(({ id }) => id === "same-name")).toMatchObject({ status: "fail" });
    untouched();
  });

  it("is left alone by pulumi up, which refuses the name", async () => {
    const run = await stack.up(settings());
    expect([run.ok, run.steps.map(({ name }) => name)]).toEqual([false, ["stack-id"]]);
    expect(run.failures[0]?.message).toContain(`the tenant has an app "${app}" already`);
    untouched();
  });

  it.each([
    "another stack of this project",
    "a stack of the same name in another project",
    "a stack of the same name in another backend",
    "a stack from before the mark",
  ])("is not adopted from %s", async (who) => {
    const run = await stack.up(settings({ adopt: objectIds[who], displayName: "Reports (test)" }));
    expect([run.ok, run.steps]).toEqual([false, []]);
    expect(run.failures[0]?.message).toContain(
      who.includes("mark") ? "from before applications" : "It belongs to stack",
    );
    untouched();
  });

  it("stays when the stack makes an app of its own, and in the runs that follow", async () => {
    for (let run = 1; run <= 2; run += 1) {
      expect((await stack.up(settings({ displayName: "Reports (test)" }))).failures).toEqual([]);
      untouched();
    }
  });

  it("stays when the stack's app then has the same name as all of them", async () => {
    const own = (await stack.outputs()).apps[app];
    const found = tenant().state.directory.applications[own?.applicationObjectId ?? ""];
    if (found !== undefined) found.displayName = app;
    const outputs = await stack.outputs();
    const report = await verify(world(), { loaded: { outputs, from: "a test" } });
    expect(report.checks.filter(({ status }) => status === "fail")).toEqual([]);
    untouched();
    for (const wish of ["due", "now", "leaked"] as const) {
      tenant().clock.advance(7_200_000);
      expect((await rotateBy(wish)).failures).toEqual([]);
      untouched();
    }
    await examine(world(), "test");
    untouched();
    // A name that others have too keeps no change from the stack's own app.
    const run = await stack.up(settings({ displayName: app, permissions: [permission, "Group.Read.All"] }));
    expect([run.failures, run.steps.map(({ operation }) => operation).includes("update")]).toEqual([
      [],
      true,
    ]);
    untouched();
  });

  it("stays when the stack is destroyed, restored and purged", async () => {
    const dry = await stack.destroy("destroy", { flags: { "dry-run": true } });
    expect(dry.exitCode).toBe(0);
    untouched();
    for (const mode of ["destroy", "restore"] as const) {
      expect((await stack.destroy(mode)).exitCode).toBe(0);
      untouched();
    }
    expect((await stack.destroy("purge")).exitCode).toBe(0);
    untouched();
  });

  it("was tried for every neighbour after every command", () => {
    const { neighbours, commandsBesideNeighbours } = figures;
    expect([Object.keys(around.neighbours).length, tried]).toEqual([
      neighbours,
      neighbours * commandsBesideNeighbours,
    ]);
  });
});
