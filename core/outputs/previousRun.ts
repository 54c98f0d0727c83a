import { z } from "zod";
import { readPreviousApps, type PreviousApp } from "./previousApps";
import { vaultNameSources, type PreviousVault } from "../vault/vaultKept";

/** The stack's memory: what its last successful run published. */
export interface PreviousRun {
  readonly apps: Readonly<Record<string, PreviousApp>>;
  /** Keys of the managed identities that it made. */
  readonly identities: readonly string[];
  /** Absent before the first successful run. */
  readonly vault?: PreviousVault;
}

const published = z.object({
  apps: z.unknown(),
  identities: z.record(z.string(), z.unknown()).catch({}),
  vaultName: z.string().optional().catch(undefined),
  vaultResourceId: z.string().optional().catch(undefined),
  vaultNameFrom: z.enum(vaultNameSources).optional().catch(undefined),
  namedAfter: z.string().optional().catch(undefined),
});

/**
 * Reads a stack's previous outputs.
 *
 * @param outputs Empty before the first successful run.
 * @throws {OperatorError} `OUTPUTS_INVALID`
 */
export function readPreviousOutputs(outputs: unknown): PreviousRun {
  const { data } = published.safeParse(outputs);
  const { apps, identities = {}, vaultName, vaultResourceId, vaultNameFrom, namedAfter } = data ?? {};
  return {
    apps: readPreviousApps(apps),
    identities: Object.keys(identities),
    ...(vaultName === undefined
      ? {}
      : {
          vault: {
            name: vaultName,
            ...(vaultResourceId === undefined ? {} : { resourceId: vaultResourceId }),
            ...(vaultNameFrom === undefined ? {} : { nameFrom: vaultNameFrom }),
            ...(namedAfter === undefined ? {} : { namedAfter }),
          },
        }),
  };
}
