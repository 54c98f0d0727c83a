import { oneLine } from "../../core/sinks";
import { OperatorError } from "../../core/errors";
import { allPublished, type StackOutputs } from "../../core/outputs/stackOutputs";
import { credentialNouns, type CredentialNoun } from "../../core/settings/credentialKind";
import { azureClient } from "../../azure/azureClient";
import { inParallel } from "../../core/inParallel";
import { signIn } from "../../azure/signIn";
import type { World } from "../shared/world";
import { fetchVersions } from "../shared/vaultRecord";

/** One publication, as the vault's own versions record it. */
export interface Publication {
  readonly kind: CredentialNoun;
  /** When the vault took it. */
  readonly at: string;
  readonly app: string;
  readonly sequence: number;
  readonly keyId: string;
  readonly clientId: string;
  readonly cause: string;
  readonly endsAt: string | null;
  readonly verifiedAt: string;
  /** Such as `5 tokens`. */
  readonly verifiedBy: string;
}

/**
 * Every publication of the apps' client secrets and certificates, oldest first. The vault keeps the record; it needs no state.
 *
 * @throws {OperatorError} `HISTORY_INCOMPLETE` when the record lacks the secret that the outputs name.
 * @throws {ServiceRefusal} when the vault does not list a secret's versions to the caller.
 */
export async function fetchHistory(
  world: World,
  outputs: StackOutputs,
  names: readonly string[],
): Promise<Publication[]> {
  const client = azureClient(world, { waitSeconds: 120 });
  const identity = signIn(world.env, client, outputs.tenantId);
  const chosen = Object.entries(outputs.apps).flatMap(([name, app]) =>
    names.length === 0 || names.includes(name) ? allPublished(app) : [],
  );
  const versions = await inParallel(chosen, 8, (app) =>
    fetchVersions(client, identity, outputs.vaultName, app.secretName),
  );
  const unlisted = chosen.find(
    ({ credential }, index) => !versions[index]?.some(({ keyId }) => keyId === credential.keyId),
  );
  if (unlisted !== undefined) {
    throw new OperatorError(
      "HISTORY_INCOMPLETE",
      `Vault ${outputs.vaultName} lists no version of ${unlisted.secretName} with the credential ` +
        `${unlisted.credential.keyId}, which the outputs name. Check that the outputs are this vault's and up to date: ` +
        "pulumi stack output --json",
    );
  }
  return versions
    .flatMap((list, index) =>
      list.map((version) => ({ kind: credentialNouns[chosen[index]?.kind ?? "secret"], ...version })),
    )
    .sort((one, other) => one.publishedAt.getTime() - other.publishedAt.getTime())
    .map(({ kind, publishedAt, app, sequence, keyId, clientId, cause, endsAt, verifiedAt, verifiedBy }) => ({
      kind,
      at: publishedAt.toISOString(),
      app,
      sequence,
      keyId,
      clientId,
      cause,
      endsAt: endsAt?.toISOString() ?? null,
      verifiedAt,
      verifiedBy,
    }));
}

/** The record as a table for people. */
export function historyTable(history: readonly Publication[]): string {
  if (history.length === 0) return "The vault has no version that this project published.";
  const rows = [
    ["published", "app", "kind", "number", "keyId", "why", "verified"],
    ...history.map(({ at, app, kind, sequence, keyId, cause, verifiedAt, verifiedBy }) => [
      at.replace(/\.\d+Z$/, "Z"),
      app,
      kind,
      String(sequence),
      keyId,
      cause,
      `by ${verifiedBy} at ${verifiedAt.replace(/\.\d+Z$/, "Z")}`,
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      oneLine(
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd(),
      ),
    )
    .join("\n");
}
