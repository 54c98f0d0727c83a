import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { deploy, type DeployResult, type EngineEvent } from "../../emulator/pulumi/inline";
import { openStackState } from "../../emulator/pulumi/stackState";
import type { IdentityKey } from "../../core/access/rights";
import type { EmulatedTenant } from "../../emulator/startTenant";
import { engineProcesses } from "./inlineEngine";
import type { ServedEngine } from "./servedEngine";

export interface BootstrapRun extends DeployResult {
  readonly said: string;
  readonly steps: readonly string[];
}

const ownProcesses = () => ({ folder: resolve("."), processes: engineProcesses() });

/** The bootstrap in a tenant, run by its administrator. */
export function bootstrapIn(
  { tenant, environmentOf }: Pick<EmulatedTenant, "tenant" | "environmentOf">,
  stack = "test",
  { folder, processes }: Pick<ServedEngine, "folder" | "processes"> = ownProcesses(),
) {
  const state = openStackState({
    project: "copilot-token-bootstrap",
    stack,
    passphrase: randomBytes(16).toString("hex"),
  });
  return {
    state,
    up: async (settings: Readonly<Record<string, unknown>>): Promise<BootstrapRun> => {
      const events: EngineEvent[] = [];
      const result = await deploy({
        projectDir: folder,
        program: "infra/bootstrap/index.ts",
        state,
        config: Object.fromEntries(
          Object.entries(settings).map(([key, value]) => [
            `copilot-token-bootstrap:${key}`,
            JSON.stringify(value),
          ]),
        ),
        environment: environmentOf(tenant.identities.administrator),
        processes,
        onEvent: (event) => events.push(event),
      });
      return {
        ...result,
        said: [
          ...events.map((event) => (event.kind === "output" ? event.text : "")),
          ...result.failures.map(({ name, message }) => `${name ?? ""}: ${message}`),
        ].join("\n"),
        steps: events.flatMap((event) =>
          event.kind === "step" && event.step.status === "done" && event.step.operation !== "same"
            ? [`${event.step.operation} ${event.step.name}`]
            : [],
        ),
      };
    },
  };
}

export interface BootstrappedIdentity {
  readonly displayName: string;
  readonly clientId: string;
  readonly servicePrincipalObjectId: string;
}

/** The bootstrap's outputs. */
export interface BootstrapOutputs {
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly identities: Readonly<Partial<Record<IdentityKey, BootstrappedIdentity>>>;
  readonly next: { readonly stack: string[]; readonly github: string[]; readonly afterFirstUp: string[] };
}

/** The settings that `pulumi config set --path` commands make, by their first key. */
export function settingsIn(commands: readonly string[]): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const command of commands) {
    const [, key = "", value = ""] =
      /^pulumi config set --path '?copilot-token:([^' ]+)'? '?([^']+?)'?$/.exec(command) ?? [];
    const path = key.split(/[.[\]]/).filter((step) => step !== "");
    if (path.length === 0) throw new Error(`not understood: ${command}`);
    path.reduce<Record<string, unknown>>((inner, step, index) => {
      const next = path[index + 1];
      inner[step] ??= next === undefined ? value : /^\d+$/.test(next) ? [] : {};
      return inner[step] as Record<string, unknown>;
    }, settings);
  }
  return settings;
}
