import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { smallerAlternatives } from "../../../scripts/verify/smallerPermissions";
import { graphProbes, probesFor, tokenProbe } from "../../../scripts/verify/graphProbes";

const allPermissions = resolve("../shared/data/graph-permissions.tsv");

describe.skipIf(!existsSync(allPermissions))("tables of permissions (skipped without the list)", () => {
  const names = new Set(
    (existsSync(allPermissions) ? readFileSync(allPermissions, "utf8") : "")
      .split("\n")
      .map((line) => line.split("\t"))
      .filter(([kind]) => kind === "application")
      .map(([, name]) => name),
  );

  it("name only permissions that an application can hold", () => {
    const inTables = [
      ...graphProbes.flatMap(({ permissions }) => permissions),
      ...smallerAlternatives.keys(),
    ];
    expect(inTables.filter((name) => !names.has(name))).toEqual([]);
  });
});

describe("probesFor", () => {
  it("asks once for permissions that allow the same read", () => {
    expect(probesFor(["User.Read.All", "User.ReadWrite.All", "Group.Read.All"])).toEqual([
      { path: "/users?$top=1&$select=id", permissions: ["User.Read.All", "User.ReadWrite.All"] },
      { path: "/groups?$top=1&$select=id", permissions: ["Group.Read.All"] },
    ]);
  });

  it("falls back to the read that only shows whether Graph takes the token", () => {
    expect(probesFor(["Mail.Send"])).toEqual([tokenProbe]);
  });

  it("has each permission at one read", () => {
    const permissions = graphProbes.flatMap((probe) => probe.permissions);
    expect(permissions).toEqual([...new Set(permissions)]);
  });
});
