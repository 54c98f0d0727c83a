import { commandFix, personFix, refreshCommand } from "../../../core/fix";
import { isLoopback } from "../../../core/access/redirectUris";
import type { AppOutputs } from "../../../core/outputs/stackOutputs";
import type { AppEvidence, StackEvidence, UserSignInSeen } from "../evidence";
import { blockingPolicies } from "../../../core/access/signInPolicies";
import { scopeNames } from "../grantOrigins";
import type { Fact, Finding } from "../report";
import { counted, notSeen } from "./explain";
import { personFault } from "./personSignIn";

const grantRight =
  "To have it checked: Graph Application.Read.All and DelegatedPermissionGrant.Read.All for the identity that verifies.";

/** `delegated-permissions`: what the app registration declares and what has consent is what the settings say. */
export function checkDelegatedPermissions(
  app: AppEvidence,
  { stackName }: StackEvidence,
): Finding | undefined {
  const { delegated: asked, userSignIn: wanted } = app.outputs;
  if (asked === undefined || app.userSignIn === undefined) return undefined;
  if (!app.userSignIn.known) return notSeen("delegated permissions", app.userSignIn.error, grantRight);
  const seen = app.userSignIn.value;
  const declared = namesOf(seen.declaredIds, seen);
  const granted = grantsOf(seen);
  const expected = (wanted?.users ?? []).length === 0 ? [everyone] : (wanted?.users ?? []);
  const called = (user: string): string => {
    const name = seen.userNames.get(user);
    return name === undefined ? user : `${name} (${user})`;
  };
  const missing = [
    ...without(asked, declared).map((name) => `${name} is not declared`),
    ...expected.flatMap((user) =>
      without(asked, granted.get(user) ?? []).map((name) => `${name} has no consent for ${called(user)}`),
    ),
  ];
  const given = (name: string): string => {
    const origin = app.origins.get(name);
    return origin === undefined ? "" : `, given by ${origin.by} at ${origin.at}`;
  };
  const extra = [
    ...without(declared, asked).map((name) => `${name} is declared`),
    ...[...granted].flatMap(([user, names]) =>
      without(names, expected.includes(user) ? asked : []).map(
        (name) => `${name} has consent for ${called(user)}${given(name)}`,
      ),
    ),
  ];
  const evidence = {
    asked,
    declared,
    granted: [...granted].map(([user, names]) => `${user}: ${names.join(" ")}`),
  };
  if (missing.length > 0) {
    return {
      status: "fail",
      summary: `missing: ${missing.join("; ")}`,
      evidence,
      fixes: [commandFix("permissions.not-granted", "Declare and grant them", refreshCommand(stackName))],
    };
  }
  if (extra.length > 0) {
    return {
      status: "fail",
      summary: `not in the settings: ${extra.join("; ")}`,
      evidence,
      fixes: [
        personFix(
          "permissions.extra",
          "Either ask for it in copilot-token:apps, or remove the grant: portal, Enterprise applications, " +
            `object ${app.outputs.servicePrincipalObjectId}, Permissions.`,
        ),
      ],
    };
  }
  const whom = expected[0] === everyone ? everyone : counted(expected.length, "user");
  return {
    status: "pass",
    summary: `${counted(asked.length, "delegated permission")} declared, with consent for ${whom}, and no other`,
    evidence,
  };
}

/**
 * `user-sign-in`: what the directory shows of it and, with `--sign-in`, what a person's sign-in here showed. Without one it
 * never passes.
 */
