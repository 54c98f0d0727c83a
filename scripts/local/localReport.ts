import { clouds } from "../../core/cloud/clouds";
import {
  allPublished,
  signingCredential,
  type AppOutputs,
  type PublishedOutputs,
  type StackOutputs,
} from "../../core/outputs/stackOutputs";
import { oneLine } from "../../core/sinks";
import { credentialNouns } from "../../core/settings/credentialKind";
import type { StepRecord } from "../shared/steps";
import type { AppReport, VerifyReport } from "../verify/report";
import type { UserSignIn } from "./userSignIns";
import { graphObjectId } from "../../emulator/tenant/seed";
import type { TenantState } from "../../emulator/tenant/tenant";

/** The result of `npm run local`, in the shape that `--json` prints. */
export interface LocalReport {
  readonly verified: boolean;
  readonly steps: readonly StepRecord[];
  readonly outputs: StackOutputs | undefined;
  readonly verification: VerifyReport | undefined;
  /** Sign-ins of users, for each app with delegated permissions; empty where none was tried. */
  readonly userSignIns: readonly UserSignIn[];
  /** Hosts outside the emulated tenant that received a request; it was refused. */
  readonly refusedHosts: readonly string[];
}

/**
 * The result for a person who does not know the project yet.
 *
 * @param grantedTo What a service principal holds, where the verifier may not read it.
 */
export function localReport(
  report: LocalReport,
  stack: string,
  grantedTo: (servicePrincipalObjectId: string) => readonly string[],
): string {
  const { outputs, verification } = report;
  const apps = Object.entries(outputs?.apps ?? {}).flatMap(([name, app]) => {
    const granted = grantedTo(app.servicePrincipalObjectId);
    const seen =
      app.delegated === undefined
        ? seenAsItself(verification?.apps.find((found) => found.name === name))
        : seenAsUser(
            app.delegated,
            report.userSignIns.find((signIn) => signIn.app === name),
          );
    return appLines(name, app, outputs, seen, granted);
  });
  return [
    ...apps,
    "",
    report.verified ? `VERIFIED: ${verifiedText(outputs)}.` : "NOT VERIFIED: see the failed step above.",
    ...(report.verified ? [...personSteps(report), "", ...nextSteps(stack, outputs?.cloud)] : []),
  ].join("\n");
}

function verifiedText(outputs: StackOutputs | undefined): string {
  const all = Object.values(outputs?.apps ?? {});
  const apps = all.filter(({ delegated }) => delegated === undefined);
  return [
    ...(apps.length > 0 ? [asItselfText(apps)] : []),
    ...(apps.length < all.length
      ? ["users sign in to the apps with delegated permissions, with exactly the consent requested"]
      : []),
  ].join("; ");
}

function asItselfText(apps: readonly AppOutputs[]): string {
  const bySecret = apps.filter(({ signIn }) => signIn === "secret").length;
  const token = "a Microsoft Graph token with exactly these permissions";
  if (bySecret === 0) return `each app gets ${token}, without a secret`;
  const who =
    bySecret < apps.length
      ? "each app, with its secret or without one, gets"
      : apps.length === 1
        ? "the secret in the vault gets"
        : "each secret in the vault gets";
  return `${who} ${token}, before and after a rotation`;
}

/** What was requested of an app, and what its token holds. */
interface SeenPermissions {
  readonly requested: string;
  readonly inToken: string;
}

function seenAsItself(verified: AppReport | undefined): SeenPermissions {
  const permissions = verified?.permissions ?? [];
  const seen = (column: "asked" | "inToken"): string => {
    const names = permissions.filter((row) => row[column] === true).map(({ permission }) => permission);
    const known = permissions.some((row) => row[column] !== null);
    return known ? names.join(", ") || "none" : "(the verifier cannot read this)";
  };
  return { requested: seen("asked"), inToken: seen("inToken") };
}

