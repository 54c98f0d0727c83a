import { expect, it } from "vitest";
import { grantPermission } from "../../../emulator/tenant/seed";
import { createTenant } from "../../../emulator/tenant/tenant";
import { grantedInTenant } from "../../../scripts/local/localReport";

it("the permissions of a service principal name their API, where it is not Microsoft Graph", () => {
  const { state, identities } = createTenant();
  const { objectId } = identities.verifier;
  grantPermission(state, objectId, "User.Read.All", "2026-11-22T10:00:00Z");
  const management = "c36a0e58-79d4-4b1f-8e62-d1f7b9a03c45";
  const [ofGraph] = Object.values(state.directory.appRoleAssignments).filter(
    ({ principalId }) => principalId === objectId,
  );
  if (ofGraph === undefined) throw new Error("it was granted");
  state.directory.appRoleAssignments["other"] = {
    ...ofGraph,
    id: "other",
    resourceId: management,
    appRoleId: "594c1fb6-4f81-4475-ae41-0c394909246c",
  };
  expect(grantedInTenant(state, objectId)).toEqual([
    "ActivityFeed.Read (Office 365 Management APIs)",
    "User.Read.All",
  ]);
});
