import { describe, expect, it } from "vitest";
import { OperatorError } from "../../../core/errors";
import { commandClock } from "../../../scripts/shared/processWorld";
import {
  describeFailure,
  execute,
  exitCodeOf,
  refuseDebugOutput,
  UsageError,
  type Command,
  type Flags,
} from "../../../scripts/shared/command";
import { testWorld } from "../../support/testWorld";

async function run(commandArguments: readonly string[], body: (flags: Flags) => void = () => undefined) {
  const command: Command = {
    name: "try",
    summary: "Tries.",
    flags: {
      file: { type: "string", value: "FILE", help: "a file" },
      app: { type: "string", multiple: true, value: "NAME", help: "an app" },
      wait: { type: "string", value: "SECONDS", help: "how long" },
      now: { type: "boolean", help: "at once" },
    },
    notes: ["A note."],
    run: (flags) => {
      body(flags);
      return Promise.resolve(0);
    },
  };
  const world = testWorld();
  const exitCode = await execute(command, commandArguments, world);
  return { exitCode, printed: world.printed };
}

describe("execute", () => {
  it("hands over flags with their types", async () => {
    const seen: unknown[] = [];
    await run(["--file", "a", "--app=x", "--app", "y", "--now", "--wait", "7"], (flags) => {
      seen.push(
        flags.text("file"),
        flags.texts("app"),
        flags.on("now"),
        flags.wholeNumber("wait", { min: 0, max: 9 }),
      );
    });
    expect(seen).toEqual(["a", ["x", "y"], true, 7]);
  });

  it("knows absent flags", async () => {
    const seen: unknown[] = [];
    await run([], (flags) => {
      seen.push(
        flags.text("file"),
        flags.texts("app"),
        flags.on("now"),
        flags.wholeNumber("wait", { min: 0, max: 9 }),
      );
    });
    expect(seen).toEqual([undefined, [], false, undefined]);
  });

  it.each(["--help", "-h"])("explains itself on %s, without running", async (flag) => {
    const { exitCode, printed } = await run([flag], () => {
      throw new Error("ran");
    });
    expect(exitCode).toBe(0);
    expect(printed).toEqual([
      [
        "Tries.",
        "",
        "Usage: npm run try -- [flags]",
        "",
        "  --file FILE     a file",
        "  --app NAME      an app",
        "  --wait SECONDS  how long",
        "  --now           at once",
        "  --help          prints this help",
        "",
        "A note.",
      ].join("\n"),
    ]);
  });

  it.each([
    [["--flie", "a"], /Unknown option '--flie'/],
    [["--file"], /'--file <value>' argument missing/],
    [["--now=yes"], /'--now' does not take an argument/],
    [["word"], /Unexpected argument/],
  ])("reports %j as a usage error and lists the flags", async (commandArguments, words) => {
    const failure = await run(commandArguments).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageError);
    expect((failure as Error).message).toMatch(words);
    expect((failure as Error).message).toContain("Flags of npm run try: --file, --app, --wait, --now.");
  });

  it.each(["-1", "1.5", "10", "x", ""])(
    "reports --wait %j as a usage error where 0 to 9 is allowed",
    async (value) => {
      const read = (flags: Flags): void => void flags.wholeNumber("wait", { min: 0, max: 9 });
      await expect(run([`--wait=${value}`], read)).rejects.toThrow(/give a whole number from 0 to 9/);
    },
  );
});

describe("describeFailure", () => {
  it("gives an operator the message and its page, and a developer the stack", () => {
    expect(describeFailure(new OperatorError("NO_APPS", "Do this."))).toBe(
      "Do this.\nMore: docs/errors.md#no_apps",
    );
    expect(describeFailure(new UsageError("Do this."))).toBe("Do this.");
    expect(describeFailure(new TypeError("bug"))).toMatch(/^TypeError: bug\n\s+at /);
  });

  it("exits with 2 for a usage error and with 1 for other failures", () => {
    expect([new UsageError("m"), new OperatorError("NO_APPS", "m"), new Error("m")].map(exitCodeOf)).toEqual([
      2, 1, 1,
    ]);
  });
});

describe("commandClock", () => {
  it("is the machine's, silently, unless COPILOT_TOKEN_CLOCK sets it", () => {
    const told: string[] = [];
    const before = Date.now();
    const now = commandClock({}, (line) => told.push(line))().getTime();
    expect([now >= before, now <= Date.now(), told]).toEqual([true, true, []]);
  });

  it("starts at the time in COPILOT_TOKEN_CLOCK, and says so", () => {
    const told: string[] = [];
    const now = commandClock({ COPILOT_TOKEN_CLOCK: "2027-01-31T12:00:00+01:00" }, (line) =>
      told.push(line),
    )();
    expect(now.toISOString()).toMatch(/^2027-01-31T11:00:0/);
    expect(told).toEqual([
      "*** EMULATED TIME: COPILOT_TOKEN_CLOCK sets the clock to 2027-01-31T11:00:00.000Z ***",
    ]);
  });

  it.each([
    "soon",
    "2027-01-31",
    "2027-01-31T12:00:00",
    "2027-02-30T12:00:00Z",
    "2027-01-31T24:00:00Z",
    "2027-01-31T12:00:00+25:00",
  ])("refuses %s, which is no instant", (text) => {
    expect(() => commandClock({ COPILOT_TOKEN_CLOCK: text }, () => undefined)).toThrow(
      /not an ISO 8601 time/,
    );
  });
});

describe("Node's debug output", () => {
  it.each(["http", "HTTP2", "net,timer", "tls", "*", "https, module", "undici"])(
    "is refused where it shows secrets: %s",
    (sections) => {
      expect(() => {
        refuseDebugOutput(sections);
      }).toThrow(/makes Node print tokens and client secrets; nothing was done\. Unset NODE_DEBUG\./);
    },
  );

  it.each([undefined, "", "module", "timer,worker"])("may be had where it shows none: %s", (sections) => {
    expect(() => {
      refuseDebugOutput(sections);
    }).not.toThrow();
  });
});
