import { EngineProcesses } from "../../emulator/pulumi/engineProcess";
import { deploy } from "../../emulator/pulumi/inline";
import type { SignIn } from "../../emulator/server/environment";
import { openStackState } from "../../emulator/pulumi/stackState";
import type { EngineChoice } from "../shared/engines/chooseEngine";
import { findPulumiCli, missingCli } from "../shared/engines/pulumiCli";
import type { EngineRun, EngineStep } from "../shared/engines/stackEngine";
import type { World } from "../shared/world";
import { startEmulatedStack } from "../shared/emulated/pulumiStack";
import type { EmulatedTenant } from "../../emulator/startTenant";

/** One run of the program. */
export interface Deployment {
  readonly ok: boolean;
  /** Of a run that succeeded. */
  readonly outputs: unknown;
  /** What changed, or why it failed; for people. */
  readonly detail: string;
}

/** Deploys one stack into the emulated tenant. */
export interface Deployer {
  /** The engine and its providers, and why this engine was chosen. */
  readonly description: string;
  /**
   * @param rotate `COPILOT_TOKEN_ROTATE` for this run.
   * @param doing Shows the current step.
   */
  deploy(rotate: string | undefined, doing: (what: string) => void): Promise<Deployment>;
  close(): Promise<void>;
}

export interface DeployerOptions {
  readonly emulated: EmulatedTenant;
  /** How the deployer signs in. */
  readonly signIn: SignIn;
  readonly project: string;
  readonly stack: string;
  readonly config: Readonly<Record<string, string>>;
  /** Where the inline engine keeps the stack for other commands; default in memory. */
  readonly stateFile?: string;
}

/**
 * Uses the engine that was chosen. By default: the Pulumi CLI if there is one, otherwise the inline engine.
 *
 * @throws {OperatorError} `PULUMI_MISSING`, `PULUMI_TOO_OLD`, `PULUMI_BROKEN`.
 */
export async function startDeployer(
  choice: EngineChoice,
  world: World,
  options: DeployerOptions,
): Promise<Deployer> {
  if (choice === "inline") return inlineDeployer(world, options, "chosen by --engine");
  const cli = await findPulumiCli(world, world.directory);
  if (cli !== undefined) {
    const reason = choice === "pulumi" ? "chosen by --engine" : `found ${cli.place}`;
    return await pulumiDeployer(world, options, { cli, reason });
  }
  if (choice === "pulumi") return missingCli();
  return inlineDeployer(world, options, "no Pulumi CLI found");
}

function inlineDeployer(world: World, options: DeployerOptions, reason: string): Deployer {
  const { emulated, signIn, project, stack, config } = options;
  const environment = emulated.environmentOf(signIn);
  const passphrase = environment["PULUMI_CONFIG_PASSPHRASE"] ?? "";
  const file = options.stateFile;
  const state = openStackState({ project, stack, passphrase, ...(file === undefined ? {} : { file }) });
  const processes = new EngineProcesses();
  return {
    description: `inline engine, ${reason}`,
    deploy: async (rotate, doing) => {
      const said: string[] = [];
      const result = await deploy({
        projectDir: world.directory,
        state,
        config,
        processes,
        environment: {
          ...environment,
          ...(rotate === undefined ? {} : { COPILOT_TOKEN_ROTATE: rotate }),
        },
        onEvent: (event) => {
          if (event.kind === "step" && event.step.status === "begun") doing(event.step.name);
          if (event.kind === "output") said.push(event.text.trimEnd());
        },
      });
      const { create, import: taken, update, same } = result.changes;
      const failures = result.failures.map(({ name, message }) =>
        name === undefined ? message : `${name}: ${message}`,
      );
      return {
        ok: result.ok,
        outputs: result.outputs,
        detail: result.ok
          ? changesText({ created: create, adopted: taken, changed: update, unchanged: same })
          : [...failures, ...said].join("\n"),
      };
    },
    close: () => {
      processes.close();
      return Promise.resolve();
    },
  };
}

async function pulumiDeployer(
  world: World,
  options: DeployerOptions,
  found: Pick<Parameters<typeof startEmulatedStack>[1], "cli" | "reason">,
): Promise<Deployer> {
  const { emulated, signIn, stack, config } = options;
  const started = await startEmulatedStack(world, {
    ...found,
    stack,
    config,
    environment: emulated.environmentOf(signIn),
  });
  return {
    description: `${started.engine.why}\nproviders: ${started.providers}`,
    deploy: async (rotate, doing) => {
      const run = await started.engine.up({ rotate, onProgress: doing });
      return { ok: run.ok, outputs: run.outputs, detail: run.ok ? stepsText(run.steps) : failuresText(run) };
    },
    close: () => started.close(),
  };
}

function stepsText(steps: readonly EngineStep[]): string {
  const count = (operation: EngineStep["operation"]): number =>
    steps.filter((step) => step.operation === operation).length;
  return changesText({
    created: count("create"),
    adopted: count("import"),
    changed: count("update"),
    replaced: count("replace"),
  });
}

function failuresText({ failures }: EngineRun): string {
  return failures
    .map(({ resource, message }) => (resource === undefined ? message : `${resource}: ${message}`))
    .join("\n");
}

function changesText(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  return parts.length === 0 ? "no changes" : parts.map(([what, count]) => `${count} ${what}`).join(", ");
}
