/**
 * API version of this project's own calls to Key Vault through Azure Resource Manager. The data plane has versions of its
 * own, which stay.
 *
 * @see https://learn.microsoft.com/azure/key-vault/general/access-control-default (read 2026-11)
 */
export const keyVaultApiVersion = "2026-02-01";

/** From this day on Azure refuses the versions before {@link keyVaultApiVersion}. Same source. */
export const olderVersionsEnd = new Date("2027-02-27T00:00:00Z");

/** From this day on CI fails with an older version: six weeks are left to move. */
const noLongerPutOff = new Date("2027-01-15T00:00:00Z");

const dayMilliseconds = 86_400_000;
/** From this many days before the end on, `doctor` warns. */
const noticeDays = 60;

/** Where an API version stands on a day. */
export interface ApiVersionAge {
  /** `aging`: in use as long as it lasts; `ending`: `doctor` warns; `urgent`: fails CI; `refused`: by Azure. */
  readonly stage: "current" | "aging" | "ending" | "urgent" | "refused";
  /** Whole days until Azure refuses older versions; not below 0. */
  readonly daysLeft: number;
}

/** @param apiVersion Such as `2024-11-01`, or with `-preview`. */
export function judgeKeyVaultApi(apiVersion: string, now: Date): ApiVersionAge {
  const daysLeft = Math.max(0, Math.floor((olderVersionsEnd.getTime() - now.getTime()) / dayMilliseconds));
  const dateOf = (version: string): string => version.slice(0, keyVaultApiVersion.length);
  if (dateOf(apiVersion) >= keyVaultApiVersion) return { stage: "current", daysLeft };
  if (now >= olderVersionsEnd) return { stage: "refused", daysLeft };
  if (now >= noLongerPutOff) return { stage: "urgent", daysLeft };
  return { stage: daysLeft <= noticeDays ? "ending" : "aging", daysLeft };
}
