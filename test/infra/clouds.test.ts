import { describe, expect, it } from "vitest";
import { clouds } from "../../core/cloud/clouds";
import { guid, tenantId } from "../support/azureMocks";
import { publishedOutputs, publishedSecretApp } from "../support/publishedOutputs";
import { deployed, refused, runOf, type Deployed } from "../support/runProgram";

const prod = { github: "Contoso/Agents", environment: "prod" };
const settings = {
  apps: {
    Mail: { permissions: ["User.Read.All"] },
    Job: {
      permissions: ["User.Read.All"],
      credential: "federated",
      federated: [prod, { identity: "agent" }],
    },
  },
  identities: { agent: {} },
  granter: { clientId: guid("64a47e4") },
};

const inputsOf = ({ resources }: Deployed, type: RegExp): Record<string, unknown>[] =>
  resources.filter((one) => type.test(one.type)).map(({ inputs }) => inputs);

describe("the program in another cloud", () => {
  it.each(Object.values(clouds))("tells granter, credentials and outputs of $name", async (cloud) => {
    const run = await deployed(runOf(settings, { cloud }));
    const isPublic = cloud.name === "public";
    // Stacks of earlier releases are in the public cloud, and do not change.
    expect(inputsOf(run, /^pulumi:providers:azuread$/).map(({ environment }) => environment)).toEqual([
      isPublic ? "public" : cloud.providers.azuread,
    ]);
    const [secret] = inputsOf(run, /copilot-token:ClientSecret$/);
    expect(secret?.["cloud"]).toBe(isPublic ? undefined : cloud.name);
    expect(run.stackOutputs["cloud"]).toBe(isPublic ? undefined : cloud.name);
    const trusts = inputsOf(run, /ApplicationFederatedIdentityCredential$/);
    expect(trusts.map(({ audiences }) => audiences)).toEqual([
      [cloud.exchangeAudience],
      [cloud.exchangeAudience],
    ]);
    expect(trusts.map(({ issuer }) => issuer)).toContain(`${cloud.issuers.version2}/${tenantId}/v2.0`);
  });

  it("refuses a stack that is in another one", async () => {
    const previousOutputs = { ...publishedOutputs({ Mail: publishedSecretApp("Mail") }) };
    const { code, message } = await refused(runOf({}, { cloud: clouds.china }), { previousOutputs });
    expect([code, message]).toEqual(["CLOUD_DIFFERS", expect.stringContaining("nothing was changed")]);
  });
});