function seenAsUser(delegated: readonly string[], signIn: UserSignIn | undefined): SeenPermissions {
  return {
    requested: `${delegated.join(", ")} (as the signed-in user)`,
    inToken: signIn?.scopes?.join(", ") ?? "(only the agent can get one)",
  };
}

/** What a run on this machine cannot show of apps that act as their users, from `verify`. */
function personSteps({ verification }: LocalReport): string[] {
  const steps = (verification?.checks ?? []).flatMap(({ id, app, fixes = [] }) =>
    id === "user-sign-in" ? fixes.map(({ text }) => oneLine(`  ${app ?? ""}: ${text}`)) : [],
  );
  return steps.length === 0 ? [] : ["", "For a person to do, in your own tenant:", ...steps];
}

function appLines(
  name: string,
  app: AppOutputs,
  outputs: StackOutputs | undefined,
  { requested, inToken }: SeenPermissions,
  granted: readonly string[],
): string[] {
  const published = signingCredential(app) ?? allPublished(app)[0];
  const rows: [string, string][] = [
    ["client ID", app.clientId],
    ["requested", requested],
    ["granted", granted.join(", ") || "none"],
    ["in the token", inToken],
    ...(published === undefined ? [signInRow(app)] : credentialRows(published, outputs?.vaultName ?? "")),
  ];
  return ["", oneLine(name), ...rows.map(([title, value]) => `  ${title.padEnd(14)} ${oneLine(value)}`)];
}

function credentialRows(
  { kind, secretName, credential }: PublishedOutputs,
  vaultName: string,
): [string, string][] {
  return [
    ["vault", `${vaultName}, secret ${secretName}`],
    [credentialNouns[kind], `number ${credential.sequence}, keyId ${credential.keyId}`],
    ["valid until", credential.endsAt.slice(0, 10)],
    ["next rotation", credential.nextRotationAt.slice(0, 10)],
  ];
}

function signInRow({ signIn, federated }: AppOutputs): [string, string] {
  const trusted = federated.map(({ subject, identityClientId }) =>
    identityClientId === undefined ? subject : `managed identity ${identityClientId}`,
  );
  return [
    "signs in",
    [...(signIn === "managedIdentity" ? ["as a managed identity"] : []), ...trusted].join("; ") ||
      "not yet: it has no credential",
  ];
}

function nextSteps(stack: string, cloud: StackOutputs["cloud"]): string[] {
  return [
    "To do the same in your tenant, with the Pulumi CLI and the permissions in docs/permissions.md:",
    ...(cloud === undefined ? [] : [`  (first choose ${clouds[cloud].title}: docs/clouds.md)`]),
    "  az login && export ARM_SUBSCRIPTION_ID=<subscription>",
    `  pulumi login && pulumi stack init ${stack === "dev" ? "prod" : stack}`,
    `  npm run init -- --stack ${stack === "dev" ? "prod" : stack}`,
    "  npm run doctor && pulumi up && npm run verify",
  ];
}

/**
 * Permissions that a service principal has in the emulated tenant, by name, with the API where an application permission is
 * not Microsoft Graph's. The verifier of a local run may not read the directory; this machine has the whole tenant.
 */
export function grantedInTenant({ directory }: TenantState, servicePrincipalObjectId: string): string[] {
  const consents = Object.values(directory.oauth2PermissionGrants ?? {})
    .filter(({ clientId }) => clientId === servicePrincipalObjectId)
    .flatMap(({ scope }) => scope.split(" "));
  const roles = Object.values(directory.appRoleAssignments)
    .filter(({ principalId }) => principalId === servicePrincipalObjectId)
    .map(({ resourceId, appRoleId }) => {
      const { appRoles = [], displayName } = directory.servicePrincipals[resourceId] ?? {};
      const name = appRoles.find(({ id }) => id === appRoleId)?.value ?? appRoleId;
      return resourceId === graphObjectId ? name : `${name} (${displayName ?? resourceId})`;
    });
  return [...new Set([...consents, ...roles])].sort();
}
