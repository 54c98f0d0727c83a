import { clouds } from "../../../core/cloud/clouds";
import { afterEach, describe, expect, it, vi } from "vitest";
import { graphObjectId } from "../../../emulator/tenant/seed";
import { programDirectory, type Directory } from "../../../infra/plan/directory";
import type { Transport } from "../../../azure/transport";
import { guid } from "../../support/azureMocks";
import { tagsWithMark } from "../../../core/ownershipMark";
import { deployStack, stackId, type DeployedStack } from "../../support/deployedStack";
import { armEnvironment, azureExchange, jsonAnswer, type Interception } from "../../support/testWorld";

const noExchange: Transport["exchange"] = () => Promise.reject(new Error("nothing was set up to answer"));
const network = { exchange: noExchange, requests: [] as string[] };

vi.mock("../../../azure/transport", () => ({
  httpsTransport: (): Transport => ({
    exchange: network.exchange,
    preconnect: () => undefined,
    close: () => undefined,
  }),
}));

afterEach(() => {
  network.requests = [];
});

/** Asks as the deployer, in a tenant that has one app: `CopilotAPIAuth`, with `User.Read.All`. */
async function ask<Answer>(
  question: (directory: Directory, stack: DeployedStack) => Promise<Answer>,
  intercept: Interception = () => undefined,
): Promise<{ answer: Answer; stack: DeployedStack }> {
  const stack = await deployStack();
  network.exchange = azureExchange(stack.tenant, (request) => {
    network.requests.push(`${request.method} ${new URL(request.url).hostname}`);
    return intercept(request);
  });
  const environment = { ...armEnvironment(stack.tenant, "deployer") };
  return {
    answer: await question(programDirectory(environment, clouds.public), stack),
    stack,
  };
}

const appOf = ({ outputs }: DeployedStack) => {
  const app = outputs.apps["CopilotAPIAuth"];
  if (app === undefined) throw new Error("the stack has no app");
  return app;
};

describe("programDirectory", () => {
  it("tells what an application is and which client secrets it has", async () => {
    const { answer, stack } = await ask((directory, of) =>
      directory.application(appOf(of).applicationObjectId),
    );
    const app = appOf(stack);
    const tags = tagsWithMark({ stackId, resource: "CopilotAPIAuth", stack: "copilot-token/test" }, []);
    const { objectId } = stack.tenant.identities.deployer;
    const owners = [{ objectId, displayName: "copilot-token deployer", isServicePrincipal: true }];
    expect(answer).toEqual({
      applicationObjectId: app.applicationObjectId,
      clientId: app.clientId,
      displayName: "CopilotAPIAuth",
      tags,
      owners,
      certificateCount: 0,
      servicePrincipal: {
        servicePrincipalObjectId: app.servicePrincipalObjectId,
        tags,
        owners,
        credentialCount: 0,
      },
      clientSecrets: [
        {
          keyId: app.credential.keyId,
          displayName: `copilot-token CopilotAPIAuth-1 ${stackId}`,
          endsAt: expect.stringMatching(/^2027-04-05T10:00:00/) as string,
        },
      ],
    });
  });

  it("tells that an application has no service principal, and that there is no such application", async () => {
    const { answer } = await ask(async (directory, stack) => {
      const { id } = await stack.call("POST", "https://graph.microsoft.com/v1.0/applications", {
        displayName: "Lonely",
      });
      return [await directory.application(String(id)), await directory.application(guid("404"))];
    });
    expect(answer).toEqual([
      expect.objectContaining({ servicePrincipal: undefined, clientSecrets: [] }),
      undefined,
    ]);
  });

  it("finds applications by their name, and by a stack's mark", async () => {
    const { answer, stack } = await ask((directory) =>
      Promise.all([
        directory.applicationsNamed("CopilotAPIAuth"),
        directory.applicationsNamed("Nobody"),
        directory.applicationsMarked(stackId),
        directory.applicationsMarked(guid("07e4")),
      ]),
    );
    const app = expect.objectContaining({ applicationObjectId: appOf(stack).applicationObjectId }) as unknown;
    expect(answer).toEqual([[app], [], [app], []]);
  });

  it("counts the federated credentials of an application", async () => {
    const { answer } = await ask(async (directory, stack) => {
      const { applicationObjectId } = appOf(stack);
      const path = `https://graph.microsoft.com/v1.0/applications/${applicationObjectId}/federatedIdentityCredentials`;
      const before = await directory.federatedCredentialCount(applicationObjectId);
      await stack.call("POST", path, {
        name: "github",
        issuer: "https://token.actions.githubusercontent.com",
        subject: "repo:contoso/agents:ref:refs/heads/main",
        audiences: ["api://AzureADTokenExchange"],
      });
      return [before, await directory.federatedCredentialCount(applicationObjectId)];
    });
    expect(answer).toEqual([0, 1]);
  });

  it("tells that a service principal is granted nothing that the tenant does not show yet", async () => {
    const { answer } = await ask((directory) => directory.grantsOf(guid("404"), graphObjectId));
    expect(answer).toEqual([]);
  });

  it("tells what a service principal is granted on Microsoft Graph", async () => {
    const { answer, stack } = await ask((directory, of) =>
      directory.grantsOf(appOf(of).servicePrincipalObjectId, graphObjectId),
    );
    expect(answer).toEqual([
      { assignmentId: expect.any(String) as string, appRoleId: stack.roleId("User.Read.All") },
    ]);
  });

  it("leaves grants on other services out", async () => {
    const { answer } = await ask((directory, of) =>
      directory.grantsOf(appOf(of).servicePrincipalObjectId, guid("07e4")),
    );
    expect(answer).toEqual([]);
  });

  it("finds every service principal of a name, and whose each is", async () => {
    const { answer, stack } = await ask(async (directory, stack) => {
      for (const displayName of ["Twin", "Twin", "O'Brien's app"]) {
        const { appId } = await stack.call("POST", "https://graph.microsoft.com/v1.0/applications", {
          displayName,
        });
        await stack.call("POST", "https://graph.microsoft.com/v1.0/servicePrincipals", { appId });
      }
      const names = ["CopilotAPIAuth", "Twin", "Nobody", "O'Brien's app"];
      return Promise.all(names.map((name) => directory.servicePrincipalsNamed(name)));
    });
    const applicationTenantId = stack.outputs.tenantId;
    const of = (displayName: string, objectId = expect.any(String) as string) => ({
      objectId,
      displayName,
      applicationTenantId,
    });
    expect(answer).toEqual([
      [of("CopilotAPIAuth", appOf(stack).servicePrincipalObjectId)],
      [of("Twin"), of("Twin")],
      [],
      [of("O'Brien's app")],
    ]);
  });

  it("finds the service principal of a client ID, if there is one", async () => {
    const { answer, stack } = await ask((directory, of) =>
      Promise.all([
        directory.servicePrincipalOf(appOf(of).clientId),
        directory.servicePrincipalOf(guid("404")),
      ]),
    );
    expect(answer).toEqual([appOf(stack).servicePrincipalObjectId, undefined]);
  });

  it("signs in once, reads and never writes", async () => {
    await ask(async (directory, of) => {
      await directory.servicePrincipalsNamed("CopilotAPIAuth");
      await directory.grantsOf(appOf(of).servicePrincipalObjectId, graphObjectId);
    });
    expect(network.requests).toEqual([
      "POST login.microsoftonline.com",
      "GET graph.microsoft.com",
      "GET graph.microsoft.com",
    ]);
  });

  it("answers however long the program has run", async () => {
    await ask(async (directory, of) => {
      await directory.servicePrincipalsNamed("CopilotAPIAuth");
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 600_000 });
      try {
        await directory.grantsOf(appOf(of).servicePrincipalObjectId, graphObjectId);
      } finally {
        vi.useRealTimers();
      }
    });
    expect(network.requests).toHaveLength(3);
  });

  it("sends nothing before the first question, not even a sign-in", async () => {
    await ask(() => Promise.resolve());
    expect(network.requests).toEqual([]);
  });

  it("names a refusal by Microsoft Graph instead of taking it for an absence", async () => {
    const refused = ask(
      (directory, of) => directory.application(appOf(of).applicationObjectId),
      ({ url }) =>
        url.startsWith("https://graph.microsoft.com/")
          ? jsonAnswer(403, {
              error: { code: "Authorization_RequestDenied", message: "Insufficient privileges." },
            })
          : undefined,
    );
    await expect(refused).rejects.toMatchObject({ status: 403 });
  });
});

