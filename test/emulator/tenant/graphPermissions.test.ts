import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import {
  graphAppRoles,
  graphPermissions,
  graphPermissionScopes,
} from "../../../emulator/tenant/graphPermissions";

const tableFile = resolve("../shared/data/graph-permissions.tsv");
const found = existsSync(tableFile);

describe("graphPermissions", () => {
  it("are all that Microsoft publishes of each kind, each name and GUID once", () => {
    const roles = graphAppRoles();
    const scopes = graphPermissionScopes();
    expect([roles.length, scopes.length]).toEqual([534, 598]);
    for (const permissions of [roles, scopes]) {
      expect(new Set(permissions.map(({ value }) => value)).size).toBe(permissions.length);
      expect(new Set(permissions.map(({ id }) => id)).size).toBe(permissions.length);
    }
  });

  it("keep apart what works for people alone", () => {
    const names = (permissions: readonly { value: string }[]) =>
      new Set(permissions.map(({ value }) => value));
    const [roles, scopes] = [names(graphAppRoles()), names(graphPermissionScopes())];
    const asked = ["User.Read", "Files.ReadWrite", "User.Read.All", "Application.ReadWrite.OwnedBy"];
    expect(asked.map((name) => [name, roles.has(name), scopes.has(name)])).toEqual([
      ["User.Read", false, true],
      ["Files.ReadWrite", false, true],
      ["User.Read.All", true, true],
      ["Application.ReadWrite.OwnedBy", true, false],
    ]);
  });

  it.skipIf(!found)(`agree row by row with Microsoft's table${found ? "" : " (not here)"}`, () => {
    const real = new Map<string, string>();
    for (const line of readFileSync(tableFile, "utf8").split("\n").slice(1)) {
      const [kind = "", name = "", id = ""] = line.split("\t");
      real.set(`${kind} ${name}`, id);
    }
    for (const { name, appRoleId, scopeId } of graphPermissions) {
      expect([name, appRoleId, scopeId]).toEqual([
        name,
        real.get(`application ${name}`),
        real.get(`delegated ${name}`),
      ]);
    }
    const held = [...graphAppRoles(), ...graphPermissionScopes()].length;
    expect(held).toBe([...real.keys()].filter((key) => key !== " ").length);
  });
});
