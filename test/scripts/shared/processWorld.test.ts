import { describe, expect, it } from "vitest";
import { waitLog } from "../../../scripts/shared/processWorld";

describe("waitLog", () => {
  it("tells once of each thing that is waited for, and of nothing else", () => {
    const lines: string[] = [];
    const log = waitLog((line) => lines.push(line));
    const role = "Waiting: Key Vault: the caller's role has not reached the vault";
    log("Deploy: CopilotAPIAuth");
    log(`${role}; again in 1 s, for 900 s at most`);
    log(undefined);
    log(`${role}; again in 2 s, for 899 s at most`);
    log("Waiting: Microsoft Graph: it is busy (429); again in 5 s, for 890 s at most");
    expect(lines).toEqual([
      `${role}; again in 1 s, for 900 s at most`,
      "Waiting: Microsoft Graph: it is busy (429); again in 5 s, for 890 s at most",
    ]);
  });
});
