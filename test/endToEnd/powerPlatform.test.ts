import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outputsOf, testStack, type ProgramRun, type TestStack } from "../support/testStack";
import { secretApp } from "../support/secretApp";

const environmentId = "e1f0c2d4-5a6b-4c7d-8e9f-0a1b2c3d4e5f";
const app = "CopilotAPIAuth";
const apps = { [app]: { permissions: ["User.Read.All"] } };
const forEnvironment = { apps, powerPlatform: { environmentId } };
/** *Key Vault Secrets User*. */
const secretsUser = "4633458b-17de-408a-b874-0445c86b69e6";

/** Every test goes on from the stack that the one before left: the life of one stack. */
describe("a stack that Power Platform may use, in the emulated tenant", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack();
  });
  afterAll(() => stack.close());

  const state = () => stack.emulated.tenant.state;
  const principalNamed = (name: string) => {
    const found = Object.values(state().directory.servicePrincipals).find(
      ({ displayName }) => displayName === name,
    );
    if (found === undefined) throw new Error(`the seed has no ${name}`);
    return found;
  };
  const dataverse = () => principalNamed("Dataverse").id;
  const agentService = () => principalNamed("Power Virtual Agents Service").id;
  /** Someone who imports the solution: a user of the tenant. */
  const importer = () => Object.keys(state().directory.users)[0] ?? "";
  /** The tags for consumers, of each version of the secret, oldest first. */
  const tagsOf = (run: ProgramRun) => {
    const versions = state().vaults[outputsOf(run).vaultName]?.secrets[app.toLowerCase()]?.versions ?? [];
    return versions.map(({ tags = {} }) =>
      Object.fromEntries(Object.entries(tags).filter(([name]) => name.startsWith("Allowed"))),
    );
  };
  /** Who holds which role at the secret itself. */
  const readersOf = (run: ProgramRun) => {
    const scope = secretApp(outputsOf(run).apps[app]).secretResourceId.toLowerCase();
    return Object.values(state().arm.roleAssignments)
      .filter((assignment) => assignment.scope.toLowerCase() === scope)
      .map(({ principalId, roleDefinitionId }) => [principalId, roleDefinitionId.split("/").at(-1)])
      .sort();
  };
  const readers = (...objectIds: string[]) => objectIds.map((objectId) => [objectId, secretsUser]).sort();

  it("tags the secret for the environment, and lets both services and the importer read it", async () => {
    const importers = [{ id: importer(), type: "User" }];
    const run = await stack.up({ apps, powerPlatform: { environmentId, importers } });
    expect(tagsOf(run)).toEqual([{ AllowedEnvironments: environmentId }]);
    expect(readersOf(run)).toEqual(readers(dataverse(), agentService(), importer()));
    expect(outputsOf(run).powerPlatform).toEqual({ environmentId, agents: [] });
  });

  it("removes only the importer's role when the setting is removed", async () => {
    const run = await stack.up(forEnvironment);
    expect(run.steps).toEqual([`delete ${app}-reader-${importer()}`]);
    expect(readersOf(run)).toEqual(readers(dataverse(), agentService()));
  });

  it("tags the version that a rotation makes", async () => {
    const run = await stack.up(forEnvironment, { COPILOT_TOKEN_ROTATE: app });
    expect(secretApp(outputsOf(run).apps[app]).credential.sequence).toBe(2);
    expect(tagsOf(run)).toEqual([
      { AllowedEnvironments: environmentId },
      { AllowedEnvironments: environmentId },
    ]);
  });

  it("narrows the tag of the current version to the agents that the settings name", async () => {
    const agents = ["contoso_help", "contoso_sales"];
    const run = await stack.up({ apps, powerPlatform: { environmentId, agents } });
    expect(tagsOf(run).at(-1)).toEqual({
      AllowedBots: `${environmentId}/contoso_help,${environmentId}/contoso_sales`,
    });
    expect(secretApp(outputsOf(run).apps[app]).credential.sequence).toBe(2);
  });

  it("refuses an impostor before anything changes, and takes the service that the settings name", async () => {
    const service = principalNamed("Power Virtual Agents Service");
    const genuine = service.appOwnerOrganizationId;
    service.appOwnerOrganizationId = "bad0bad0-0000-4000-8000-000000000000";
    const refused = await stack.up(forEnvironment);
    expect([refused.ok, refused.steps]).toEqual([false, []]);
    expect(refused.said).toContain(`(${service.id}) is not Microsoft's`);

    const virtualAgentsServiceObjectId = service.id;
    const run = await stack.up({ apps, powerPlatform: { environmentId, virtualAgentsServiceObjectId } });
    expect(readersOf(run)).toEqual(readers(dataverse(), agentService()));
    expect(outputsOf(run).powerPlatform).toEqual({ environmentId, agents: [], virtualAgentsServiceObjectId });
    service.appOwnerOrganizationId = genuine;
  });

  it("takes tags and roles away when the setting goes", async () => {
    const run = await stack.up({ apps });
    expect([...run.steps].sort()).toEqual(
      [
        `delete ${app}-reader-${dataverse()}`,
        `delete ${app}-reader-${agentService()}`,
        `update ${app}`,
      ].sort(),
    );
    expect(tagsOf(run).at(-1)).toEqual({});
    expect(readersOf(run)).toEqual([]);
  });
});
