import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { rehearsalFolder, type SignIn } from "../../../emulator/environment";
import { judgeSettings } from "../../../infra/core/settings";
import { readStackOutputs, type StackOutputs } from "../../../infra/core/stackOutputs";
import type { Command } from "../command";
import { readEngineChoice } from "../engines/chooseEngine";
import { checkpointFile } from "../engines/inlineEngine";
import { startDeployer, type Deployer } from "../rehearsal/deployer";
import { deployerSignIn } from "../rehearsal/deployerSignIn";
import { localReport, type LocalReport } from "../rehearsal/localReport";
import { startRehearsal, type Rehearsal } from "../rehearsal/rehearsal";
import { serveShell } from "../rehearsal/serveShell";
import { runCommandFile } from "../rehearsal/runCommandFile";
import { surroundingsFor, verifyStack, type RunVerify } from "../rehearsal/verifyStack";
import { parseJson } from "../../../azure/serviceRefusal";
import { inlineOutputsFile } from "../stackOutputs";
import { readStackFile } from "../stackFile";
import { steps, type StepResult } from "../steps";
import type { World } from "../world";

/** `npm run local`. */
export const localCommand: Command = {
  name: "local",
  summary:
    "Deploys a stack into an Azure emulated on this machine, proves it, rotates it and proves it again.",
  flags: {
    stack: { type: "string", value: "NAME", help: "whose settings to use: Pulumi.NAME.yaml (dev)" },
    engine: { type: "string", value: "ENGINE", help: "auto, pulumi (the CLI) or inline (Node alone); auto" },
    json: { type: "boolean", help: "prints the result as JSON" },
    keep: { type: "boolean", help: "keeps the emulated Azure serving until Ctrl-C" },
  },
  notes: [
    "Needs no Azure, no Pulumi CLI and no network. With a Pulumi CLI, the real engine does it.",
    "Exit code: 0 proved, 1 not proved, 2 misused.",
  ],
  run: async (flags, world) => {
    const choice = readEngineChoice(flags.text("engine"));
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
        startAt: world.now(),
        ...(callerAddress === undefined ? {} : { faults: { callerAddress } }),
      });
      const { defaultDomain } = rehearsal.tenant.state;
      return { ok: true, value: rehearsal, detail: `tenant ${defaultDomain}, behind ${rehearsal.proxyUrl}` };
    });
    const rehearsal = started.value;
    const outputsFile = join(world.directory, rehearsalFolder, `local-${process.pid}.json`);
    const stateFile = flags.on("keep") ? newStateFile(world, stack) : undefined;
    let deployer: Deployer | undefined;
    try {
      const signIn = await deployerSignIn(rehearsal, config["copilot-token:granter"]);
      const options = {
        rehearsal,
        signIn,
        project,
        stack,
        config: withVerifier(config, rehearsal),
        ...(stateFile === undefined ? {} : { stateFile }),
      };
      const engine = await show.run("Engine", async () => {
        deployer = await startDeployer(choice, world, options);
        return { ok: true, value: deployer, detail: deployer.description };
      });
      const run: Run = { world, rehearsal, signIn, deployer: engine.value, outputsFile, stack };
      const deployed = await show.run("Deploy", (doing) => deployOnce(run, doing));
      const runVerify: RunVerify = (commandArguments, environment) =>
        runCommandFile("verify", commandArguments, { directory: world.directory, environment });
      const verifyNow = (outputs: StackOutputs) => () =>
        verifyStack(runVerify, rehearsal, outputs, outputsFile);
      const verified =
        deployed.value === undefined ? undefined : await show.run("Verify", verifyNow(deployed.value));
      const rotated =
        verified?.ok === true
          ? await show.run("Rotate", (doing) => deployOnce(run, doing, "all"))
          : undefined;
      const verifiedAgain =
        rotated?.value === undefined ? undefined : await show.run("Verify again", verifyNow(rotated.value));

      const report: LocalReport = {
        proved: verifiedAgain?.ok === true,
        steps: show.records,
        outputs: rotated?.value ?? deployed.value,
        verification: verifiedAgain?.value ?? verified?.value,
        refusedHosts: [...rehearsal.refusedHosts],
      };
      world.print(quiet ? JSON.stringify(report, undefined, 2) : localReport(report, stack));
      if (flags.on("keep")) await keepServing(run, report.outputs);
      return report.proved ? 0 : settingsAreFaulty(project, config) ? 2 : 1;
    } finally {
      await deployer?.close();
      await rm(outputsFile, { force: true });
      if (stateFile !== undefined) {
        // Their tenant is gone, so state and outputs would only mislead.
        await rm(stateFile, { force: true });
        await rm(join(world.directory, inlineOutputsFile), { force: true });
      }
      await rehearsal.close();
    }
  },
};

interface Run {
  readonly world: World;
  readonly rehearsal: Rehearsal;
  readonly signIn: SignIn;
  readonly deployer: Deployer;
  readonly outputsFile: string;
  readonly stack: string;
}

async function deployOnce(
  { deployer, outputsFile }: Run,
  doing: (what: string) => void,
  rotate?: string,
): Promise<StepResult<StackOutputs | undefined>> {
  const { ok, outputs, detail } = await deployer.deploy(rotate, doing);
  if (!ok) return { ok, value: undefined, detail };
  await writeFile(outputsFile, JSON.stringify(outputs));
  return { ok, value: readStackOutputs(outputs), detail };
}

/** Where `npm run rotate` looks for the stack; undefined when another one is kept there already. */
function newStateFile(world: World, stack: string): string | undefined {
  const file = checkpointFile(world.directory, stack);
  return existsSync(file) ? undefined : file;
}

/** What the program refuses before it asks Azure anything: misuse, and none of the program's failures. */
function settingsAreFaulty(project: string, config: Readonly<Record<string, string>>): boolean {
  const given = Object.entries(config).flatMap(([key, text]) =>
    key.startsWith(`${project}:`) ? [[key.slice(project.length + 1), parseJson(text) ?? text] as const] : [],
  );
  return judgeSettings(Object.fromEntries(given)).faults.length > 0;
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

async function keepServing(
  { world, rehearsal, signIn, outputsFile, stack }: Run,
  outputs: StackOutputs | undefined,
): Promise<void> {
  const environment = rehearsal.environmentOf(
    signIn,
    ...(outputs === undefined ? [] : await surroundingsFor(outputs, rehearsal)),
  );
  await serveShell(world, "local", environment, ({ bashFile, powerShellFile }) => {
    world.tell(
      [
        `\nThe emulated Azure keeps serving behind ${rehearsal.proxyUrl}. In another shell in this folder:`,
        `  . ${bashFile}   (PowerShell: . ./${powerShellFile})`,
        `  npm run verify -- --outputs ${relative(world.directory, outputsFile)}`,
        ...(existsSync(checkpointFile(world.directory, stack))
          ? [`  npm run rotate -- --stack ${stack} --now`]
          : []),
        "Ctrl-C ends it.",
      ].join("\n"),
    );
  });
}
