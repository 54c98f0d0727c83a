import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { OperatorError } from "../../core/errors";
import { MisuseError, type Command } from "../shared/command";
import { annotations, writeStepSummary } from "./githubActions";
import { reportHtml } from "./reportHtml";
import { reportJson } from "./reportJson";
import { reportJunit } from "./reportJunit";
import { reportText } from "./reportText";
import { verify } from "./verify";

/** `npm run verify`. */
export const verifyCommand: Command = {
  name: "verify",
  summary:
    "Proves that each app's client secret, from the vault, gets a Graph token with exactly the permissions asked for.",
  flags: {
    outputs: { type: "string", value: "FILE", help: "the stack's outputs as JSON; - for standard input" },
    stack: { type: "string", value: "NAME", help: "the stack that the Pulumi CLI is asked for" },
    app: { type: "string", multiple: true, value: "NAME", help: "this app only; may be repeated" },
    wait: {
      type: "string",
      value: "SECONDS",
      help: "limit for waiting, 0 to 900 (120; 900 for a role on its way)",
    },
    "if-trusted": {
      type: "boolean",
      help: "skips the sign-in of apps without a secret that trust nobody here, in place of failing",
    },
    strict: { type: "boolean", help: "warnings and notes fail too" },
    json: { type: "boolean", help: "prints the report as JSON" },
    junit: { type: "string", value: "FILE", help: "writes the report as JUnit XML" },
    html: { type: "string", value: "FILE", help: "writes the report as one HTML page" },
  },
  notes: [
    "Outputs come from --outputs, else from what is piped in, else from the Pulumi CLI, else from .copilot-token/outputs.json,",
    "which the inline engine writes and npm run local -- --keep has there for as long as it serves.",
    "Signs in by ARM_* variables as Pulumi does, else by the Azure CLI and its like.",
    "Exit code: 0 proved, 1 not proved, 2 misused.",
  ],
  run: async (flags, world) => {
    const file = flags.text("outputs");
    const stack = flags.text("stack");
    const waitSeconds = flags.wholeNumber("wait", { min: 0, max: 900 });
    if (file !== undefined && stack !== undefined) {
      throw new MisuseError("--outputs and --stack name two sources; give one of them.");
    }
    const report = await verify(world, {
      apps: flags.texts("app"),
      ifTrusted: flags.on("if-trusted"),
      strict: flags.on("strict"),
      ...(file === undefined ? {} : { file }),
      ...(stack === undefined ? {} : { stack }),
      ...(waitSeconds === undefined ? {} : { waitSeconds }),
    });
    world.print(flags.on("json") ? reportJson(report) : reportText(report, world.colours));

    const write = async (flag: string, content: string): Promise<void> => {
      const path = flags.text(flag);
      if (path === undefined) return;
      try {
        await writeFile(resolve(world.directory, path), content);
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new OperatorError("REPORT_UNWRITABLE", `--${flag} ${path} cannot be written: ${reason}.`, {
          cause,
        });
      }
    };
    await write("junit", reportJunit(report));
    await write("html", reportHtml(report));
    if (world.env["GITHUB_ACTIONS"] === "true") {
      // Annotations are commands on standard output, which --json keeps for the report alone.
      for (const line of annotations(report)) (flags.on("json") ? world.tell : world.print)(line);
      await writeStepSummary(report, world.env["GITHUB_STEP_SUMMARY"]);
    }
    return report.proved ? 0 : 1;
  },
};
