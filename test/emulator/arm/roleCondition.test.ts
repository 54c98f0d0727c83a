import { describe, expect, it } from "vitest";
import { parseCondition, type ConditionContext } from "../../../emulator/arm/roleCondition";
import { ArmError } from "../../../emulator/arm/armError";

const write = "Microsoft.Authorization/roleAssignments/write";
const reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const owner = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";

function context(action: string, request: Record<string, string> = {}): ConditionContext {
  const named = Object.fromEntries(
    Object.entries(request).map(([name, value]) => [
      `Microsoft.Authorization/roleAssignments:${name}`,
      value,
    ]),
  );
  return { action, attributes: { Request: named, Resource: {} } };
}

const role = "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId]";
const type = "@Request[Microsoft.Authorization/roleAssignments:PrincipalType]";

describe("parseCondition", () => {
  // The forms that Microsoft's examples and the portal's editor write.
  it.each([
    [`ActionMatches{'${write}'}`, context(write), true],
    [`ActionMatches{'Microsoft.Authorization/roleAssignments/*'}`, context(write), true],
    [`!(ActionMatches{'${write}'})`, context(write), false],
    [`NOT ActionMatches{'${write}'}`, context("Microsoft.KeyVault/vaults/read"), true],
    [
      `${role} ForAnyOfAnyValues:GuidEquals {${reader}}`,
      context(write, { RoleDefinitionId: reader.toUpperCase() }),
      true,
    ],
    [
      `${role} ForAnyOfAnyValues:GuidEquals {${reader}, ${owner}}`,
      context(write, { RoleDefinitionId: owner }),
      true,
    ],
    [`${role} ForAnyOfAnyValues:GuidEquals {${reader}}`, context(write, { RoleDefinitionId: owner }), false],
    [`${role} ForAnyOfAnyValues:GuidEquals {${reader}}`, context(write), false],
    [
      `${role} ForAnyOfAllValues:GuidNotEquals {${reader}, ${owner}}`,
      context(write, { RoleDefinitionId: owner }),
      false,
    ],
    [`${type} StringEqualsIgnoreCase 'user'`, context(write, { PrincipalType: "User" }), true],
    [`${type} ForAnyOfAnyValues:StringEquals {'user'}`, context(write, { PrincipalType: "User" }), false],
    [
      `(\n (\n  !(ActionMatches{'${write}'})\n )\n OR \n (\n  ${role} ForAnyOfAnyValues:GuidEquals {${reader}}\n  AND\n  ${type} StringEqualsIgnoreCase 'User'\n )\n)`,
      context(write, { RoleDefinitionId: reader, PrincipalType: "Group" }),
      false,
    ],
    [`${type} StringEquals 'a' || ${type} StringEquals 'b'`, context(write, { PrincipalType: "b" }), true],
  ])("takes %s", (text, given, met) => {
    expect(parseCondition(text)(given)).toBe(met);
  });

  it.each([
    "",
    "@x",
    "ActionMatches{'a'",
    "ActionMatches{'a', 'b'}",
    "(ActionMatches{'a'}",
    "ActionMatches{'a'})",
    "ActionMatches{'a'} ActionMatches{'b'}",
    "ActionMatches{'a'} AND ActionMatches{'b'} OR ActionMatches{'c'}",
    `${role} ForAnyOfAnyValues:GuidEquals {}`,
    `${role} ForAnyOfAnyValues:GuidEquals`,
    `${role} GuidEquals "text"`,
  ])("refuses %j", (text) => {
    expect(() => parseCondition(text)).toThrow(
      expect.objectContaining({ status: 400, message: "The given role assignment condition is invalid." }),
    );
  });

  it.each([
    `@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:A_b] StringEquals 'c'`,
    `${type} StringLike 'a*'`,
  ])("says that it does not know %s", (text) => {
    expect(() => parseCondition(text)).toThrow(ArmError);
    expect(() => parseCondition(text)).toThrow(expect.objectContaining({ status: 501 }));
  });
});
