import { checkClaims } from "./checks/claims";
import { checkCredentials, credentialSpans } from "./checks/credentials";
import { checkDelegatedPermissions, checkUserSignIn } from "./checks/userSignIn";
import { checkExpiry } from "./checks/expiry";
import { isoSeconds } from "./checks/explain";
import { checkGrants } from "./checks/grants";
import { declaredPermissions, grantedPermissions } from "./checks/grantedPermissions";
import { checkGraphCall } from "./checks/graphCall";
import { checkLogicApp } from "./checks/logicApp";
import { checkOwnership } from "./checks/ownership";
import { checkLeastPrivilege } from "./checks/leastPrivilege";
import { checkOtherApis } from "./checks/otherApis";
import { checkOutputs } from "./checks/outputs";
import { checkPermissionsExtra } from "./checks/permissionsExtra";
import { checkPermissionsMissing } from "./checks/permissionsMissing";
import { checkPowerPlatform } from "./checks/powerPlatform";
import { checkPowerPlatformSecret } from "./checks/powerPlatformSecret";
import { checkSites } from "./checks/sites";
import { checkRotation, graceEndsAt } from "./checks/rotation";
import { checkToken } from "./checks/token";
import { checkVaultPosture } from "./checks/vaultPosture";
import { checkVaultSecret } from "./checks/vaultSecret";
import { graphClientId } from "../../azure/graph";
import { rolesOf } from "../../azure/tokenClaims";
import { allPublished } from "../../core/outputs/stackOutputs";
import { credentialNouns, isPublishedKind, publishedKinds } from "../../core/settings/credentialKind";
import {
  publishedEvidence,
  type ApiSeen,
  type AppEvidence,
  type SecretAppEvidence,
  type StackEvidence,
} from "./evidence";
import {
  checkIds,
  type AppReport,
  type CheckId,
  type CheckResult,
  type CheckStatus,
  type Finding,
  type PermissionRow,
} from "./report";

/** Answers nothing where a stack has nothing of the kind. */
type AppCheck = (app: AppEvidence, stack: StackEvidence) => Finding | undefined;

const appChecks: Readonly<Partial<Record<CheckId, AppCheck>>> = {
  "vault-secret": ofPublished(checkVaultSecret),
  token: ofOwnToken(checkToken),
  claims: ofOwnToken(checkClaims),
  "permissions-missing": asItself(checkPermissionsMissing),
  "permissions-extra": ofOwnToken(checkPermissionsExtra),
  "graph-call": asItself(checkGraphCall),
  "other-apis": checkOtherApis,
  sites: checkSites,
  "delegated-permissions": checkDelegatedPermissions,
  "user-sign-in": checkUserSignIn,
  grants: checkGrants,
  ownership: checkOwnership,
  credentials: checkCredentials,
  expiry: ofPublished(checkExpiry),
  rotation: ofPublished(checkRotation),
  "logic-app": checkLogicApp,
  "power-platform-secret": ofSecret(checkPowerPlatformSecret),
  "least-privilege": asItself(checkLeastPrivilege),
};

type PublishedCheck = (app: SecretAppEvidence, stack: StackEvidence) => Finding | undefined;

/** A check that has nothing to look at where an app has no client secret. */
function ofSecret(check: PublishedCheck): AppCheck {
  return (app, stack) => {
    const seen = publishedEvidence(app, "secret");
    return seen && check(seen, stack);
  };
}

/** A check of each credential that the vault publishes; one on its way out is there beside the one that is in use. */
function ofPublished(check: PublishedCheck): AppCheck {
  return (app, stack) => {
    const seen = publishedKinds.flatMap((kind) => publishedEvidence(app, kind) ?? []);
    const findings = seen.flatMap((one) => {
      const finding = check(one, stack);
      if (finding === undefined) return [];
      return [
        seen.length === 1
          ? finding
          : { ...finding, summary: `${credentialNouns[one.kind]}: ${finding.summary}` },
      ];
    });
    return findings.length === 0 ? undefined : together(findings);
  };
}

/** The worst first, which gives the status and the evidence. */
const severity: readonly CheckStatus[] = ["fail", "warn", "note", "skip", "pass"];

function together(findings: readonly Finding[]): Finding | undefined {
  const sorted = [...findings].sort(
    (one, other) => severity.indexOf(one.status) - severity.indexOf(other.status),
  );
  const [worst] = sorted;
  if (worst === undefined || sorted.length === 1) return worst;
  const fixes = sorted.flatMap((finding) => finding.fixes ?? []);
  return {
    ...worst,
    summary: sorted.map(({ summary }) => summary).join("; "),
    ...(fixes.length === 0 ? {} : { fixes }),
  };
}

