import { personFix, type Fix } from "../../../core/fix";
import { openIdScopes } from "../../../core/access/authorizationCode";
import { textClaim } from "../../../azure/tokenClaims";
import type { Known } from "../../shared/known";
import type { AppEvidence, PersonSeen, ProbeSeen } from "../evidence";
import type { Fact } from "../report";
import { counted, refusalFacts } from "./explain";

/** What a person's sign-in showed. */
export interface PersonFinding {
  /** For a sign-in that shows what it should. */
  readonly summary: string;
  /** Why it does not; undefined when it does. */
  readonly fault: string | undefined;
  readonly evidence: Readonly<Record<string, Fact>>;
  readonly fixes: readonly Fix[];
}

/** Judges a user's sign-in: whose token it is, for whom, with exactly which permissions, and what Microsoft Graph says to it. */
export function personFault(
  { outputs: { clientId, delegated = [] } }: AppEvidence,
  person: Known<PersonSeen>,
  tenantId: string,
): PersonFinding {
  if (!person.known) {
    const { error } = person;
    return finding(error.message, refusalFacts(error), [
      personFix(
        "see.more",
        "Sign in as a user who may use the app. AADSTS65001 and AADSTS90094: consent is missing; AADSTS50105: the user is not assigned; AADSTS53003: a Conditional Access policy forbids it.",
      ),
    ]);
  }
  const { decoded, probes } = person.value;
  const user =
    textClaim(decoded, "upn") ?? textClaim(decoded, "unique_name") ?? textClaim(decoded, "oid") ?? "a user";
  const scopes = (textClaim(decoded, "scp") ?? "").split(" ").filter((name) => name !== "");
  const wrong = [
    ...differs("tid", textClaim(decoded, "tid"), tenantId),
    ...differs("appid", textClaim(decoded, "appid") ?? textClaim(decoded, "azp"), clientId),
    ...delegated
      .filter((name) => !scopes.includes(name) && !openIdScopes.includes(name))
      .map((name) => `the token lacks ${name}`),
    ...scopes
      .filter((name) => !delegated.includes(name) && !openIdScopes.includes(name))
      .map((name) => `the token has ${name}, which is not in the settings`),
    ...probes.flatMap(faultOf),
  ];
  const evidence = {
    signedInUser: user,
    scopesInToken: scopes,
    callsAsUser: probes.map(({ path, status, errorCode }) =>
      `GET ${path} -> ${status} ${errorCode ?? ""}`.trim(),
    ),
  };
  if (wrong.length > 0) {
    return finding(`${user} signed in, but ${wrong.join("; ")}`, evidence, [
      personFix("see.more", "Compare with delegated-permissions. A new consent counts in new sign-ins only."),
    ]);
  }
  const reads = probes.filter(({ status }) => status === 200).length;
  return {
    summary: `${user} signed in here; the token has ${scopes.filter((name) => delegated.includes(name)).join(", ")}; Graph answers 200 to ${counted(reads, "read")}`,
    fault: undefined,
    evidence,
    fixes: [],
  };
}

function finding(fault: string, evidence: PersonFinding["evidence"], fixes: readonly Fix[]): PersonFinding {
  return { summary: "", fault, evidence, fixes };
}

function differs(claim: string, seen: string | undefined, wanted: string): string[] {
  return seen === wanted ? [] : [`${claim} is ${seen ?? "absent"}, not ${wanted}`];
}

/** A user without a mailbox or OneDrive gets 404 for it, which says nothing against the token. */
function faultOf({ path, status, errorCode, permissions, foreign }: ProbeSeen): string[] {
  if (foreign !== undefined)
    return [`the answer ${status} to ${path} is not Microsoft Graph's own: ${foreign}`];
  const isTaken =
    status === 200 ||
    (status === 404 && permissions.length > 0) ||
    (permissions.length === 0 && status === 403);
  return isTaken ? [] : [`Graph answers ${status} ${errorCode ?? ""} to ${path}`];
}
