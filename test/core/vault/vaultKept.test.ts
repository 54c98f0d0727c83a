import { describe, expect, it } from "vitest";
import {
  otherVaultFault,
  stackNamedAfter,
  vaultNameSource,
  type PreviousVault,
} from "../../../core/vault/vaultKept";

const idOf = (name: string): string =>
  `/subscriptions/s/resourceGroups/copilot-token-prod-1/providers/Microsoft.KeyVault/vaults/${name}`;
const generated = "copilot-prod-1a2b3c4d";
const other = "copilot-prod-ffffffff";
const vault = (name: string, nameFrom?: PreviousVault["nameFrom"]): PreviousVault => ({
  name,
  resourceId: idOf(name),
  ...(nameFrom === undefined ? {} : { nameFrom }),
});
const set = (key: string, value: string): string =>
  `pulumi config set --path 'copilot-token:vault.${key}' ${value}`;
const remove = (key: string): string => `pulumi config rm --path 'copilot-token:vault.${key}'`;

describe("vaultNameSource", () => {
  it.each([
    [{}, "generated"],
    [{ name: generated }, "name"],
    [{ adopt: idOf(generated) }, "adopt"],
    [{ name: generated, adopt: idOf(generated) }, "adopt"],
  ])("of %j is %s", (settings, source) => {
    expect(vaultNameSource(settings)).toBe(source);
  });
});

describe("otherVaultFault", () => {
  it.each([
    ["a generated name stays generated", {}, vault(generated, "generated")],
    ["an interrupted first run generated the name", {}, { name: generated }],
    ["the name is set, in whatever case", { name: "Kv-Mail" }, vault("kv-mail", "name")],
    ["a generated name is set", { name: generated }, vault(generated, "generated")],
    ["a named vault is adopted", { adopt: idOf(generated) }, vault(generated, "name")],
    ["an adopted vault stays adopted", { adopt: idOf(generated) }, vault(generated, "adopt")],
    ["an adopted vault is named", { name: generated }, vault(generated, "adopt")],
  ])("finds none where %s", (_what, settings, own) => {
    expect(otherVaultFault(settings, own, "prod")).toBeUndefined();
  });

  it.each([
    ["the name is taken out", {}, vault("kv-mail", "name"), "name", set("name", "kv-mail")],
    ["an interrupted first run had a name", {}, { name: "kv-mail" }, "name", set("name", "kv-mail")],
    ["a name like a generated one goes", {}, vault(generated, "name"), "name", set("name", generated)],
    ["the adoption is taken out", {}, vault(generated, "adopt"), "adopt", set("adopt", idOf(generated))],
    ["the name is another", { name: "kv-new" }, vault("kv-mail", "name"), "name", set("name", "kv-mail")],
    ["a name is set", { name: "kv-new" }, vault(generated, "generated"), "name", remove("name")],
    [
      "another is adopted",
      { adopt: idOf(other) },
      vault(generated, "adopt"),
      "adopt",
      set("adopt", idOf(generated)),
    ],
    [
      "another is adopted and named",
      { adopt: idOf(other), name: other },
      vault(generated, "generated"),
      "adopt",
      `${remove("name")}; ${remove("adopt")}`,
    ],
    [
      "another is adopted in place of the named one",
      { adopt: idOf(other) },
      vault("kv-mail", "name"),
      "adopt",
      `${remove("adopt")}; ${set("name", "kv-mail")}`,
    ],
    [
      "another is named in place of the adopted one",
      { name: "kv-new" },
      vault(generated, "adopt"),
      "name",
      `${remove("name")}; ${set("adopt", idOf(generated))}`,
    ],
    [
      "the stack was renamed, and nothing tells its former name",
      {},
      vault("copilot-dev-1a2b3c4d", "generated"),
      "name",
      "Its name is from the stack's former name; give the stack that one back: pulumi stack rename <former name>",
    ],
  ])(
    "tells the way back where %s",
    (_what, settings: { name?: string; adopt?: string }, own, key, repair) => {
      const value = settings[key as "name" | "adopt"];
      expect(otherVaultFault(settings, own, "prod")).toEqual({
        code: "VAULT_FIXED",
        key: `copilot-token:vault.${key}`,
        value: value === undefined ? "(absent)" : JSON.stringify(value),
        reason: `The stack has the vault ${own.name}; another would take its place, and every reader would be cut off.`,
        repair,
      });
    },
  );
});

describe("stackNamedAfter", () => {
  const group = (name: string): string =>
    `/subscriptions/s/resourceGroups/${name}/providers/Microsoft.KeyVault/vaults/kv-mail`;

  it.each<[string, PreviousVault | undefined, string]>([
    ["a stack that has nothing yet", undefined, "prod"],
    ["a stack that says it", { name: "kv-mail", namedAfter: "dev" }, "dev"],
    [
      "one that does not, by its group",
      { name: "kv-mail", resourceId: group("copilot-token-my-dev-1a2b3c4d") },
      "my-dev",
    ],
    [
      "one that adopted another's group",
      { name: "kv", nameFrom: "adopt", resourceId: group("copilot-token-x-1a2b3c4d") },
      "prod",
    ],
    ["one whose group says nothing", { name: "kv-mail", resourceId: group("rg") }, "prod"],
  ])("of %s", (_what, own, name) => {
    expect(stackNamedAfter(own, "prod")).toBe(name);
  });

  it("lets a renamed stack keep its vault, whichever way it was named", () => {
    const generated = { name: "copilot-dev-1a2b3c4d", nameFrom: "generated", namedAfter: "dev" } as const;
    expect(otherVaultFault({}, generated, "prod")).toBeUndefined();
    const named = { name: "kv-mail", nameFrom: "name", namedAfter: "dev" } as const;
    expect(otherVaultFault({ name: "kv-mail" }, named, "prod")).toBeUndefined();
  });
});
