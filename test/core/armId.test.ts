import { describe, expect, it } from "vitest";
import { isArmId } from "../../core/armId";

const group = "/subscriptions/9d3e5a17-42c8-4b6f-8e21-7c0a1b5f3d42/resourceGroups/rg-Köln";
const vault = `${group}/providers/Microsoft.KeyVault/vaults/copilot`;

describe("isArmId", () => {
  it.each([
    ["a vault's", vault, ["Microsoft.KeyVault/vaults"]],
    ["one in another spelling", vault.toUpperCase(), ["Microsoft.KeyVault/vaults"]],
    ["a vault secret's", `${vault}/secrets/Mail`, ["Microsoft.KeyVault/vaults", "secrets"]],
    ["that of a resource of any type", vault, []],
  ])("takes %s", (_what, id, types) => {
    expect(isArmId(id, ...types)).toBe(true);
  });

  it.each([
    ["one of another type", vault, ["Microsoft.Logic/workflows"]],
    ["one within it", `${vault}/secrets/Mail`, ["Microsoft.KeyVault/vaults"]],
    ["one that begins before the slash", vault.slice(1), ["Microsoft.KeyVault/vaults"]],
    ["one that leads to the folder above", vault.replace("copilot", ".."), ["Microsoft.KeyVault/vaults"]],
    ["a name of dots alone", `${group}/...`, []],
    ["a name with a question mark", `${group}/a?b`, []],
    ["an empty name", `${group}/`, []],
    ["a subscription without a name", "/subscriptions", []],
    ["one of any type in another spelling", vault.toUpperCase(), []],
    ["one of a thousand characters", `${group}/${"a".repeat(1000 - group.length - 1)}`, []],
  ])("refuses %s", (_what, id, types) => {
    expect(isArmId(id, ...types)).toBe(false);
  });
});
