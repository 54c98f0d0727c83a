import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { faultsError, type FaultsError } from "../../core/errors";
import { commandFix, onStack, ownCommand, personFix, upCommand } from "../../core/fix";
import {
  argumentsError,
  reportedInOtherProgram,
  saidInOtherProgram,
  settingNames,
} from "../../core/otherProgram";
import { settingExamples, settingKeys } from "../../core/settings/settings";
import { configKey, faultAt, removeCommand, setCommand } from "../../core/settings/settingsFaults";
import { commandTexts } from "../fixes/commandTexts";

describe("a text in a program of another project", () => {
  it("is told from others by the settings that there are", () => {
    expect([...settingNames].sort()).toEqual([...settingKeys].sort());
  });

  it.each([
    [ownCommand("rotate", "prod", "--now"), "npx copilot-token rotate --stack prod --now"],
    [ownCommand("doctor", undefined), "npx copilot-token doctor"],
    ["Usage: npm run <command> -- [flags]", "Usage: npx copilot-token <command> [flags]"],
    [
      'npm run tenant -- --exec "npm run rotate".',
      'npx copilot-token tenant --exec "npx copilot-token rotate".',
    ],
    ["npm run rotate removes it", "npx copilot-token rotate removes it"],
    ["npm run build", "npm run build"],
    ["More: docs/errors.md#app_name_taken", "More: node_modules/copilot-token/docs/errors.md#app_name_taken"],
    [
      "Either ask for it in copilot-token:apps, or remove it.",
      "Either ask for it in the program, or remove it.",
    ],
    [`${configKey(["apps", "Mail-2", "readers"])}, then`, "readers of Mail-2, then"],
    [`${configKey(["apps", "My.App", "permissions", 0])}: "x"`, 'permissions[0] of My.App: "x"'],
    [configKey(["rotation", "everyDays"]), "rotation.everyDays"],
    [
      "add this one to copilot-token:vault.allowedIpRanges and run pulumi up.",
      "add this one to the vault's firewall and run pulumi up.",
    ],
    ["the tag copilot-token:id:57ac1d00", "the tag copilot-token:id:57ac1d00"],
    [
      onStack(setCommand(["apps", "Mail", "displayName"], "Mail (prod)"), "prod"),
      "set displayName of Mail to Mail (prod)",
    ],
    [`Or: ${removeCommand(["apps", "Mail", "adopt"])}`, "Or: take adopt of Mail out"],
    [
      `${setCommand(["owners", 0], "a")} && ${upCommand("prod")}`,
      "set owners[0] to a, then pulumi up --stack prod",
    ],
    [
      "pulumi config set azure-native:location westeurope",
      "pulumi config set azure-native:location westeurope",
    ],
  ])("%s", (text, said) => {
    expect(saidInOtherProgram(text)).toBe(said);
    expect(saidInOtherProgram(said)).toBe(said);
  });

  it("names no script of npm, wherever the product names a command", () => {
    const texts = commandTexts().map(({ text }) => text.replaceAll("…", "verify"));
    expect(texts.filter((text) => text.startsWith("npm run ")).length).toBeGreaterThan(30);
    expect(texts.filter((text) => /npm run (?!\()/.test(saidInOtherProgram(text)))).toEqual([]);
  });

  it("names no key of the settings, wherever the product writes one", () => {
    const files = execFileSync("git", ["ls-files", "core", "azure", "infra", "copilot", "scripts"], {
      encoding: "utf8",
    });
    const keys = new RegExp(`copilot-token:(?:${settingKeys.join("|")})\\b.{0,40}`, "g");
    const written = files
      .split("\n")
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) => readFileSync(file, "utf8").match(keys) ?? []);
    expect(written.length).toBeGreaterThan(20);
    expect(written.map(saidInOtherProgram).filter((text) => text.includes("copilot-token:"))).toEqual([]);
  });

  it.each(Object.entries(settingExamples))("changes %s as an argument", (key, example) => {
    const path = key
      .replaceAll("[]", ".0")
      .split(".")
      .map((part) => (part === "*" ? "Mail" : /^\d+$/.test(part) ? Number(part) : part));
    for (const command of [setCommand(path, example), removeCommand(path)]) {
      expect(saidInOtherProgram(onStack(command, "prod"))).toMatch(/^(?:set .* to .+|take .* out)$/);
      expect(saidInOtherProgram(onStack(command, "prod"))).not.toMatch(/pulumi |copilot-token:|--stack/);
    }
  });
});

describe("a report in a program of another project", () => {
  it("has a fix for a person where the commands would change settings, and commands as they are typed elsewhere", () => {
    const change = commandFix(
      "policy.lifetime",
      "Shorten the lifetime.",
      setCommand(["rotation", "everyDays"], "30"),
      setCommand(["rotation", "keepDays"], "30"),
    );
    const rotate = commandFix("expiry.rotate", "", ownCommand("rotate", "prod"));
    expect(reportedInOtherProgram({ ok: false, count: 1, checks: [{ fixes: [change, rotate] }] })).toEqual({
      ok: false,
      count: 1,
      checks: [
        {
          fixes: [
            {
              id: "policy.lifetime",
              kind: "person",
              text: "Shorten the lifetime: set rotation.everyDays to 30, then set rotation.keepDays to 30.",
              commands: [],
            },
            { ...rotate, commands: ["npx copilot-token rotate --stack prod"] },
          ],
        },
      ],
    });
    const person = personFix("readers.add", `Add it to ${configKey(["vault", "readers"])}.`);
    expect(reportedInOtherProgram(person).text).toBe("Add it to vault.readers.");
  });
});

describe("an error about a component's arguments", () => {
  it("names each argument, and what to change of it", () => {
    const path = ["apps", "Mail", "permissions", 0];
    const fault = faultAt(
      path,
      { apps: { Mail: { permissions: ["User.Read.Al"] } } },
      "Microsoft Graph has no such permission.",
      setCommand(path, "User.Read.All"),
    );
    const error = argumentsError(faultsError([fault]), "Mail") as FaultsError;
    expect(error.message).toBe(
      [
        "Arguments of Mail cannot work. Nothing of it was changed.",
        '  permissions[0]: "User.Read.Al"',
        "    Microsoft Graph has no such permission.",
        "    Set permissions[0] to User.Read.All.",
      ].join("\n"),
    );
  });
});
