import { describe, expect, it } from "vitest";
import {
  vaultNameFault,
  vaultNamePrefix,
  vaultSecretKey,
  vaultSecretName,
  vaultSuffixLength,
} from "../../../core/vault/vaultName";

describe("vaultNameFault", () => {
  it.each(["abc", "A-1", "kv-mail-prod", "k".repeat(24), "copilot-token-prod"])("takes %s", (name) => {
    expect(vaultNameFault(name)).toBeUndefined();
  });

  it.each([
    ["", "A vault name has 3 to 24 characters; this one has 0."],
    ["kv", "A vault name has 3 to 24 characters; this one has 2."],
    ["k".repeat(25), "A vault name has 3 to 24 characters; this one has 25."],
    ["kv_mail", "A vault name has letters, digits and hyphens only."],
    ["kv mail", "A vault name has letters, digits and hyphens only."],
    ["kv.mail", "A vault name has letters, digits and hyphens only."],
    ["tresör", "A vault name has letters, digits and hyphens only."],
    ["kv-mail\n", "A vault name has letters, digits and hyphens only."],
    ["1kv", "A vault name begins with a letter."],
    ["-kv", "A vault name begins with a letter."],
    ["kv-", "A vault name ends with a letter or digit."],
    ["kv--mail", "A vault name has no two hyphens in a row."],
  ])("says why Key Vault refuses %j", (name, fault) => {
    expect(vaultNameFault(name)).toBe(fault);
  });
});

describe("vaultNamePrefix", () => {
  it.each([
    ["dev", "copilot-dev-"],
    ["Production", "copilot-product-"],
    ["acme.prod_eu", "copilot-acme-pr-"],
    ["a......b", "copilot-a-b-"],
    ["europe-north", "copilot-europe-"],
    ["--7--", "copilot-7-"],
    ["", "copilot-"],
    ["___", "copilot-"],
    ["ünïcödé", "copilot-n-c-d-"],
  ])("makes a prefix of the stack's name %j", (stack, prefix) => {
    expect(vaultNamePrefix(stack)).toBe(prefix);
  });

  it.each([
    "",
    "dev",
    "Production",
    "a-b-c-d-e-f-g-h-i-j",
    "-".repeat(30),
    "x".repeat(100),
    "1.2.3.4.5.6.7.8.9",
  ])("gives the stack %j a name that Key Vault takes, whatever the random suffix", (stack) => {
    for (const letter of ["a", "0"]) {
      const name = vaultNamePrefix(stack) + letter.repeat(vaultSuffixLength);
      expect([name, vaultNameFault(name)]).toEqual([name, undefined]);
    }
  });
});

describe("vaultSecretName", () => {
  it.each([
    ["CopilotAPIAuth", "CopilotAPIAuth"],
    ["Mail.Sender_2-b", "Mail-Sender-2-b"],
  ])("makes of %s the name %s", (app, name) => {
    expect(vaultSecretName(app)).toBe(name);
  });

  it.each([
    ["Mail", "mail", true],
    ["Mail.Sender", "mail_SENDER", true],
    ["Mail-1", "Mail.1", true],
    ["Mail1", "Mail-1", false],
  ])("makes %s and %s meet in one key: %s", (first, second, equal) => {
    expect(vaultSecretKey(first) === vaultSecretKey(second)).toBe(equal);
  });
});
