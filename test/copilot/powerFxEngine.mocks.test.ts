import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { artefactNames } from "../../copilot/names";
import { requestPaths } from "../../copilot/requestParts";
import { requestTable } from "../../copilot/requests/requestTable";
import { defaultCopilotSettings } from "../../copilot/settings";
import type * as powerFx from "../../emulator/powerPlatform/powerFx";
import type { Value } from "../../emulator/powerPlatform/value";
import { copilotTrial } from "../../scripts/copilot/trial/copilotTrial";

/**
 * Folder of the Python packages `powerfx` (Microsoft's engine) and `dotnetcore2` (its runtime), made by
 * `pip install --target <folder> powerfx==0.0.34 dotnetcore2==3.1.23`.
 */
const packages = process.env["POWERFX_PACKAGES"] ?? "";
const isThere = packages !== "" && existsSync(packages);

/** A formula that the emulated Copilot Studio worked out, with the variables that it read. */
interface Evaluation {
  readonly formula: string;
  readonly symbols: Readonly<Record<string, Record<string, Value>>>;
  readonly value: Value;
}

const evaluations = vi.hoisted((): Evaluation[] => []);

vi.mock("../../emulator/powerPlatform/powerFx", async (importOriginal) => {
  const original = await importOriginal<typeof powerFx>();
  const evaluatePowerFx: typeof original.evaluatePowerFx = (formula, lookup) => {
    const symbols: Record<string, Record<string, Value>> = {};
    const value = original.evaluatePowerFx(formula, (scope, name) => {
      const found = lookup(scope, name);
      (symbols[scope] ??= {})[name] = found;
      return found;
    });
    evaluations.push({ formula, symbols, value });
    return value;
  };
  return { ...original, evaluatePowerFx };
});

/** Microsoft's engine types a variable by its value: a blank one and an empty table have no properties to name. */
function isUntyped({ formula, symbols }: Evaluation): boolean {
  if (JSON.stringify(symbols).includes("[]")) return true;
  return Object.entries(symbols).some(([scope, variables]) =>
    Object.entries(variables).some(
      ([name, value]) => value === null && formula.includes(`${scope}.${name}.`),
    ),
  );
}

const skipped = isThere ? "" : " (skipped: POWERFX_PACKAGES names no folder)";

describe.runIf(isThere)(`Microsoft's Power Fx engine${skipped}`, () => {
  it("works every formula of the direct topics out as the emulated Copilot Studio does", async () => {
    const settings = {
      ...defaultCopilotSettings,
      requests: ["find-person", "read-calendar", "list-site-files", "send-mail"],
      mailbox: "support@contoso.com",
    };
    const trial = await copilotTrial(settings, {
      permissions: ["User.Read.All", "Calendars.Read", "Sites.Read.All", "Mail.Send"],
    });
    const values = [
      "Adele",
      "O'Brien",
      "../a",
      "a/b\\c",
      "%2f",
      "?&#$=+ é😀",
      'a\r\nb\t"\\',
      "",
      "x".repeat(300),
    ];
    for (const request of requestTable.filter(({ key }) => settings.requests.includes(key))) {
      const { phrase } = artefactNames(trial.app, settings).ofRequest(request.title).topic;
      for (const value of values) {
        const answers = [...request.parameters.map(() => value), "yes"];
        await trial.say(phrase, requestPaths(request).directTopic, answers);
      }
    }
    await trial.publishSecret("not-the-secret");
    await trial.say("Generate Access Token", "topics/get-azure-access-token.direct.yaml");

    const byText = new Map(evaluations.map((evaluation) => [JSON.stringify(evaluation), evaluation]));
    const tasks = [...byText.values()].filter((evaluation) => !isUntyped(evaluation));
    expect(tasks.length).toBeGreaterThan(50);
    const output = execFileSync("python3", ["test/copilot/support/powerFxEngine.py"], {
      input: tasks.map(({ formula, symbols }) => `${JSON.stringify({ formula, symbols })}\n`).join(""),
      env: { ...process.env, PYTHONPATH: packages },
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    const answers = output.split("\n").filter((line) => line.startsWith("="));
    const different = tasks.flatMap(({ formula, value }, index) => {
      const answer = JSON.parse(answers[index]?.slice(1) ?? "{}") as { value?: Value; error?: string };
      return isDeepStrictEqual(answer.value, value) ? [] : [{ formula, value, ...answer }];
    });
    expect(different).toEqual([]);
  });
});
