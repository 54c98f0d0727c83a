import { hasSecret, type AppOutputs, type StackOutputs } from "../../core/outputs/stackOutputs";
import { azureClient } from "../../azure/azureClient";
import { fetchDirectoryApp, type DirectoryApp } from "../../azure/directory";
import { graphApi } from "../../azure/graph";
import { inParallel } from "../shared/inParallel";
import { knowing, known, type Known } from "../shared/known";
import { microsoftGraph } from "../../azure/services";
import { signIn } from "../../azure/signIn";
import type { World } from "../shared/world";
import { fetchCurrentVersion, fetchVersions, type VaultVersion } from "../shared/vaultRecord";

/** Everything known of one app's credentials at one moment: what decides, and what the report shows. */
export interface AppRecord {
  readonly name: string;
  readonly outputs: AppOutputs;
  /** The vault's current version; its value undefined when there is none, or its tags are not this program's. */
  readonly current: Known<VaultVersion | undefined>;
  /** The vault's record, oldest first. */
  readonly versions: Known<readonly VaultVersion[]>;
  readonly directory: Known<DirectoryApp>;
}

/** Seconds to wait out a busy service. */
const patienceSeconds = 120;
const appsAtOnce = 8;

/**
 * Looks at apps from the side of vault and directory; reads no secret.
 *
 * @throws {OperatorError} when there is no sign-in to look with.
 */
export async function gatherRecords(
  world: World,
  outputs: StackOutputs,
  names: readonly string[],
): Promise<AppRecord[]> {
  const client = azureClient(world, { waitSeconds: patienceSeconds });
  const identity = signIn(world.env, client, outputs.tenantId);
  const graph = graphApi(client, () => identity.getToken(microsoftGraph));
  const chosen = Object.entries(outputs.apps).filter(([name]) => names.includes(name));
  return inParallel(chosen, appsAtOnce, async ([name, app]) => {
    const [current, versions, directory] = await Promise.all([
      hasSecret(app)
        ? knowing(fetchCurrentVersion(client, identity, app.secretResourceId))
        : known(undefined),
      hasSecret(app)
        ? knowing(fetchVersions(client, identity, outputs.vaultName, app.secretName))
        : known([]),
      knowing(fetchDirectoryApp(graph, app)),
    ]);
    return { name, outputs: app, current, versions, directory };
  });
}

/** What the vault holds now; undefined when that cannot be seen. */
export function publishedNow({ current }: AppRecord): VaultVersion | undefined {
  return current.known ? current.value : undefined;
}

/** The record of publications; at the least the current one, where the vault lists none to this caller. */
export function publications(record: AppRecord): readonly VaultVersion[] {
  const listed = record.versions.known ? record.versions.value : [];
  const current = publishedNow(record);
  const missing = current !== undefined && !listed.some(({ keyId }) => keyId === current.keyId);
  return missing ? [...listed, current] : listed;
}
