import { actionMatches } from "./azureRoles";
import {
  identityKeys,
  isCustomRole,
  rightsOf,
  type AzureRight,
  type IdentityKey,
  type Right,
} from "./rights";

/** What Azure has refused, read from its message. */
type Refused =
  | { readonly plane: "azure"; readonly action: string; readonly scope: string; readonly condition: boolean }
  | { readonly plane: "graph"; readonly deed: "grant" | "consent" | "read" | "write" };

/**
 * Says which right an error of Azure is about, and which identity has it. Azure names an action at best, and Microsoft
 * Graph names nothing.
 *
 * @param message The message of the service or the provider.
 * @returns undefined when the message is not about a right.
 */
export function explainMissingRight(message: string): string | undefined {
  const refused = readRefusal(message);
  if (refused === undefined) return undefined;
  const holders = identityKeys.flatMap((identity) => {
    const held = rightsOf(identity).filter((right) => covers(right, refused));
    const found =
      held.length > 0
        ? held
        : rightsOf(identity, { certificates: true, delegated: true }).filter((right) =>
            covers(right, refused),
          );
    return found.length > 0 ? [{ identity, found }] : [];
  });
  if (holders.length === 0) return undefined;
  const byWhat = holders.map(
    ({ identity, found }) => `the ${identity} by ${found.map(rightName).join(" and ")}`,
  );
  const [first = { identity: "deployer" }] = holders;
  return (
    `Missing right: ${deedOf(refused)}. ${capital(byWhat.join(", "))}. ` +
    `infra/bootstrap gives it; npm run doctor -- --for ${nearest(holders, first.identity)} names all that is missing.`
  );
}

/** A right for people, such as `the role Contributor`. */
export function rightName(right: Right): string {
  if (right.kind === "graph") return `the Graph permission ${right.permission}`;
  if (right.kind === "ownership") return "owning the app (setting owners)";
  const limit =
    right.mayAssign === undefined ? "" : `, only for ${right.mayAssign.map(({ name }) => name).join(", ")}`;
  const reader = right.byReaders === true ? " (setting vault.readers)" : "";
  return `the role ${right.role.name}${limit}${reader}`;
}

function readRefusal(message: string): Refused | undefined {
  const [, action, scope] =
    /perform\s+action\s+'([^']+)'\s+over\s+scope\s+'([^']+)'/.exec(message) ??
    /Action:\s*'([^']+)'\s*Resource:\s*'([^']+)'/.exec(message) ??
    [];
  if (action !== undefined && scope !== undefined) {
    return { plane: "azure", action, scope, condition: /ABAC condition/.test(message) };
  }
  if (!/Authorization_RequestDenied|Insufficient privileges to complete/i.test(message)) return undefined;
  if (/app\s?role\s?assign/i.test(message)) return { plane: "graph", deed: "grant" };
  if (/delegated permission grant/i.test(message)) return { plane: "graph", deed: "consent" };
  return {
    plane: "graph",
    deed: /\b(?:reading|listing|retrieving|find)\b/i.test(message) ? "read" : "write",
  };
}

function covers(right: Right, refused: Refused): boolean {
  if (refused.plane === "azure") return right.kind === "azure" && permits(right, refused.action);
  if (right.kind === "ownership") return refused.deed === "write";
  if (right.kind !== "graph") return false;
  const { permission } = right;
  if (refused.deed === "grant") return permission.startsWith("AppRoleAssignment.");
  if (refused.deed === "consent") return permission.startsWith("DelegatedPermissionGrant.");
  return refused.deed === "read"
    ? permission.includes(".Read.")
    : permission.startsWith("Application.ReadWrite.");
}

function permits({ role, uses }: AzureRight, action: string): boolean {
  const names = uses.map((use) => ("action" in use ? use.action : use.dataAction));
  const granted = isCustomRole(role) ? [...role.actions, ...role.dataActions] : [];
  return [...names, ...granted].some((pattern) => actionMatches(pattern, action));
}

function deedOf(refused: Refused): string {
  if (refused.plane === "azure") {
    const why = refused.condition ? ", which a condition on its role forbids" : "";
    return `${refused.action} at ${refused.scope}${why}`;
  }
  return {
    grant: "to grant admin consent",
    consent: "to consent to delegated permissions",
    read: "to read the directory",
    write: "to change this app",
  }[refused.deed];
}

/** The last holder: a rotator or verifier asks about itself, and the deployer, which has most rights, comes first. */
function nearest(holders: readonly { readonly identity: IdentityKey }[], fallback: string): string {
  return holders.at(-1)?.identity ?? fallback;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
