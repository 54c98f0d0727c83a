import { chooseProgramCloud } from "../../core/cloud/chosenCloud";
import { providerSettings, readCloud } from "../shared/emulated/cloudFlag";
import { jsonText } from "../../core/sinks";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { keptReaderVariable, localFolder, type SignIn } from "../../emulator/server/environment";
import { settingsNamespace } from "../../core/settings/settingsFaults";
import { decodeSettings, judgeStackConfig } from "../../core/settings/stackConfig";
import { readStackOutputs, type StackOutputs } from "../../core/outputs/stackOutputs";
import { readEngineChoice } from "../shared/engines/chooseEngine";
import { checkpointFile } from "../shared/engines/inlineEngine";
import { startDeployer, type Deployer } from "./deployer";
import { deployerSignIn, seedSites, seedUsers } from "./seedTenant";
import { grantedInTenant, localReport, type LocalReport } from "./localReport";
import { startTenant, type EmulatedTenant } from "../../emulator/startTenant";
import { userSignIns } from "./userSignIns";
import { removeAbandonedFiles } from "../shared/emulated/abandonedFiles";
import { serveShell } from "../shared/emulated/serveShell";
import { runCommandFile } from "./runCommandFile";
import { surroundingsFor, verifyStack, type RunVerify } from "./verifyStack";
import { givenVault, withVaultReader } from "../shared/emulated/vaultReader";
import { writeOutputFile } from "../shared/outputFile";
import { inlineOutputsFile } from "../shared/stackOutputs";
import { demandReadable, openValues, readStack, readStackName } from "../shared/stackFile";
import { steps, type StepResult } from "../shared/steps";
import type { World } from "../shared/world";
import { UsageError, type ExitCode, type Flags } from "../shared/command";

/** Carries out `npm run local`. */
export async function runLocal(flags: Flags, world: World): Promise<ExitCode> {
  if (world.inOtherProgram) {
    throw new UsageError(
      "This folder is no clone of copilot-token, whose program local runs; nothing was started. To run a program of your own against an " +
        'emulated tenant, with the Pulumi CLI: npm run tenant -- --exec "pulumi up".',
    );
  }
  const choice = readEngineChoice(flags.text("engine"));
  const name = flags.text("stack") ?? "dev";
  const stack = readStackName(name).short;
  const file = await readStack(world, name);
  demandReadable(file);
  const { project } = file;
  const cloud = readCloud(flags.text("cloud"));
  const config = { ...openValues(file), ...providerSettings(cloud) };
  const { cloud: chosen } = chooseProgramCloud(config, {});
  const given = decodeSettings(config, settingsNamespace);
  const quiet = flags.on("json");
  if (!quiet) world.print("Azure is emulated on this machine. Nothing is sent to real Azure.\n");
  const show = steps(world, quiet);

  await removeAbandonedFiles(world.directory);
  const started = await show.run("Emulated tenant", async () => {
    const callerAddress = firstAllowedAddress(config);
    const emulated = await startTenant({
      projectDir: world.directory,
      env: world.env,
      startAt: world.now(),
      cloud: chosen.name,
      ...(callerAddress === undefined ? {} : { faults: { callerAddress } }),
    });
    const { defaultDomain } = emulated.tenant.state;
    const where = chosen.name === "public" ? "" : `, in ${chosen.title}`;
    return { ok: true, value: emulated, detail: `${defaultDomain}${where}, proxy ${emulated.proxyUrl}` };
  });
  const emulated = started.value;
  const stateFile = flags.on("keep") ? newStateFile(world, stack) : undefined;
  // With --keep, the outputs are where other commands look for them.
  const outputsFile = join(
    world.directory,
    stateFile === undefined ? join(localFolder, `local-${process.pid}.json`) : inlineOutputsFile,
  );
  let deployer: Deployer | undefined;
  try {
    const signIn = await deployerSignIn(emulated, given["granter"]);
    seedSites(emulated.tenant, given["apps"]);
    seedUsers(emulated.tenant, given["apps"]);
    const options = {
      emulated,
      signIn,
      project,
      stack,
      config: withVaultReader(config, emulated.tenant.identities.verifier.objectId),
      ...(stateFile === undefined ? {} : { stateFile }),
    };
    const engine = await show.run("Engine", async () => {
      deployer = await startDeployer(choice, world, options);
      return { ok: true, value: deployer, detail: deployer.description };
    });
    const run: Run = { world, emulated, signIn, deployer: engine.value, outputsFile, stack };
    const deployed = await show.run("Deploy", (doing) => deployOnce(run, doing));
    const runVerify: RunVerify = (commandArguments, environment) =>
      runCommandFile("verify", commandArguments, { directory: world.directory, environment });
    const verifyNow = async (outputs: StackOutputs, again = ""): Promise<Verified> => {
      const { ok, value } = await show.run(`Verify${again}`, () =>
        verifyStack(runVerify, emulated, outputs, outputsFile),
      );
      if (!ok || Object.values(outputs.apps).every(({ delegated }) => delegated === undefined))
        return { ok, verification: value };
      const users = await show.run(`Sign in${again}`, () => userSignIns(emulated.tenant, outputs));
      return { ok: users.ok, verification: value, userSignIns: users.value };
    };
    const verified = deployed.value === undefined ? undefined : await verifyNow(deployed.value);
    const rotated =
      verified?.ok === true ? await show.run("Rotate", (doing) => deployOnce(run, doing, "all")) : undefined;
    const verifiedAgain = rotated?.value === undefined ? undefined : await verifyNow(rotated.value, " again");

    const last = verifiedAgain ?? verified;
    const report: LocalReport = {
      verified: verifiedAgain?.ok === true,
      steps: show.records,
      outputs: rotated?.value ?? deployed.value,
      verification: last?.verification,
      userSignIns: last?.userSignIns ?? [],
      refusedHosts: [...emulated.refusedHosts],
    };
    world.print(
      quiet
        ? jsonText(report)
        : localReport(report, stack, (id) => grantedInTenant(emulated.tenant.state, id)),
    );
    if (flags.on("keep")) await keepServing(run, report.outputs);
    // What the program rejects before any request to Azure is a usage error, not a failed run.
    return report.verified ? 0 : judgeStackConfig({ ...file, values: config }).faults.length > 0 ? 2 : 1;
  } finally {
    await deployer?.close();
    // Their tenant no longer exists, so state and outputs would be misleading.
    await rm(outputsFile, { force: true });
    if (stateFile !== undefined) await rm(stateFile, { force: true });
    await emulated.close();
  }
}

