import type { Cloud } from "../cloud/clouds";
import type { Fault } from "../errors";
import { commandFix, fixLine } from "../fix";
import { ownershipOf, stackText } from "../ownershipMark";
import { releaseCommand, type ExistingApplication } from "../permissions/existingApps";
import { configKey, removeCommand } from "../settings/settingsFaults";
import { certificateName, signingKeySecretName, vaultSecretName } from "./vaultName";

/** A secret of a vault, and the application that its tags name as the owner of the value. */
export interface PublishedSecret {
  readonly secretName: string;
  /** Whether its tags name a client, as those of every secret of this program do. */
  readonly hasClientTag: boolean;
  /** Undefined where the tags name none, or the tenant has no such application any more. */
  readonly application: Pick<ExistingApplication, "applicationObjectId" | "clientId" | "tags"> | undefined;
}

/** What this stack has, or is about to have. */
export interface OwnStack {
  readonly cloud: Cloud;
  /** The vault comes under the stack by this run: every secret in it counts. */
  readonly isNewVault: boolean;
  /** Apps that publish their first client secret: in a vault of the stack's, only these names count. */
  readonly newApps: readonly string[];
  /** Undefined for a stack that has no ID yet. */
  readonly stackId: string | undefined;
  /** Object IDs of the applications that the stack has or adopts. */
  readonly objectIds: readonly string[];
}

/**
 * Why a stack must not adopt a vault, or publish a secret there: another stack's app has its client secret in it, or a
 * secret of the same name was made by hand. Both would overwrite the other's secrets of the same name, and the first to
 * be destroyed would delete the vault.
 *
 * @returns undefined where no secret is another's.
 */
export function vaultInUse(secrets: readonly PublishedSecret[], own: OwnStack): string | undefined {
  const names = new Set(
    own.newApps
      .flatMap((app) => [vaultSecretName(app), certificateName(app), signingKeySecretName(app)])
      .map((name) => name.toLowerCase()),
  );
  const ownIds = new Set(own.objectIds.map((id) => id.toLowerCase()));
  const uses = secrets.flatMap(({ secretName, application }) => {
    if (!own.isNewVault && !names.has(secretName.toLowerCase())) return [];
    if (application === undefined || ownIds.has(application.applicationObjectId.toLowerCase())) return [];
    const ownership = ownershipOf(application.tags, own.stackId);
    if (ownership.kind === "ours" || (ownership.kind === "unmarked" && ownership.isReleased)) return [];
    const owner = ownership.kind === "otherStack" ? stackText(ownership) : "an app that is not this stack's";
    return [{ secretName, application, owner }];
  });
  const [first] = uses;
  if (first === undefined) return madeByHand(secrets, names);
  return (
    uses
      .map(
        ({ secretName, application, owner }) =>
          `The vault's secret ${secretName} is a client secret of ${owner}, client ${application.clientId}.`,
      )
      .join(" ") +
    " Two stacks with one vault would overwrite each other's secrets, and destroying one would delete the vault of both. " +
    fixLine(
      commandFix(
        "vault.in-use",
        "If nothing else uses it any more, release that app as an administrator",
        releaseCommand(own.cloud, first.application.applicationObjectId),
      ),
    )
  );
}

/** A new version of such a secret would reach its consumers at once. */
function madeByHand(secrets: readonly PublishedSecret[], names: ReadonlySet<string>): string | undefined {
  const found = secrets.filter(
    ({ secretName, hasClientTag }) => !hasClientTag && names.has(secretName.toLowerCase()),
  );
  if (found.length === 0) return undefined;
  const listed = found.map(({ secretName }) => secretName).join(", ");
  return `The vault has a secret that this program did not make, under a name that an app needs: ${listed}. A new version would replace its value for its consumers.`;
}

/** {@link vaultInUse} as a fault of the settings. */
export function vaultInUseFault(
  vaultId: string,
  reason: string,
  { isNewVault, newApps }: Pick<OwnStack, "isNewVault" | "newApps">,
): Fault {
  const path = isNewVault ? ["vault", "adopt"] : ["apps"];
  return {
    code: "VAULT_IN_USE",
    key: configKey(path),
    value: JSON.stringify(isNewVault ? vaultId : newApps),
    reason,
    repair: isNewVault
      ? removeCommand(path)
      : "Give the app another key; in a program of your own, give the component another name.",
  };
}
