import { describe, expect, it } from "vitest";
import { exitCodeOf } from "../../../../scripts/shared/command";
import { pulumiRefusal } from "../../../../scripts/shared/engines/pulumiFailure";

const now = new Date("2026-11-22T20:03:00Z");
const refusal = (text: string) => pulumiRefusal(`code: 255\n stdout: \n stderr: ${text}\n`, "prod", now);

// Each text is what CLI 3.260 wrote when it was tried.
describe("pulumiRefusal", () => {
  it("names who holds the lock, and for how long", () => {
    const text =
      "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n" +
      "  file:///state/.pulumi/locks/organization/copilot-token/prod/zz.json?no_tmp_dir=true: created by ann@ci-7 (pid 4242) at 2026-11-22T20:00:00Z";
    // The CLI's words come twice, as output and as error.
    expect(refusal(`${text}\n err?: ${text}`)).toMatchObject({
      code: "STACK_LOCKED",
      message:
        "Stack prod is locked by ann@ci-7 (pid 4242), 3 minutes old. Wait for it to end. If that run is over, lift the lock: npm run rotate -- --stack prod --unlock",
    });
  });

  it("takes a user's name with blanks and a domain", () => {
    const text =
      "the stack is currently locked by 1 lock(s).\n  s3://x: created by CORP\\Ann B@pc (pid 7) at 2026-11-22T20:02:59Z";
    expect(refusal(text)?.message).toContain("locked by CORP\\Ann B@pc (pid 7), 1 second old.");
  });

  it.each([
    ["STACK_LOCKED", "error: [409] Conflict: Another update is currently in progress."],
    ["STACK_MISSING", "error: no stack named 'prod' found"],
    [
      "PULUMI_LANGUAGE_HOST",
      "error: failed to load language plugin nodejs: no language plugin 'pulumi-language-nodejs' found in the workspace or on your $PATH",
    ],
    [
      "STATE_PASSPHRASE",
      "error: getting stack configuration: get stack secrets manager: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
    ],
    [
      "STATE_PASSPHRASE",
      "error: getting stack configuration: get stack secrets manager: incorrect passphrase",
    ],
    ["PULUMI_LOGIN", "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions"],
  ])("explains %s", (code, text) => {
    expect(refusal(text)?.code).toBe(code);
  });

  it.each([
    "error: no resource plugin 'pulumi-resource-azure-native' found in the workspace at version v3.28.0 or on your $PATH",
    "error: Could not automatically download and install resource plugin 'pulumi-resource-azure-native' at version v3.28.0, install the plugin using `pulumi plugin install resource azure-native v3.28.0`: error downloading provider azure-native to file: failed to download plugin: azure-native-3.28.0: failed all 5 attempts",
  ])("names the plugin that could not be had, and how to get it", (text) => {
    expect(refusal(text)).toMatchObject({
      code: "PULUMI_PLUGIN",
      message: expect.stringContaining("pulumi plugin install resource azure-native v3.28.0.") as string,
    });
  });

  it("reports a missing stack as a usage error: another one may have been meant", () => {
    expect(exitCodeOf(refusal("error: no stack named 'prod' found"))).toBe(2);
  });

  it("leaves alone what says enough itself", () => {
    expect(refusal("error: update failed")).toBeUndefined();
  });
});
