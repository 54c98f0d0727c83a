import { describe, expect, it } from "vitest";
import { ClientSecret } from "../../../infra/components/clientSecret";
import type { PublishedCredentialArgs } from "../../../infra/components/publishedCredential";
import { createInAzure } from "../../support/azureMocks";
import { recordResources, valueOf, type Recording } from "../../support/recordResources";

const parent = "copilot-token:infra:ClientSecret::Mail.Sender";
const secretType = "pulumi-nodejs:dynamic/copilot-token:ClientSecret";
const vaultId = "/subscriptions/s/resourceGroups/group/providers/Microsoft.KeyVault/vaults/vault";
const args: PublishedCredentialArgs = {
  sequence: 7,
  cause: "due",
  rotation: { everyDays: 60, keepDays: 60, graceDays: 14 },
  consumerTags: { AllowedEnvironments: "environment" },
  verification: { tokens: 5, overSeconds: 10 },
  stackId: "stack",
  tenantId: "tenant",
  clientId: "client",
  applicationId: "/applications/object",
  vaultResourceId: vaultId,
};

async function published(
  more: Partial<PublishedCredentialArgs> = {},
): Promise<Recording & { secret: ClientSecret }> {
  const recording = await recordResources({ create: createInAzure });
  const secret = new ClientSecret("Mail.Sender", { ...args, ...more });
  await recording.settled();
  return { ...recording, secret };
}

describe("ClientSecret", () => {
  it("is one resource whose inputs hold no secret", async () => {
    const { resources } = await published();
    expect(resources).toEqual([
      {
        type: "copilot-token:infra:ClientSecret",
        name: "Mail.Sender",
        parent: undefined,
        inputs: {},
        options: {},
      },
      {
        type: secretType,
        name: "Mail.Sender",
        parent,
        inputs: {
          app: "Mail.Sender",
          sequence: 7,
          cause: "due",
          displayName: "copilot-token Mail.Sender-7 stack",
          lifetimeDays: 134,
          tenantId: "tenant",
          clientId: "client",
          applicationId: "/applications/object",
          secretResourceId: `${vaultId}/secrets/Mail-Sender`,
          consumerTags: { AllowedEnvironments: "environment" },
          tokens: 5,
          overSeconds: 10,
          patienceSeconds: 120,
          __provider: expect.any(String) as string,
        },
        options: {},
      },
    ]);
  });

  it("tells when it was made, when it ends and when its successor is due", async () => {
    const { secret } = await published();
    expect({
      keyId: await valueOf(secret.keyId),
      startsAt: await valueOf(secret.startsAt),
      endsAt: await valueOf(secret.endsAt),
      nextRotationAt: await valueOf(secret.nextRotationAt),
      secretName: secret.secretName,
      secretResourceId: (await valueOf(secret.secretResourceId)).replace(/^.*\/providers/, ""),
    }).toEqual({
      keyId: "Mail.Sender-7-key",
      startsAt: "2026-11-22T10:00:00Z",
      endsAt: "2027-04-05T10:00:00Z",
      nextRotationAt: "2027-01-21T10:00:00.000Z",
      secretName: "Mail-Sender",
      secretResourceId: "/Microsoft.KeyVault/vaults/vault/secrets/Mail-Sender",
    });
  });

  it.each([
    [
      "its own spelling, for whom the role assignments of readers are",
      vaultId.replace("group", "GROUP"),
      "GROUP",
    ],
    ["the vault that it is to be in, where that is another", vaultId.replace("/group/", "/other/"), "group"],
  ])("has the ID in %s", async (_what, known, group) => {
    const recording = await recordResources({
      create: (type, name, inputs) => {
        const made = createInAzure(type, name, inputs);
        return type === secretType ? { ...made, id: `${known}/secrets/Mail-Sender` } : made;
      },
    });
    const secret = new ClientSecret("Mail.Sender", args);
    await recording.settled();
    expect(await valueOf(secret.secretResourceId)).toContain(`/resourceGroups/${group}/`);
  });

  it.each([
    [1, 300],
    [2, 120],
  ])("is patient with a new app: sequence %i gets %i s", async (sequence, patienceSeconds) => {
    const { resources } = await published({ sequence });
    expect(resources.find(({ type }) => type === secretType)?.inputs["patienceSeconds"]).toBe(
      patienceSeconds,
    );
  });
});
