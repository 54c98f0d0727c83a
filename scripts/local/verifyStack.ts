import type { SignIn } from "../../emulator/server/environment";
import { workflowJobOf } from "../../emulator/github/githubJob";
import type { AppOutputs, StackOutputs } from "../../core/outputs/stackOutputs";
import { githubIssuer } from "../../core/access/trust";
import type { StepResult } from "../shared/steps";
import { counted } from "../verify/checks/explain";
import { countStatuses, type VerifyReport } from "../verify/report";
import type { EmulatedTenant } from "../../emulator/startTenant";
import type { CommandResult } from "./runCommandFile";

/** Runs `npm run verify` as a separate process, with only its arguments and its environment. */
export type RunVerify = (
  commandArguments: readonly string[],
  environment: Record<string, string>,
) => Promise<CommandResult>;

/**
 * Verifies the stack of a local run as the tenant's verifier, wherever its apps can sign in: with managed identities, and in
 * the workflow that an app trusts. A process can be one workflow only, so apps that trust different ones are verified in turn.
 *
 * @param outputsFile The outputs as a file; the verifier gets nothing else.
 */
export async function verifyStack(
  run: RunVerify,
  emulated: EmulatedTenant,
  outputs: StackOutputs,
  outputsFile: string,
): Promise<StepResult<VerifyReport | undefined>> {
  const reports: VerifyReport[] = [];
  for (const [subject, apps] of appsByWorkflow(outputs)) {
    const { exitCode, stdout, stderr } = await run(
      ["--outputs", outputsFile, "--json", ...apps.flatMap((app) => ["--app", app])],
      emulated.environmentOf(emulated.tenant.identities.verifier, ...(await surroundings(subject, emulated))),
    );
    if (exitCode > 1 || stdout === "") return { ok: false, value: undefined, detail: stderr.trim() };
    reports.push(JSON.parse(stdout) as VerifyReport);
  }
  const report = together(reports);
  if (report === undefined) return { ok: false, value: undefined, detail: "the stack has no apps" };
  const failed = report.checks.filter(({ status }) => status === "fail");
  const detail =
    failed.length > 0
      ? failed.map(({ id, summary }) => `${id}: ${summary}`).join("\n")
      : `${counted(report.counts.pass, "check")} passed${hasGraphCall(report) ? ", including a Microsoft Graph call" : ""}`;
  return { ok: report.verified, value: report, detail };
}

/** Not for an app that acts as its users, without whom it has nothing to ask. */
function hasGraphCall({ checks }: VerifyReport): boolean {
  return checks.some(({ id, status }) => id === "graph-call" && status === "pass");
}

/** An environment in which as many apps of a stack as possible can be verified at once. */
export function surroundingsFor(outputs: StackOutputs, emulated: EmulatedTenant): Promise<SignIn[]> {
  const subject = [...appsByWorkflow(outputs).keys()].find((key) => key !== undefined);
  return surroundings(subject, emulated);
}

/** App names by the subject of the workflow that can verify them; undefined: any environment can. */
function appsByWorkflow({ apps }: StackOutputs): Map<string | undefined, string[]> {
  const groups = new Map<string | undefined, string[]>();
  for (const [name, app] of Object.entries(apps)) {
    const subject = neededWorkflow(app);
    groups.set(subject, [...(groups.get(subject) ?? []), name]);
  }
  return groups;
}

function neededWorkflow({ signIn, federated }: AppOutputs): string | undefined {
  const trustsIdentity = federated.some(({ identityClientId }) => identityClientId !== undefined);
  if (signIn !== "federated" || trustsIdentity) return undefined;
  return federated.find(({ issuer }) => issuer === githubIssuer)?.subject;
}

/** What lets a process sign in as apps without a secret: managed identities, and a workflow. */
async function surroundings(subject: string | undefined, emulated: EmulatedTenant): Promise<SignIn[]> {
  const job = subject === undefined ? undefined : workflowJobOf(subject);
  return [emulated.workload(), ...(job === undefined ? [] : [await emulated.workflow(job)])];
}

/** Merges several reports; the checks that the apps share are the same in each. */
function together([first, ...others]: readonly VerifyReport[]): VerifyReport | undefined {
  if (first === undefined) return undefined;
  const checks = [
    ...first.checks,
    ...others.flatMap((report) => report.checks.filter(({ app }) => app !== null)),
  ];
  return {
    ...first,
    verified: [first, ...others].every(({ verified }) => verified),
    durationSeconds: [first, ...others].reduce((sum, { durationSeconds }) => sum + durationSeconds, 0),
    apps: [first, ...others].flatMap(({ apps }) => apps),
    checks,
    counts: countStatuses(checks),
  };
}