/** A check of what an app may do in Microsoft Graph as itself. */
function asItself(check: AppCheck): AppCheck {
  return (app, stack) => {
    const { permissions, delegated } = app.outputs;
    const asksOthersOnly = permissions.length === 0 && app.apis.length > 0;
    return delegated === undefined && !asksOthersOnly ? check(app, stack) : undefined;
  };
}

/** A check of the app's own token: with an agent's federated credential, only the agent gets one. */
function ofOwnToken(check: AppCheck): AppCheck {
  return (app, stack) =>
    app.outputs.delegated === undefined || allPublished(app.outputs).length > 0
      ? check(app, stack)
      : undefined;
}

/** Runs every check over what was gathered; fetches nothing. */
export function judge(stack: StackEvidence, apps: readonly AppEvidence[]): CheckResult[] {
  const powerPlatform = checkPowerPlatform(stack);
  return [
    { id: "outputs", app: null, ...checkOutputs(stack) },
    ...apps.flatMap((app) =>
      checkIds.flatMap((id): CheckResult[] => {
        const found = appChecks[id]?.(app, stack);
        return found === undefined ? [] : [{ id, app: app.name, ...found }];
      }),
    ),
    { id: "vault-posture", app: null, ...checkVaultPosture(stack) },
    ...(powerPlatform === undefined ? [] : [{ id: "power-platform" as const, app: null, ...powerPlatform }]),
  ];
}

/** What a report shows of an app beside its checks. */
export function reportApp(app: AppEvidence, stack: StackEvidence): AppReport {
  const { displayName, clientId, signIn } = app.outputs;
  const rotated = isPublishedKind(signIn) ? publishedEvidence(app, signIn) : undefined;
  const graceEnd = rotated && graceEndsAt(rotated, stack);
  const published = rotated?.outputs ?? allPublished(app.outputs)[0];
  return {
    name: app.name,
    displayName,
    clientId,
    signIn,
    secretName: published?.secretName ?? null,
    permissions: permissionRows(app, stack),
    credentials: credentialSpans(app, stack),
    expiresAt: published?.credential.endsAt ?? null,
    nextRotationAt: rotated?.outputs.credential.nextRotationAt ?? null,
    graceEndsAt: graceEnd === undefined ? null : isoSeconds(graceEnd),
  };
}

function permissionRows(app: AppEvidence, stack: StackEvidence): PermissionRow[] {
  const asked = app.outputs.permissions;
  const declared = declaredPermissions(app, stack, graphClientId);
  const granted = grantedPermissions(app, stack);
  const inToken = app.token.known ? rolesOf(app.token.value.decoded) : undefined;
  const ofGraph = new Set([...asked, ...(declared ?? []), ...(granted ?? []), ...(inToken ?? [])]);
  return [
    ...[...ofGraph].map((permission) => ({
      permission,
      asked: asked.includes(permission),
      declared: declared?.includes(permission) ?? null,
      granted: granted?.includes(permission) ?? null,
      inToken: inToken?.includes(permission) ?? null,
    })),
    ...app.apis.flatMap((seen) => apiRows(seen, app)),
  ];
}

function apiRows({ api, token, offer }: ApiSeen, { directory }: AppEvidence): PermissionRow[] {
  const inToken = token.known ? rolesOf(token.value.decoded) : undefined;
  const offered = offer.known ? offer.value : undefined;
  const seen = directory.known && offered !== undefined ? directory.value : undefined;
  const named = (ids: readonly string[]): string[] =>
    Object.entries(offered?.appRoleIds ?? {}).flatMap(([name, id]) => (ids.includes(id) ? [name] : []));
  const declared =
    seen?.application &&
    named(
      seen.application.requiredResourceAccess
        .filter(({ resourceAppId }) => resourceAppId === api.clientId)
        .flatMap(({ resourceAccess }) => resourceAccess.map(({ id }) => id)),
    );
  const granted =
    seen &&
    named(
      seen.grants
        .filter(({ resourceId }) => resourceId === offered?.objectId)
        .map(({ appRoleId }) => appRoleId),
    );
  const all = new Set([...api.permissions, ...(granted ?? []), ...(inToken ?? [])]);
  return [...all].map((permission) => ({
    permission: `${permission} (${api.name})`,
    asked: api.permissions.includes(permission),
    declared: declared?.includes(permission) ?? null,
    granted: granted?.includes(permission) ?? null,
    inToken: inToken?.includes(permission) ?? null,
  }));
}
