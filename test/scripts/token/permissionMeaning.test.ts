import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { permissionMeaning } from "../../../scripts/token/permissionMeaning";

const allPermissions = resolve("../shared/data/graph-permissions.tsv");

describe("permissionMeaning", () => {
  it.each([
    ["User.Read.All", "read users' full profiles everywhere in the tenant"],
    [
      "Application.ReadWrite.OwnedBy",
      "read and change app registrations and service principals where the app is an owner",
    ],
    ["Files.SelectedOperations.Selected", "reach files where access was given one by one"],
    ["User-PasswordProfile.ReadWrite.All", "read and change user password profile everywhere in the tenant"],
    ["Mail.Send", "send mail"],
    ["DeviceManagementRBAC.Read.All", "read device management rbac everywhere in the tenant"],
    ["openid", "sign the user in"],
    ["Custom", "do what its API calls Custom"],
  ])("reads %s as: %s", (name, meaning) => {
    expect(permissionMeaning(name)).toBe(meaning);
  });

  it.skipIf(!existsSync(allPermissions))(
    "has words for every permission of Graph (skipped without the list)",
    () => {
      const names = readFileSync(allPermissions, "utf8")
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.split("\t")[1] ?? "");
      const odd = names.filter((name) => !/^[a-z][a-z0-9' ,()-]+$/i.test(permissionMeaning(name)));
      expect(odd).toEqual([]);
    },
  );
});
