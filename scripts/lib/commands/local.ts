import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readStackOutputs, type StackOutputs } from "../../../infra/core/stackOutputs";
import { deploy, type DeployResult } from "../../../emulator/engine/inline";
import { openStackState, type StackState } from "../../../emulator/engine/stackState";
import type { Command } from "../command";
import { localReport, type LocalReport } from "../rehearsal/localReport";
import { startRehearsal, type Rehearsal } from "../rehearsal/rehearsal";
import { untilStopped } from "../rehearsal/untilStopped";
import { runCommandFile } from "../rehearsal/runCommandFile";
import { parseJson } from "../serviceRefusal";
import { readStackFile } from "../stackFile";
import { steps, type StepResult } from "../steps";
import type { VerifyReport } from "../verify/report";
import type { World } from "../world";

/** `npm run local`. */
export const localCommand: Command = {
  name: "local",
  summary:
    "Deploys a stack into an Azure emulated on this machine, proves it, rotates it and proves it again.",
  flags: {
    stack: { type: "string", value: "NAME", help: "whose settings to use: Pulumi.NAME.yaml (dev)" },
    json: { type: "boolean", help: "prints the result as JSON" },
    keep: { type: "boolean", help: "keeps the emulated Azure serving until Ctrl-C" },
  },
  notes: ["Needs no Azure, no Pulumi CLI and no network.", "Exit code: 0 proved, 1 not proved, 2 misused."],
  run: async (flags, world) => {
    const stack = flags.text("stack") ?? "dev";
    const { project, config } = await readStackFile(world.directory, stack);
    const quiet = flags.on("json");
    if (!quiet) world.print("Azure is emulated on this machine by the project itself; nothing leaves it.\n");
    const show = steps(world, quiet);

    const started = await show.run("Emulated Azure", async () => {
      const callerAddress = firstAllowedAddress(config);
      const rehearsal = await startRehearsal({
        projectDir: world.directory,
        env: world.env,
        ...(callerAddress === undefined ? {} : { faults: { callerAddress } }),
      });
      const { defaultDomain } = rehearsal.tenant.state;
      return { ok: true, value: rehearsal, detail: `tenant ${defaultDomain}, behind ${rehearsal.proxyUrl}` };
    });
    const rehearsal = started.value;
    const outputsFile = join(world.directory, ".copilot-token", `local-${process.pid}.json`);
    try {
      const state = openStackState({ project, stack, passphrase: randomBytes(32).toString("base64url") });
      const run: Run = { world, rehearsal, state, config: withVerifier(config, rehearsal), outputsFile };
      const deployed = await show.run("Deploy", (doing) => deployOnce(run, doing));
      const verified = deployed.ok ? await show.run("Verify", () => verifyOnce(run)) : undefined;
      const rotated =
        verified?.ok === true
          ? await show.run("Rotate", (doing) => deployOnce(run, doing, { COPILOT_TOKEN_ROTATE: "all" }))
          : undefined;
      const verifiedAgain =
        rotated?.ok === true ? await show.run("Verify again", () => verifyOnce(run)) : undefined;

      const report: LocalReport = {
        proved: verifiedAgain?.ok === true,
        steps: show.records,
        outputs: rotated?.value ?? deployed.value,
        verification: verifiedAgain?.value ?? verified?.value,
        refusedHosts: [...rehearsal.refusedHosts],
      };
      world.print(quiet ? JSON.stringify(report, undefined, 2) : localReport(report, stack));
      if (flags.on("keep")) await keepServing(world, rehearsal);
      return report.proved ? 0 : 1;
    } finally {
      await rm(outputsFile, { force: true });
      await rehearsal.close();
    }
  },
};

interface Run {
  readonly world: World;
  readonly rehearsal: Rehearsal;
  readonly state: StackState;
  readonly config: Readonly<Record<string, string>>;
  readonly outputsFile: string;
}

async function deployOnce(
  { world, rehearsal, state, config, outputsFile }: Run,
  doing: (what: string) => void,
  more: Readonly<Record<string, string>> = {},
): Promise<StepResult<StackOutputs | undefined>> {
  const said: string[] = [];
  const result = await deploy({
    projectDir: world.directory,
    state,
    config,
    environment: { ...rehearsal.environmentOf(rehearsal.tenant.identities.deployer), ...more },
    outputsFile,
    onEvent: (event) => {
      if (event.kind === "step" && event.step.status === "begun") doing(event.step.name);
      if (event.kind === "output") said.push(event.text);
    },
  });
  if (!result.ok) return { ok: false, value: undefined, detail: failureText(result, said) };
  return { ok: true, value: readStackOutputs(result.outputs), detail: changesText(result) };
}

function changesText({ changes }: DeployResult): string {
  const parts = [
    [changes.create, "created"],
    [changes.import, "taken over"],
    [changes.update, "changed"],
    [changes.delete, "deleted"],
    [changes.same, "unchanged"],
  ] as const;
  const counted = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return `${counted.join(", ")} (engine: inline)`;
}

function failureText({ failures }: DeployResult, said: readonly string[]): string {
  const lines = failures.map(({ name, message }) => (name === undefined ? message : `${name}: ${message}`));
  return [...lines, ...said.map((text) => text.trimEnd())].join("\n");
}

async function verifyOnce({
  world,
  rehearsal,
  outputsFile,
}: Run): Promise<StepResult<VerifyReport | undefined>> {
  const { exitCode, stdout, stderr } = await runCommandFile("verify", ["--outputs", outputsFile, "--json"], {
    directory: world.directory,
    environment: rehearsal.environmentOf(rehearsal.tenant.identities.verifier),
  });
  if (exitCode > 1 || stdout === "") return { ok: false, value: undefined, detail: stderr.trim() };
  const report = JSON.parse(stdout) as VerifyReport;
  const failed = report.checks.filter(({ status }) => status === "fail");
  const detail =
    failed.length > 0
      ? failed.map(({ id, summary }) => `${id}: ${summary}`).join("\n")
      : `${report.counts.pass} checks passed, among them a Microsoft Graph call`;
  return { ok: exitCode === 0, value: report, detail };
}

const vaultKey = "copilot-token:vault";

/** The vault's settings as given; undefined when they are no map, which the program itself will refuse. */
function givenVault(config: Readonly<Record<string, string>>): Record<string, unknown> | undefined {
  const value = parseJson(config[vaultKey] ?? "{}");
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}

/** Where the vault has a firewall, the rehearsal comes from an address that it lets in. */
function firstAllowedAddress(config: Readonly<Record<string, string>>): string | undefined {
  const ranges = givenVault(config)?.["allowedIpRanges"];
  const first: unknown = Array.isArray(ranges) ? ranges[0] : undefined;
  return typeof first === "string" ? first.split("/")[0] : undefined;
}

/** The verifying identity joins the vault's readers, as `npm run init` puts the signed-in one there. */
function withVerifier(
  config: Readonly<Record<string, string>>,
  rehearsal: Rehearsal,
): Readonly<Record<string, string>> {
  const vault = givenVault(config);
  if (vault === undefined) return config;
  const readers: unknown[] = Array.isArray(vault["readers"]) ? vault["readers"] : [];
  const reader = { id: rehearsal.tenant.identities.verifier.objectId, type: "ServicePrincipal" };
  return { ...config, [vaultKey]: JSON.stringify({ ...vault, readers: [...readers, reader] }) };
}

async function keepServing(world: World, rehearsal: Rehearsal): Promise<void> {
  world.tell(`\nThe emulated Azure keeps serving behind ${rehearsal.proxyUrl}; Ctrl-C ends it.`);
  await untilStopped();
}
