import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { graphObjectId } from "../../emulator/tenant/seed";
import { azure } from "../../emulator/server/azure";
import type { SignIn } from "../../emulator/server/environment";
import { createTenant } from "../../emulator/tenant/tenant";
import {
  bootstrapIn,
  settingsIn,
  type BootstrapOutputs,
  type BootstrapRun,
} from "../support/bootstrappedTenant";
import { servedEngine, type ServedEngine } from "../support/servedEngine";

const repositories = ["Contoso/Agents"];

/** Every test goes on from what the one before left. */
describe("the bootstrap, run by an administrator of the emulated tenant", () => {
  const tenant = createTenant();
  let engine: ServedEngine;
  let bootstrap: ReturnType<typeof bootstrapIn>;
  beforeAll(async () => {
    engine = await servedEngine(azure(tenant));
    const environmentOf = (signIn: SignIn) => engine.environmentOf(tenant, signIn);
    bootstrap = bootstrapIn({ tenant, environmentOf }, "test", engine);
  });
  afterAll(() => {
    engine.giveBack();
  });

  const outputsOf = (run: BootstrapRun): BootstrapOutputs => {
    if (!run.ok) throw new Error(run.said);
    return run.outputs as unknown as BootstrapOutputs;
  };
  const subscription = () => `/subscriptions/${tenant.state.subscriptionId}`;

  /** Everything that an identity holds, in words. */
  function holdings({ identities }: BootstrapOutputs, key: keyof BootstrapOutputs["identities"]) {
    const { directory, arm } = tenant.state;
    const identity = identities[key];
    const application = Object.values(directory.applications).find(
      ({ appId }) => appId === identity?.clientId,
    );
    const principal = directory.servicePrincipals[identity?.servicePrincipalObjectId ?? ""];
    const permissionName = (id: string) =>
      directory.servicePrincipals[graphObjectId]?.appRoles.find((role) => role.id === id)?.value;
    return {
      signIn: application?.federatedIdentityCredentials.map(({ subject }) => subject),
      secrets: [
        ...(application?.passwordCredentials ?? []),
        ...((principal?.["passwordCredentials"] as object[] | undefined) ?? []),
      ],
      owners: [...(application?.ownerIds ?? []), ...(principal?.ownerIds ?? [])],
      permissions: Object.values(directory.appRoleAssignments)
        .filter(({ principalId }) => principalId === identity?.servicePrincipalObjectId)
        .map(({ appRoleId }) => permissionName(appRoleId))
        .sort(),
      roles: Object.values(arm.roleAssignments)
        .filter(({ principalId }) => principalId === identity?.servicePrincipalObjectId)
        .map(({ roleDefinitionId, scope, condition }) =>
          [
            roleDefinitionId.slice(-36, -28),
            scope.replace(subscription(), "subscription"),
            condition == null ? "" : "if",
          ]
            .join(" ")
            .trim(),
        )
        .sort(),
    };
  }

  let first: BootstrapOutputs;
  it("makes identities that hold their rights and nothing else: no secret, no owner", async () => {
    first = outputsOf(await bootstrap.up({ repositories }));
    const [writer] = Object.values(tenant.state.arm.roleDefinitions);
    expect(writer?.roleName).toBe("copilot-token secret writer (test)");
    expect(holdings(first, "deployer")).toEqual({
      signIn: ["repo:Contoso/Agents:environment:deploy"],
      secrets: [],
      owners: [],
      permissions: [
        "AppRoleAssignment.ReadWrite.All",
        "Application.Read.All",
        "Application.ReadWrite.OwnedBy",
      ],
      roles: ["b24988ac subscription", "b86a8fe4 subscription", "f58310d9 subscription if"],
    });
    expect(holdings(first, "rotator")).toEqual({
      signIn: ["repo:Contoso/Agents:environment:rotate"],
      secrets: [],
      owners: [],
      permissions: ["Application.Read.All", "Application.ReadWrite.OwnedBy"],
      roles: [`${writer?.name.slice(0, 8) ?? ""} subscription`],
    });
    expect(holdings(first, "verifier")).toEqual({
      signIn: ["repo:Contoso/Agents:environment:verify"],
      secrets: [],
      owners: [],
      permissions: [],
      roles: [],
    });
  });

  it("says what to set next, in the stack and in GitHub", () => {
    const { deployer, rotator, verifier } = first.identities;
    expect(settingsIn(first.next.stack)).toEqual({
      owners: [deployer?.servicePrincipalObjectId, rotator?.servicePrincipalObjectId],
      vault: {
        readers: [rotator, verifier].map((one) => ({
          id: one?.servicePrincipalObjectId,
          type: "ServicePrincipal",
        })),
      },
    });
    expect(first.next.github).toContain(
      `gh variable set AZURE_CLIENT_ID --repo 'Contoso/Agents' --env 'rotate' --body '${rotator?.clientId ?? ""}'`,
    );
    expect(first.next.afterFirstUp.at(-1)).toContain("copilot-token-bootstrap:identities.rotator.scopes[0]");
  });

  it("changes nothing the second time", async () => {
    const run = await bootstrap.up({ repositories });
    expect([run.ok, run.steps]).toEqual([true, []]);
  });

  it("takes consent away from the deployer when a granter comes", async () => {
    const made = outputsOf(
      await bootstrap.up({
        repositories,
        delegated: true,
        identities: { deployer: {}, granter: {}, rotator: {}, verifier: {} },
      }),
    );
    expect(holdings(made, "deployer").permissions).toEqual([
      "Application.Read.All",
      "Application.ReadWrite.OwnedBy",
    ]);
    expect(holdings(made, "granter")).toEqual({
      signIn: ["repo:Contoso/Agents:environment:grant"],
      secrets: [],
      owners: [],
      permissions: [
        "AppRoleAssignment.ReadWrite.All",
        "Application.Read.All",
        "DelegatedPermissionGrant.ReadWrite.All",
      ],
      roles: [],
    });
    expect(settingsIn(made.next.stack)["granter"]).toEqual({ clientId: made.identities.granter?.clientId });
  });

  it("gives what certificates need, to the deployer and the rotator, and takes it away again", async () => {
    const identities = { deployer: {}, granter: {}, rotator: {}, verifier: {} };
    const writer = () => {
      const [role] = Object.values(tenant.state.arm.roleDefinitions);
      return JSON.stringify(role);
    };
    const made = outputsOf(await bootstrap.up({ repositories, identities, certificates: true }));
    expect(holdings(made, "deployer").roles).toEqual([
      "12338af0 subscription",
      "a4417e6f subscription",
      "b24988ac subscription",
      "b86a8fe4 subscription",
      "f58310d9 subscription if",
    ]);
    const conditions = Object.values(tenant.state.arm.roleAssignments).map(({ condition }) => condition);
    expect(conditions.join()).toContain("12338af0-0e69-4776-bea7-57ae8d297424");
    expect(writer()).toContain("Microsoft.KeyVault/vaults/keys/sign/action");
    expect(writer()).toContain("Microsoft.KeyVault/vaults/certificates/create/action");
    expect(holdings(made, "verifier").roles).toEqual([]);

    const without = outputsOf(await bootstrap.up({ repositories, identities }));
    expect(holdings(without, "deployer").roles).toHaveLength(3);
    expect(writer()).not.toContain("keys/sign");
  });

  it("names every fault before it changes anything", async () => {
    const run = await bootstrap.up({
      repositories: ["contoso"],
      identities: { verifier: { scopes: ["x"] } },
    });
    expect([run.ok, run.steps]).toEqual([false, []]);
    expect(run.said).toContain("2 settings cannot work. Nothing was changed.");
    expect(run.said).not.toContain("    at ");
  });
});
