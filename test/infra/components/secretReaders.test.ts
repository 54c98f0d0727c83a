import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { grantSecretReaders } from "../../../infra/components/secretReaders";
import { recordResources } from "../../support/recordResources";

const secretsUser =
  "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6";

async function granted(readers: Parameters<typeof grantSecretReaders>[1]["readers"]) {
  const { resources, settled } = await recordResources();
  const owner = new pulumi.ComponentResource("test:Owner", "owner");
  grantSecretReaders("Mail", { scope: "/vault/secrets/Mail", subscriptionId: "s", readers }, owner);
  await settled();
  return resources.slice(1);
}

describe("grantSecretReaders", () => {
  it("lets each identity read at the scope, with the right to read values and nothing else", async () => {
    const assignment = (id: string, principalType: string) => ({
      type: "azure-native:authorization:RoleAssignment",
      name: `Mail-reader-${id}`,
      parent: "test:Owner::owner",
      inputs: {
        scope: "/vault/secrets/Mail",
        roleDefinitionId: secretsUser,
        principalId: id,
        principalType,
      },
      options: {},
    });
    expect(
      await granted([
        { id: "alice", type: "User" },
        { id: "flow", type: "ServicePrincipal" },
        { id: "team", type: "Group" },
      ]),
    ).toEqual([
      assignment("alice", "User"),
      assignment("flow", "ServicePrincipal"),
      assignment("team", "Group"),
    ]);
  });

  it("gives no reader access by default", async () => {
    expect(await granted([])).toEqual([]);
  });
});
