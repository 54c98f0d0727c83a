import { describe, expect, it } from "vitest";
import { judgeKeyVaultApi } from "../../../core/vault/keyVaultApi";

describe("judgeKeyVaultApi", () => {
  it.each([
    ["2024-11-01", "2026-11-25T00:00:00Z", "aging", 94],
    ["2024-11-01", "2026-12-28T23:59:59Z", "ending", 60],
    ["2024-11-01", "2026-12-27T00:00:00Z", "aging", 62],
    ["2024-11-01", "2027-01-14T23:59:59Z", "ending", 43],
    ["2024-11-01", "2027-01-15T00:00:00Z", "urgent", 43],
    ["2025-05-01", "2027-02-26T23:59:59Z", "urgent", 0],
    ["2024-12-01-preview", "2027-02-27T00:00:00Z", "refused", 0],
    ["2026-02-01", "2027-02-27T00:00:00Z", "current", 0],
    ["2026-03-01-preview", "2028-01-01T00:00:00Z", "current", 0],
  ] as const)("puts %s on %s at %s, %i days before the end", (apiVersion, now, stage, daysLeft) => {
    expect(judgeKeyVaultApi(apiVersion, new Date(now))).toEqual({ stage, daysLeft });
  });
});
