import { describe, expect, it } from "vitest";
import { defaultGraphRequest } from "../../../core/permissions/graphRequest";

describe("defaultGraphRequest", () => {
  it.each([
    [["User.Read.All"], "/v1.0/users?$top=5&$select=displayName"],
    [["Mail.Read", "Sites.Read.All"], "/v1.0/sites/root?$select=displayName"],
    [["Files.Read.All"], "/v1.0/sites/root/drive?$select=name"],
    [["Mail.Read", "Calendars.Read"], undefined],
    [[], undefined],
  ])("of %j is %s", (permissions, path) => {
    expect(defaultGraphRequest(permissions)?.path).toBe(path);
  });
});
