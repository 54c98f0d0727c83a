import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { ClientSecret, type ClientSecretArgs } from "../../../infra/components/clientSecret";
import { clientSecretValue, createInAzure } from "../../support/azureMocks";
import { recordResources, secretOf, valueOf, type Recording } from "../../support/recordResources";

const parent = "copilot-token:infra:ClientSecret::Mail.Sender";
const passwordType = "azuread:index/applicationPassword:ApplicationPassword";
const proofType = "pulumi-nodejs:dynamic/copilot-token:SecretProof";
/** Stands for the app registration's service principal. */
const principalType = "test:index:ServicePrincipal";
const args: Omit<ClientSecretArgs, "servicePrincipal"> = {
  sequence: 7,
  cause: "due",
  endDate: "2027-04-05T10:00:00Z",
  rotation: { everyDays: 60, keepDays: 60, graceDays: 14 },
  consumerTags: { AllowedEnvironments: "environment" },
  proof: { tokens: 5, overSeconds: 10 },
  stackId: "stack",
  tenantId: "tenant",
  clientId: "client",
  applicationId: "/applications/object",
  vaultName: "vault",
  resourceGroupName: "group",
};

async function published(
  more: Partial<ClientSecretArgs> = {},
): Promise<Recording & { secret: ClientSecret }> {
  const recording = await recordResources({ create: createInAzure });
  const servicePrincipal = new pulumi.ComponentResource(principalType, "Mail.Sender");
  const secret = new ClientSecret("Mail.Sender", { ...args, servicePrincipal, ...more });
  await recording.settled();
  const resources = recording.resources.filter(({ type }) => type !== principalType);
  return { ...recording, resources, secret };
}

describe("ClientSecret", () => {
  it("makes a password, proves it and publishes it", async () => {
    const { resources } = await published();
    const [component, password, proof, secret, ...rest] = resources;
    expect(component).toEqual({
      type: "copilot-token:infra:ClientSecret",
      name: "Mail.Sender",
      parent: undefined,
      inputs: {},
      options: {},
    });
    expect(password).toEqual({
      type: passwordType,
      name: "Mail.Sender-7",
      parent,
      inputs: {
        applicationId: "/applications/object",
        displayName: "copilot-token Mail.Sender-7 stack",
        endDate: "2027-04-05T10:00:00Z",
      },
      options: { retainOnDelete: true, ignoreChanges: ["displayName", "endDate", "startDate"] },
    });
    expect(proof).toEqual({
      type: proofType,
      name: "Mail.Sender-7",
      parent,
      inputs: {
        app: "Mail.Sender",
        tenantId: "tenant",
        clientId: "client",
        keyId: "Mail.Sender-7-key",
        clientSecret: secretOf(clientSecretValue("Mail.Sender-7")),
        tokens: 5,
        overSeconds: 10,
        patienceSeconds: 120,
        __provider: expect.any(String) as string,
      },
      options: { retainOnDelete: true },
    });
    expect(secret).toEqual({
      type: "azure-native:keyvault:Secret",
      name: "Mail.Sender",
      parent,
      inputs: {
        resourceGroupName: "group",
        vaultName: "vault",
        secretName: "Mail-Sender",
        properties: {
          value: secretOf(clientSecretValue("Mail.Sender-7")),
          contentType: "Entra client secret",
          attributes: { enabled: true, expires: Date.parse("2027-04-05T10:00:00Z") / 1000 },
        },
        tags: {
          AllowedEnvironments: "environment",
          app: "Mail.Sender",
          clientId: "client",
          keyId: "Mail.Sender-7-key",
          sequence: "7",
          startsAt: "2026-11-22T10:00:00Z",
          cause: "due",
          provedAt: "2026-11-22T10:00:10.000Z",
          provedBy: "5 tokens",
        },
      },
      options: {},
    });
    expect(rest).toEqual([]);
  });

  it("publishes nothing before the proof, and proves nothing before the password", async () => {
    const { dependencies } = await published();
    expect(dependencies.get(`${proofType}::Mail.Sender-7`)).toEqual([`${passwordType}::Mail.Sender-7`]);
    expect(dependencies.get("azure-native:keyvault:Secret::Mail.Sender")).toEqual([
      `${passwordType}::Mail.Sender-7`,
      `${proofType}::Mail.Sender-7`,
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

  it("tells none of it as a secret, and registers no output that holds one", async () => {
    const { secret, outputs } = await published();
    const told = [
      secret.keyId,
      secret.startsAt,
      secret.endsAt,
      secret.nextRotationAt,
      secret.secretResourceId,
    ];
    expect(await Promise.all(told.map((output) => pulumi.isSecret(output)))).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(JSON.stringify([...outputs])).not.toContain(clientSecretValue("Mail.Sender-7"));
  });

  it.each([
    [1, 300],
    [2, 120],
  ])("is patient with a new app: sequence %i gets %i s", async (sequence, patienceSeconds) => {
    const { resources } = await published({ sequence });
    expect(resources.find(({ type }) => type === proofType)?.inputs["patienceSeconds"]).toBe(patienceSeconds);
  });

  it("names the next one differently in all but the vault", async () => {
    const names = async (sequence: number): Promise<string[]> =>
      (await published({ sequence })).resources.slice(1).map(({ name }) => name);
    expect(await names(7)).toEqual(["Mail.Sender-7", "Mail.Sender-7", "Mail.Sender"]);
    expect(await names(8)).toEqual(["Mail.Sender-8", "Mail.Sender-8", "Mail.Sender"]);
  });
});