describe("the vaults of a subscription", () => {
  const vaultIdOf = (stack: DeployedStack): string =>
    appOf(stack).secretResourceId.replace(/\/secrets\/.*/, "");

  it("are there, or deleted, or neither", async () => {
    const { answer, stack } = await ask(async (directory, deployed) => {
      const vaultId = vaultIdOf(deployed);
      const { subscriptionId } = deployed.tenant.state;
      const before = [
        await directory.hasVault(vaultId),
        await directory.deletedVault(subscriptionId, "copilot-test"),
      ];
      await deployed.call("DELETE", `https://management.azure.com${vaultId}?api-version=2024-11-01`);
      return [
        ...before,
        await directory.hasVault(vaultId),
        await directory.deletedVault(subscriptionId, "Copilot-Test"),
      ];
    });
    const { scheduledPurgeDate = "" } = stack.tenant.state.arm.deletedVaults["copilot-test"] ?? {};
    expect(answer).toEqual([
      true,
      undefined,
      false,
      {
        name: "copilot-test",
        vaultId: vaultIdOf(stack),
        location: "westeurope",
        scheduledPurgeAt: scheduledPurgeDate.replace(/\.\d+Z$/, "Z"),
        isPurgeProtected: true,
      },
    ]);
  });

  const refusing: Interception = ({ url }) =>
    url.startsWith("https://management.azure.com/")
      ? jsonAnswer(403, { error: { code: "AuthorizationFailed", message: "No." } })
      : undefined;

  it("are not reported to a caller that may not list the deleted ones", async () => {
    const { answer } = await ask((directory) => directory.deletedVault("s", "copilot-test"), refusing);
    expect(answer).toBeUndefined();
  });

  it("are not guessed at where Azure refuses to tell", async () => {
    const asking = ask((directory, stack) => directory.hasVault(vaultIdOf(stack)), refusing);
    await expect(asking).rejects.toMatchObject({ code: "AZURE_REFUSED", status: 403 });
  });
});