/** What `verify` found, and how users signed in where apps have users. */
interface Verified extends Partial<Pick<LocalReport, "userSignIns">> {
  readonly ok: boolean;
  readonly verification: LocalReport["verification"];
}

interface Run {
  readonly world: World;
  readonly emulated: EmulatedTenant;
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
  await writeOutputFile(outputsFile, JSON.stringify(outputs));
  return { ok, value: readStackOutputs(outputs), detail };
}

/** Where `npm run rotate` looks for the stack; undefined if another stack is already there. */
function newStateFile(world: World, stack: string): string | undefined {
  const file = checkpointFile(world.directory, stack);
  return existsSync(file) ? undefined : file;
}

/** If the vault has a firewall, the run uses an address that the firewall allows. */
function firstAllowedAddress(config: Readonly<Record<string, string>>): string | undefined {
  const ranges = givenVault(config)?.["allowedIpRanges"];
  const first: unknown = Array.isArray(ranges) ? ranges[0] : undefined;
  return typeof first === "string" ? first.split("/")[0] : undefined;
}

async function keepServing(
  { world, emulated, signIn, outputsFile, stack }: Run,
  outputs: StackOutputs | undefined,
): Promise<void> {
  const environment = {
    ...emulated.environmentOf(
      signIn,
      ...(outputs === undefined ? [] : await surroundingsFor(outputs, emulated)),
    ),
    // A later run of the program must not remove the reader that this run added to the settings.
    [keptReaderVariable]: emulated.tenant.identities.verifier.objectId,
  };
  await serveShell(world, "local", environment, ({ bashFile, powerShellFile }) => {
    world.tell(
      [
        `\nThe emulated tenant is still running behind the proxy ${emulated.proxyUrl}. In another shell in this folder:`,
        `  . ${bashFile}   (PowerShell: . ./${powerShellFile})`,
        `  npm run verify -- --outputs ${relative(world.directory, outputsFile)}`,
        ...(existsSync(checkpointFile(world.directory, stack))
          ? [`  npm run rotate -- --stack ${stack} --now`]
          : []),
        "Press Ctrl-C to stop it.",
      ].join("\n"),
    );
  });
}
