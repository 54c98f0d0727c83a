import { resolve } from "node:path";
import { messageOf, OperatorError } from "../../core/errors";
import { UsageError, type ExitCode, type Flags } from "../shared/command";
import { writeOutputFile } from "../shared/outputFile";
import { annotations, writeStepSummary } from "./githubActions";
import type { VerifyReport } from "./report";
import { reportHtml } from "./reportHtml";
import { jsonText } from "../../core/sinks";
import { reportJunit } from "./reportJunit";
import { reportText } from "./reportText";
import { verify } from "./verify";
import type { World } from "../shared/world";

/** Carries out `npm run verify`. */
export async function runVerify(flags: Flags, world: World): Promise<ExitCode> {
  const file = flags.text("outputs");
  const stack = flags.text("stack");
  const waitSeconds = flags.wholeNumber("wait", { min: 0, max: 900 });
  if (file !== undefined && stack !== undefined) {
    throw new UsageError("--outputs and --stack name two sources; give one of them.");
  }
  const found = await verify(world, {
    apps: flags.texts("app"),
    ifTrusted: flags.on("if-trusted"),
    apiReads: flags.texts("api-read"),
    signIn: flags.on("sign-in"),
    strict: flags.on("strict"),
    ...(file === undefined ? {} : { file }),
    ...(stack === undefined ? {} : { stack }),
    ...(waitSeconds === undefined ? {} : { waitSeconds }),
  });
  const report = world.words(found);
  world.print(flags.on("json") ? jsonText(report) : reportText(report, world.colours));

  const write = async (flag: string, content: (of: VerifyReport) => string): Promise<void> => {
    const path = flags.text(flag);
    if (path === undefined) return;
    try {
      await writeOutputFile(resolve(world.directory, path), content(report));
    } catch (cause) {
      throw new OperatorError(
        "REPORT_UNWRITABLE",
        `--${flag} ${path} cannot be written: ${messageOf(cause)}.`,
        {
          cause,
        },
      );
    }
  };
  await write("junit", reportJunit);
  await write("html", reportHtml);
  if (world.env["GITHUB_ACTIONS"] === "true") {
    for (const annotation of annotations(report)) world.annotate(annotation);
    await writeStepSummary(report, world.env["GITHUB_STEP_SUMMARY"]);
  }
  return report.verified ? 0 : 1;
}