export function checkUserSignIn(
  app: AppEvidence,
  { stackName, outputs }: StackEvidence,
): Finding | undefined {
  const { userSignIn: wanted, signIn, federated } = app.outputs;
  if (wanted === undefined || app.userSignIn === undefined) return undefined;
  if (!app.userSignIn.known) return notSeen("the sign-in of users", app.userSignIn.error, grantRight);
  const seen = app.userSignIn.value;
  const differences = differencesOf(wanted, seen);
  const person = app.person === undefined ? undefined : personFault(app, app.person, outputs.tenantId);
  const blocking = seen.conditionalAccess.known
    ? blockingPolicies(seen.conditionalAccess.value, app.outputs.clientId)
    : [];
  const evidence = {
    redirectUris: seen.redirectUris,
    assignmentRequired: seen.assignmentRequired,
    assignedTo: seen.assignedTo,
    ...policyFacts(seen, blocking),
    ...person?.evidence,
  };
  if (differences.length > 0) {
    return {
      status: "fail",
      summary: differences.join("; "),
      evidence,
      fixes: [commandFix("credentials.no-trust", "It was removed or changed", refreshCommand(stackName))],
    };
  }
  if (person?.fault !== undefined)
    return { status: "fail", summary: person.fault, evidence, fixes: person.fixes };
  if (signIn === "federated" && federated.length === 0) {
    return {
      status: "warn",
      summary: `${person === undefined ? "" : `${person.summary}; but `}the agent has no credential yet, so no user can sign in to it`,
      evidence,
      fixes: [
        personFix(
          "see.more",
          "Save the client ID on the agent's Security page (Authenticate manually, Microsoft Entra ID V2 with federated credentials), and set agentSignIn to the issuer and the value that it shows.",
        ),
      ],
    };
  }
  if (person !== undefined) {
    return {
      status: "pass",
      summary: `${person.summary}. The agent's own sign-in: its test pane shows it`,
      evidence,
    };
  }
  const unverified = `not verified: a sign-in takes a person; ${counted(seen.redirectUris.length, "redirect URI")} as declared`;
  return {
    ...(blocking.length === 0
      ? { status: "skip" as const, summary: unverified }
      : {
          status: "warn" as const,
          summary: `${unverified}; Conditional Access blocks users under its conditions: ${blocking.join(", ")}`,
        }),
    evidence,
    fixes: [
      personFix(
        "see.more",
        `${seen.redirectUris.some(isLoopback) ? `Sign in here: npm run verify -- --sign-in --app ${app.name}. Or ask` : "Ask"} the agent something that needs you to sign in, in its test pane in Copilot Studio. ` +
          `A tenant can forbid it where ${seen.conditionalAccess.known ? "" : "the identity that verifies may not look, Conditional Access (Graph Policy.Read.All shows it), and where "}no tool of this project may look: ` +
          "Power Platform admin center, Security, Identity and access, Authentication for agents.",
      ),
    ],
  };
}

/** What the tenant's policies say, and what of them cannot be read. */
function policyFacts(
  { conditionalAccess, userConsent }: UserSignInSeen,
  blocking: readonly string[],
): Readonly<Record<string, Fact>> {
  return {
    conditionalAccess: conditionalAccess.known
      ? `${counted(conditionalAccess.value.length, "policy", "policies")}, ${blocking.length} of them block users`
      : `not read: ${conditionalAccess.error.message}`,
    userConsent: userConsent.known
      ? userConsent.value.join(", ") || "only an administrator consents"
      : `not read: ${userConsent.error.message}`,
    authenticationForAgents: "not read: Power Platform has no API for it",
  };
}

const everyone = "all users";

function differencesOf(wanted: NonNullable<AppOutputs["userSignIn"]>, seen: UserSignInSeen): string[] {
  const mustBeAssigned = wanted.assignedTo.length > 0;
  return [
    ...without(wanted.redirectUris, seen.redirectUris).map((uri) => `the redirect URI ${uri} is missing`),
    ...without(seen.redirectUris, wanted.redirectUris).map(
      (uri) => `the settings do not name the redirect URI ${uri}`,
    ),
    ...without(
      wanted.assignedTo.map((id) => id.toLowerCase()),
      seen.assignedTo,
    ).map((id) => `the user or group ${id} is not assigned`),
    ...(mustBeAssigned === seen.assignmentRequired
      ? []
      : [mustBeAssigned ? "users need no assignment to the app" : "users need an assignment to the app"]),
  ];
}

/** Names with consent, by user. */
function grantsOf({ grants, graph }: UserSignInSeen): Map<string, string[]> {
  const byUser = new Map<string, string[]>();
  for (const { consentType, principalId, resourceId, scope } of grants) {
    const user = consentType === "AllPrincipals" ? everyone : (principalId ?? "?");
    const names = scopeNames(scope);
    const ofGraph = resourceId === graph.graphObjectId;
    const shown = ofGraph ? names : names.map((name) => `${resourceId}/${name}`);
    byUser.set(user, [...(byUser.get(user) ?? []), ...shown]);
  }
  return byUser;
}

function namesOf(ids: readonly string[], { graph }: UserSignInSeen): string[] {
  const names = new Map(Object.entries(graph.delegatedIds).map(([name, id]) => [id, name]));
  return ids.map((id) => names.get(id) ?? id);
}

function without(names: readonly string[], others: readonly string[]): string[] {
  return names.filter((name) => !others.includes(name));
}
