import { createHash } from "node:crypto";
import * as z from "zod";
import { clouds, type Cloud } from "../cloud/clouds";

/**
 * Who may sign in without a secret, as the settings say it: one of GitHub Actions' jobs, a managed identity of this
 * stack, or whatever another issuer vouches for.
 */
export type Trust =
  | { readonly kind: "github"; readonly repository: string; readonly environment: string }
  | { readonly kind: "github"; readonly repository: string; readonly branch: string }
  | { readonly kind: "identity"; readonly identity: string }
  | {
      readonly kind: "issuer";
      readonly issuer: string;
      readonly subject: string;
      /** Default: the cloud's own. */
      readonly audience?: string;
    };

/** A federated identity credential as Entra keeps it. Entra compares issuer, subject and audience letter by letter. */
export interface FederatedCredential {
  /** Unique among the credentials of one application or identity. */
  readonly name: string;
  /** Issuer of the tokens, an `https:` address. */
  readonly issuer: string;
  /** `sub` of the tokens. */
  readonly subject: string;
  /** `aud` of the tokens. */
  readonly audience: string;
}

/**
 * Issuer of the tokens of GitHub Actions. Repositories made, renamed or transferred after 2026-07-15 have IDs in the
 * subject, `repo:owner@ID/name@ID:…`, so that a new owner of a name does not get the access that the former one had.
 *
 * @see https://docs.github.com/actions/reference/security/oidc (read 2026-11)
 */
export const githubIssuer = "https://token.actions.githubusercontent.com";

/** How many federated identity credentials an application or a managed identity can have. */
export const maximumTrusts = 20;

const forms =
  "Say who may sign in, in one of these forms: { github: owner/name, environment: NAME }, " +
  "{ github: owner/name, branch: NAME }, { identity: KEY }, { issuer: URL, subject: TEXT }.";

const given = z.strictObject({
  github: z.string().optional(),
  environment: z.string().optional(),
  branch: z.string().optional(),
  identity: z.string().optional(),
  issuer: z.string().optional(),
  subject: z.string().optional(),
  audience: z.string().optional(),
});
type Given = z.output<typeof given>;

/** One entry of a `federated` list. */
export const trustSchema = given.transform((entry, context): Trust => {
  const result = readTrust(entry);
  if (typeof result !== "string") return result;
  context.addIssue({ code: "custom", message: result });
  return z.NEVER;
});

/** @returns why it is no trust, for people. */
function readTrust(entry: Given): Trust | string {
  const keys = Object.keys(entry).sort().join(" ");
  const { github, environment, branch, identity, issuer, subject, audience } = entry;
  if (github !== undefined && (keys === "environment github" || keys === "branch github")) {
    if (!/^[\w.-]+\/[\w.-]+$|^[\w.-]+@\d+\/[\w.-]+@\d+$/.test(github)) {
      return "github is owner/name in the very case in which GitHub writes both, or owner@ID/name@ID.";
    }
    const pattern = [environment, branch].find((name) => /[*?]/.test(name ?? ""));
    if (pattern !== undefined)
      return `Entra compares letter by letter: "${pattern}" matches no job. Name each.`;
    if (environment !== undefined) {
      return environment.trim() === ""
        ? "environment is the name of an environment of that repository."
        : { kind: "github", repository: github, environment };
    }
    if (branch !== undefined) {
      return branch === "" || /\s|^refs\//.test(branch)
        ? "branch is a branch's name, such as main, without refs/heads/."
        : { kind: "github", repository: github, branch };
    }
  }
  if (identity !== undefined && keys === "identity") return { kind: "identity", identity };
  if (issuer !== undefined && subject !== undefined && github === undefined && identity === undefined) {
    if (environment !== undefined || branch !== undefined) return forms;
    if (!isHttpsUrl(issuer)) return "issuer is an https URL, letter by letter as in the token's iss.";
    if (subject.trim() === "") return "subject is what the token says in sub.";
    if (issuer === githubIssuer && /[*?]/.test(subject)) {
      return `Entra compares letter by letter: "${subject}" matches no job. Name each.`;
    }
    return { kind: "issuer", issuer, subject, ...(audience === undefined ? {} : { audience }) };
  }
  return forms;
}

function isHttpsUrl(text: string): boolean {
  return /^https:\/\/[^\s/]+/.test(text) && URL.canParse(text);
}

/**
 * Name of the credential: legible, the same in every run, and another one for another issuer or subject, so that who is
 * trusted next can sign in before who was trusted no longer can. Another audience changes the credential in place:
 * Entra keeps one of an issuer and subject.
 *
 * @see https://learn.microsoft.com/graph/api/resources/federatedidentitycredential (read 2026-11): 3 to 120 characters
 */
export function trustName(trust: Trust): string {
  if (trust.kind === "identity") return `identity-${trust.identity}`;
  const { issuer, subject } = signInOf(trust);
  const legible =
    trust.kind === "github" ? subject.replace(/^repo:/, "github-") : `${new URL(issuer).hostname}-${subject}`;
  const hash = createHash("sha256").update(`${issuer}\n${subject}`).digest("hex").slice(0, 8);
  return `${legible.replace(/[^\w-]+/g, "-").slice(0, 100)}-${hash}`;
}

/** A trust whose subject is known before the run: all but a managed identity's. */
type KnownTrust = Exclude<Trust, { kind: "identity" }>;

/** The credential for a trust. */
export function federatedCredentialOf(
  trust: KnownTrust,
  { exchangeAudience }: Pick<Cloud, "exchangeAudience">,
): Omit<FederatedCredential, "name"> {
  const audience = trust.kind === "issuer" ? trust.audience : undefined;
  return { ...signInOf(trust), audience: audience ?? exchangeAudience };
}

/** Whose tokens sign in by a trust. */
export function signInOf(trust: KnownTrust): Pick<FederatedCredential, "issuer" | "subject"> {
  if (trust.kind === "issuer") {
    const { issuer, subject } = trust;
    return { issuer, subject };
  }
  const context =
    "environment" in trust ? `environment:${trust.environment}` : `ref:refs/heads/${trust.branch}`;
  return {
    issuer: githubIssuer,
    subject: `repo:${trust.repository}:${escapeColons(context)}`,
  };
}

/** GitHub writes colons inside a value as %3A, the one after the value's kind excepted. */
function escapeColons(context: string): string {
  const at = context.indexOf(":") + 1;
  return context.slice(0, at) + context.slice(at).replaceAll(":", "%3A");
}

/**
 * Issuer of the tokens with which a managed identity of a tenant signs in as an app.
 *
 * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity (read 2026-11)
 */
export function identityIssuer({ issuers }: Pick<Cloud, "issuers">, tenantId: string): string {
  return `${issuers.version2}/${tenantId}/v2.0`;
}

/** Whether it is what federated credentials have without a setting, in some cloud. */
export function isExchangeAudience(audience: string | undefined): boolean {
  return (
    audience === undefined ||
    Object.values(clouds).some(({ exchangeAudience }) => exchangeAudience === audience)
  );
}
