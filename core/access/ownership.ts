import type { Fault } from "../errors";
import { configKey, setCommand } from "../settings/settingsFaults";
import { directoryRoles } from "./directoryRoles";

/** The identity that signs in to change the stack's apps. */
export interface Caller {
  readonly objectId: string;
  /** A service principal, rather than a person. */
  readonly isApplication: boolean;
  /** Graph permissions and template IDs of directory roles, as its token for Microsoft Graph names them. */
  readonly holds: readonly string[];
}

/** The caller as the claims of its token for Microsoft Graph name it; undefined where they do not. */
export function callerOf(claims: Readonly<Record<string, unknown>>): Caller | undefined {
  const texts = (value: unknown): string[] =>
    Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  const objectId = claims["oid"];
  if (typeof objectId !== "string") return undefined;
  return {
    objectId,
    isApplication: claims["scp"] === undefined,
    holds: [...texts(claims["roles"]), ...texts(claims["wids"])],
  };
}

/** What lets a service principal change apps that it does not own. */
const withoutOwnership = [
  "Application.ReadWrite.All",
  directoryRoles.applicationAdministrator.templateId,
  directoryRoles.cloudApplicationAdministrator.templateId,
  directoryRoles.globalAdministrator.templateId,
];

/**
 * The owners leave out the service principal that deploys: Entra makes the app, and refuses it everything after that, so
 * that neither another `up` nor a `destroy` can go on.
 *
 * @param owners The setting; if it is empty, the first deployer is the owner.
 * @returns undefined where the caller may change the apps.
 * @see https://learn.microsoft.com/graph/permissions-reference#applicationreadwriteownedby (read 2026-11)
 */
export function ownershipFault(owners: readonly string[], caller: Caller): Fault | undefined {
  const isOwner = owners.some((owner) => owner.toLowerCase() === caller.objectId.toLowerCase());
  if (owners.length === 0 || isOwner || !caller.isApplication) return undefined;
  if (withoutOwnership.some((one) => caller.holds.includes(one))) return undefined;
  return {
    code: "OWNERS_WITHOUT_DEPLOYER",
    key: configKey(["owners"]),
    value: JSON.stringify(owners),
    reason:
      `The service principal ${caller.objectId}, which is signed in, is not among the owners, and with ` +
      "Application.ReadWrite.OwnedBy it changes only apps that it owns: Entra would make the app and refuse its client " +
      "secret (403).",
    repair: setCommand(["owners", owners.length], caller.objectId),
  };
}
