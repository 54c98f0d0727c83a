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
import { checkOutputs } from "./checks/outputs";
import { checkPermissionsExtra } from "./checks/permissionsExtra";
import { checkPermissionsMissing } from "./checks/permissionsMissing";
import { checkPowerPlatform } from "./checks/powerPlatform";
import { checkPowerPlatformSecret } from "./checks/powerPlatformSecret";
import { checkRotation, graceEndsAt } from "./checks/rotation";
import { checkToken } from "./checks/token";
import { checkVaultPosture } from "./checks/vaultPosture";
import { checkVaultSecret } from "./checks/vaultSecret";
import { graphClientId } from "../../azure/graph";
import { rolesOf } from "../../azure/tokenClaims";
import { showsSecret, type AppEvidence, type SecretAppEvidence, type StackEvidence } from "./evidence";
import {
  checkIds,
  type AppReport,
  type CheckId,
  type CheckResult,
  type Finding,
  type PermissionRow,
} from "./report";

/** Answers nothing where a stack has nothing of the kind. */
type AppCheck = (app: AppEvidence, stack: StackEvidence) => Finding | undefined;

const appChecks: Readonly<Partial<Record<CheckId, AppCheck>>> = {
  "vault-secret": ofSecret(checkVaultSecret),
  token: ofOwnToken(checkToken),
  claims: ofOwnToken(checkClaims),
  "permissions-missing": asItself(checkPermissionsMissing),
  "permissions-extra": ofOwnToken(checkPermissionsExtra),
  "graph-call": asItself(checkGraphCall),
  "delegated-permissions": checkDelegatedPermissions,
  "user-sign-in": checkUserSignIn,
  grants: checkGrants,
  ownership: checkOwnership,
  credentials: checkCredentials,
  expiry: ofSecret(checkExpiry),
  rotation: ofSecret(checkRotation),
  "logic-app": checkLogicApp,
  "power-platform-secret": ofSecret(checkPowerPlatformSecret),
  "least-privilege": asItself(checkLeastPrivilege),
};

/** A check that has nothing to look at where an app has no client secret. */
function ofSecret(check: (app: SecretAppEvidence, stack: StackEvidence) => Finding | undefined): AppCheck {
  return (app, stack) => (showsSecret(app) ? check(app, stack) : undefined);
}

/** A check of what an app may do as itself. */
function asItself(check: AppCheck): AppCheck {
  return (app, stack) => (app.outputs.delegated === undefined ? check(app, stack) : undefined);
}

/** A check of the app's own token: an agent's federated credential gives one to the agent alone. */
function ofOwnToken(check: AppCheck): AppCheck {
  return (app, stack) =>
    app.outputs.delegated === undefined || showsSecret(app) ? check(app, stack) : undefined;
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
  const { displayName, clientId, signIn, secretName, credential } = app.outputs;
  const isRotated = signIn === "secret" && showsSecret(app);
  const graceEnd = isRotated ? graceEndsAt(app, stack) : undefined;
  return {
    name: app.name,
    displayName,
    clientId,
    signIn,
    secretName: secretName ?? null,
    permissions: permissionRows(app, stack),
    credentials: credentialSpans(app, stack),
    expiresAt: credential?.endsAt ?? null,
    nextRotationAt: isRotated ? app.outputs.credential.nextRotationAt : null,
    graceEndsAt: graceEnd === undefined ? null : isoSeconds(graceEnd),
  };
}

function permissionRows(app: AppEvidence, stack: StackEvidence): PermissionRow[] {
  const asked = app.outputs.permissions;
  const declared = declaredPermissions(app, stack, graphClientId);
  const granted = grantedPermissions(app, stack);
  const inToken = app.token.known ? rolesOf(app.token.value.decoded) : undefined;
  const all = new Set([...asked, ...(declared ?? []), ...(granted ?? []), ...(inToken ?? [])]);
  return [...all].map((permission) => ({
    permission,
    asked: asked.includes(permission),
    declared: declared?.includes(permission) ?? null,
    granted: granted?.includes(permission) ?? null,
    inToken: inToken?.includes(permission) ?? null,
  }));
}
