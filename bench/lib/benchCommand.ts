import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findPulumiCli } from "../../scripts/shared/engines/pulumiCli";
import type { Command } from "../../scripts/shared/command";
import type { World } from "../../scripts/shared/world";
import { deployApps } from "./deployedApps";
import { measureInTurn, median, run, type Subject, type Summary } from "./processes";
import { measureUp, type MeasuredUp } from "./realEngine";

/** A figure that the project promises to keep. */
interface Promised {
  readonly what: string;
  readonly found: string;
  readonly promised: string;
  /** Undefined where it could not be measured. */
  readonly kept: boolean | undefined;
}

const rounds = 5;

/** `npm run bench`. */
export const benchCommand: Command = {
  name: "bench",
  summary: "Measures whole processes, side by side in one run, against the budgets in docs/benchmarks.md.",
  flags: {},
  notes: [
    "Takes some minutes, and longer with a Pulumi CLI. Keep the machine otherwise idle.",
    "Exit code: 0 within every budget, 1 not, 2 usage error.",
  ],
  run: async (_flags, world) => ((await measureAll(world)) ? 0 : 1),
};

/** Prints the figures as Markdown, for docs/benchmarks.md. @returns Whether all measured figures are within budget. */
async function measureAll(world: World): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "copilot-token-bench-"));
  try {
    const promises = [
      ...(await localFigures()),
      ...(await verifyFigures(folder)),
      ...(await manyAppsFigures(folder)),
      ...(await scaleFigures(folder)),
      await tokenRateFigure(folder),
      ...(await realEngineFigures(world)),
    ];
    world.print("| figure | found | promised | |\n| --- | --- | --- | --- |");
    for (const { what, found, promised, kept } of promises) {
      const verdict = kept === undefined ? "" : kept ? "kept" : "**not kept**";
      world.print(`| ${what} | ${found} | ${promised} | ${verdict} |`);
    }
    return promises.every(({ kept }) => kept !== false);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function localFigures(): Promise<Promised[]> {
  const [load, local] = await measured([
    { name: "load @pulumi/pulumi", command: ["node", "-e", 'require("@pulumi/pulumi")'] },
    // Figures for the inline engine; the Pulumi CLI has figures of its own.
    { name: "npm run local", command: ["npm", "run", "local", "--", "--engine", "inline"] },
  ]);
  const ratio = local.medianSeconds / load.medianSeconds;
  return [
    {
      what: "`npm run local`, end to end, against only loading `@pulumi/pulumi`",
      found: `${seconds(local)} / ${seconds(load)} = ${ratio.toFixed(1)} x`,
      promised: "8 x",
      kept: ratio <= 8,
    },
    {
      what: "its largest process",
      found: `${local.peakMegabytes.toFixed(0)} MB`,
      promised: "350 MB",
      kept: local.peakMegabytes < 350,
    },
  ];
}

async function verifyFigures(folder: string): Promise<Promised[]> {
  const { emulated, outputsFile } = await deployApps(1, folder);
  const environment = emulated.environmentOf(emulated.tenant.identities.verifier);
  try {
    const [verify, oneToken, sameRequests] = await measured([
      { name: "verify", command: ["node", "dist/cli.mjs", "verify", "--outputs", outputsFile], environment },
      { name: "one token by @azure/identity", command: ["node", "bench/plain/oneToken.mjs"], environment },
      {
        name: "verify's heart by @azure/identity and @azure/keyvault-secrets",
        command: ["node", "bench/plain/sameRequests.mjs", outputsFile],
        environment,
      },
    ]);
    const againstToken = verify.medianSeconds / oneToken.medianSeconds;
    const againstSame = verify.medianSeconds / sameRequests.medianSeconds;
    return [
      {
        what: "`verify` of one app against a plain script that gets one token by `@azure/identity`",
        found: `${seconds(verify)} / ${seconds(oneToken)} = ${againstToken.toFixed(2)} x`,
        promised: "1.2 x",
        kept: againstToken <= 1.2,
      },
      {
        what: "`verify` against a plain script that makes its requests by the Azure SDKs",
        found: `${seconds(verify)} / ${seconds(sameRequests)} = ${againstSame.toFixed(2)} x`,
        promised: "1 x",
        kept: againstSame <= 1,
      },
    ];
  } finally {
    await emulated.close();
  }
}

/** An Azure that answers in 50 ms, as the real one does on a good day. */
const farAway = {
  disturbances: (["entra", "graph", "arm", "keyVault"] as const).map((service) => ({
    service,
    action: { kind: "slow" as const, milliseconds: 50 },
  })),
};

async function manyAppsFigures(folder: string): Promise<Promised[]> {
  const [one, hundred] = [await deployApps(1, folder), await deployApps(100, folder)];
  try {
    const subjects = [one, hundred].map(({ emulated, outputsFile }, index) => {
      emulated.tenant.faults = farAway;
      const environment = emulated.environmentOf(emulated.tenant.identities.verifier);
      return {
        name: `verify of ${index === 0 ? "one app" : "100 apps"}`,
        command: ["node", "dist/cli.mjs", "verify", "--outputs", outputsFile] as const,
        environment,
      };
    });
    const [few, many] = await measured([subjects[0], subjects[1]] as [Subject, Subject]);
    const ratio = many.medianSeconds / few.medianSeconds;
    return [
      {
        what: "`verify` of 100 apps against one, every answer 50 ms away",
        found: `${seconds(many)} / ${seconds(few)} = ${ratio.toFixed(1)} x`,
        promised: "8 x",
        kept: ratio <= 8,
      },
      {
        what: "its memory for 100 apps",
        found: `${many.peakMegabytes.toFixed(0)} MB`,
        promised: "200 MB",
        kept: many.peakMegabytes < 200,
      },
    ];
  } finally {
    await Promise.all([one.emulated.close(), hundred.emulated.close()]);
  }
}

/** Tokens a second from a load generator in another process, against one core's bare signing rate. */
async function tokenRateFigure(folder: string): Promise<Promised> {
  const { emulated } = await deployApps(1, folder);
  try {
    const environment = emulated.environmentOf(emulated.tenant.identities.deployer);
    const load = await run(["node", "bench/plain/tokenLoad.mjs"], environment);
    if (load.exitCode !== 0) throw new Error(load.output);
    const signing = await run(["openssl", "speed", "-seconds", "3", "rsa2048"], process.env);
    const signsPerSecond = Number(/^rsa 2048 bits\s+\S+\s+\S+\s+([\d.]+)/m.exec(signing.output)?.[1]);
    const ratio = Number(load.output) / signsPerSecond;
    return {
      what: "token endpoint over TLS, against `openssl speed rsa2048` on one core",
      found: `${Number(load.output).toFixed(0)}/s / ${signsPerSecond.toFixed(0)}/s = ${ratio.toFixed(2)} x`,
      promised: "at least 0.5 x",
      kept: ratio >= 0.5,
    };
  } finally {
    await emulated.close();
  }
}

/** Round by round, since a machine that is shared slows down and speeds up: a ratio counts within its own round. */
async function scaleFigures(folder: string): Promise<Promised[]> {
  const deploySeconds = async (count: number): Promise<number> => {
    const { emulated, seconds: taken } = await deployApps(count, folder);
    await emulated.close();
    return taken;
  };
  const found: { readonly hundred: number; readonly marginal: number }[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const one = await deploySeconds(1);
    const eleven = await deploySeconds(11);
    found.push({ hundred: (await deploySeconds(101)) - one, marginal: (eleven - one) / 10 });
  }
  const ratio = median(found.map(({ hundred, marginal }) => hundred / marginal));
  const hundred = median(found.map((round) => round.hundred));
  const marginal = median(found.map((round) => round.marginal));
  return [
    {
      what: "100 apps more in the inline engine, against one app more",
      found: `${hundred.toFixed(2)} s / ${marginal.toFixed(3)} s = ${ratio.toFixed(0)} x`,
      promised: "100 x",
      kept: ratio <= 100,
    },
  ];
}

/** So few of so long a run: each is compared with its own neighbour. */
const realEngineRounds = 2;

/**
 * By whichever providers are installed. The provider of Entra looks at each new password five times, a second apart, so
 * that one app takes longer than its requests do; many apps wait at the same time.
 */
async function realEngineFigures(world: World): Promise<Promised[]> {
  const cli = await findPulumiCli(world, resolve("."));
  if (cli === undefined) {
    const none = "not measured: there is no Pulumi CLI here";
    return [
      { what: "100 apps by the real engine, against one", found: none, promised: "100 x", kept: undefined },
    ];
  }
  const ones: MeasuredUp[] = [];
  const hundreds: MeasuredUp[] = [];
  for (let round = 1; round <= realEngineRounds; round += 1) {
    ones.push(await measureUp(cli, 1));
    hundreds.push(await measureUp(cli, 100));
  }
  const time = (runs: readonly MeasuredUp[]): number => median(runs.map(({ seconds }) => seconds));
  const memory = (runs: readonly MeasuredUp[]): number =>
    Math.max(...runs.map(({ peakMegabytes }) => peakMegabytes));
  const [slower, larger] = [time(hundreds) / time(ones), memory(hundreds) / memory(ones)];
  const by = `Pulumi CLI ${cli.version}; ${ones[0]?.providers ?? ""}`;
  return [
    {
      what: `\`up\` of 100 apps by the real engine, against one app (${by})`,
      found: `${time(hundreds).toFixed(1)} s / ${time(ones).toFixed(1)} s = ${slower.toFixed(1)} x`,
      promised: "100 x",
      kept: slower <= 100,
    },
    {
      what: "memory of all its processes together",
      found: `${memory(hundreds).toFixed(0)} MB / ${memory(ones).toFixed(0)} MB = ${larger.toFixed(1)} x`,
      promised: "4 x",
      kept: larger <= 4,
    },
  ];
}

type Subjects = Parameters<typeof measureInTurn>[0];

/** As many summaries as subjects, by position. */
async function measured<const List extends Subjects>(
  subjects: List,
): Promise<{ [Index in keyof List]: Summary }> {
  return (await measureInTurn(subjects, rounds)) as unknown as { [Index in keyof List]: Summary };
}

function seconds({ medianSeconds }: Summary): string {
  return `${medianSeconds.toFixed(2)} s`;
}
