import {
  allPublished,
  publishedOf,
  signingCredential,
  type AppOutputs,
  type PublishedOutputs,
  type StackOutputs,
} from "../../core/outputs/stackOutputs";
import type { PublishedKind } from "../../core/settings/credentialKind";
import { azureClient } from "../../azure/azureClient";
import { fetchDirectoryApp, type DirectoryApp } from "../../azure/directory";
import { graphApi } from "../../azure/graph";
import { inParallel } from "../../core/inParallel";
import { knowing, known, type Known } from "../shared/known";
import { microsoftGraph } from "../../azure/services";
import { signIn } from "../../azure/signIn";
import type { World } from "../shared/world";
import { fetchCurrentVersion, fetchVersions, type VaultVersion } from "../shared/vaultRecord";

/** What the vault tells of one kind of an app's credentials. */
export interface PublishedRecord {
  /** The vault's current version; its value undefined when there is none, or its tags are not this program's. */
  readonly current: Known<VaultVersion | undefined>;
  /** The vault's record, oldest first. */
  readonly versions: Known<readonly VaultVersion[]>;
}

/** Everything known of one app's credentials at one moment: what decides, and what the report shows. */
export interface AppRecord {
  readonly name: string;
  readonly outputs: AppOutputs;
  readonly published: Readonly<Record<PublishedKind, PublishedRecord>>;
  readonly directory: Known<DirectoryApp>;
}

/** What a rotation of an app is about: the credential that it signs in by, else one that is on its way out. */
export function rotatedCredential(app: AppOutputs): PublishedOutputs | undefined {
  return signingCredential(app) ?? allPublished(app)[0];
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
    const recordOf = async (kind: PublishedKind): Promise<PublishedRecord> => {
      const published = publishedOf(app, kind);
      if (published === undefined) return { current: known(undefined), versions: known([]) };
      const [current, versions] = await Promise.all([
        knowing(fetchCurrentVersion(client, identity, published.secretResourceId)),
        knowing(fetchVersions(client, identity, outputs.vaultName, published.secretName)),
      ]);
      return { current, versions };
    };
    const [secret, certificate, directory] = await Promise.all([
      recordOf("secret"),
      recordOf("certificate"),
      knowing(fetchDirectoryApp(graph, app)),
    ]);
    return { name, outputs: app, published: { secret, certificate }, directory };
  });
}

/** What the vault holds now; undefined when that cannot be seen. */
export function publishedNow({ published }: AppRecord, kind: PublishedKind): VaultVersion | undefined {
  const { current } = published[kind];
  return current.known ? current.value : undefined;
}

/** The record of publications; at the least the current one, where the vault lists none to this caller. */
export function publications(record: AppRecord, kind: PublishedKind): readonly VaultVersion[] {
  const { versions } = record.published[kind];
  const listed = versions.known ? versions.value : [];
  const current = publishedNow(record, kind);
  const missing = current !== undefined && !listed.some(({ keyId }) => keyId === current.keyId);
  return missing ? [...listed, current] : listed;
}
