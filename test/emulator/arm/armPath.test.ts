import { describe, expect, it } from "vitest";
import { isWithin, parseArmPath, parseScope } from "../../../emulator/arm/armPath";

describe("parseArmPath", () => {
  it.each([
    ["/subscriptions", { scope: "", types: [], names: [], rest: ["subscriptions"] }],
    [
      "/subscriptions/s/resourcegroups",
      { scope: "/subscriptions/s", types: [], names: [], rest: ["resourcegroups"] },
    ],
    [
      "/subscriptions/s/resourceGroups/rg/resources/",
      { scope: "/subscriptions/s/resourceGroups/rg", types: [], names: [], rest: ["resources"] },
    ],
    ["/subscriptions/s/providers", { scope: "/subscriptions/s", types: [], names: [], rest: ["providers"] }],
    [
      "/subscriptions/s/resourcegroups/rg/PROVIDERS/Microsoft.KeyVault/vaults/v/secrets",
      {
        scope: "/subscriptions/s/resourcegroups/rg",
        namespace: "Microsoft.KeyVault",
        types: ["vaults", "secrets"],
        names: ["v"],
        rest: [],
      },
    ],
    [
      "/subscriptions/s/resourceGroups/rg/providers/A/b/c%20d/providers/Microsoft.Authorization/roleAssignments/g",
      {
        scope: "/subscriptions/s/resourceGroups/rg/providers/A/b/c d",
        namespace: "Microsoft.Authorization",
        types: ["roleAssignments"],
        names: ["g"],
        rest: [],
      },
    ],
  ])("takes %s apart", (path, expected) => {
    expect(parseArmPath(path)).toEqual(expected);
  });
});

describe("parseScope", () => {
  it("names subscription, group, type and names", () => {
    expect(parseScope("/subscriptions/s/resourceGroups/rg/providers/A.B/c/d/e/f")).toEqual({
      subscriptionId: "s",
      resourceGroupName: "rg",
      resource: { type: "A.B/c/e", names: ["d", "f"] },
    });
  });

  it("finds nothing in the tenant's own scope", () => {
    expect(parseScope("/")).toEqual({});
  });
});

describe("isWithin", () => {
  it.each([
    ["/a/b", "/a", true],
    ["/A/b", "/a/B/", true],
    ["/ab", "/a", false],
    ["/a", "/a/b", false],
    ["/a", "/", true],
  ])("%s in %s: %s", (scope, outer, expected) => {
    expect(isWithin(scope, outer)).toBe(expected);
  });
});
