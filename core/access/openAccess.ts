import type { Settings } from "../settings/settings";
import { configKey, settingsNamespace, type Path } from "../settings/settingsFaults";
import { oneLine } from "../sinks";
import { githubIssuer, signInOf, type Trust } from "./trust";

/** A setting that works and lets more sign in or call than it seems to: a warning, not a fault. */
export interface OpenAccess {
  /** Full key of the setting. */
  readonly key: string;
  readonly value: string;
  /** Who can use it. */
  readonly reason: string;
  readonly advice: string;
}

/**
 * Public clients of Microsoft's that exist in every tenant: they have no secret, so every user can get their tokens.
 *
 * @see https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in (read 2026-11)
 */
const publicClients: ReadonlyMap<string, string> = new Map([
  ["04b07795-8ddb-461a-bbee-02f9e1bf7b46", "Azure CLI"],
  ["1950a258-227b-4e31-a9cf-717495945fc2", "Azure PowerShell"],
  ["14d82eec-204b-4c2f-b7e8-296a70dab67e", "Microsoft Graph Command Line Tools"],
  ["de8bc8b5-d9f9-48b1-a8ad-b748da725064", "Graph Explorer"],
  ["aebc6443-996d-45c2-90f0-388ff96faa56", "Visual Studio Code"],
  ["872cd9fa-d31f-45e0-9eab-6e460a02d1f1", "Visual Studio"],
  ["1b730954-1685-4b74-9bfd-dac224a7b894", "Azure Active Directory PowerShell"],
  ["1fec8e78-bce4-4aaf-ab1b-5451cc387264", "Microsoft Teams"],
  ["d3590ed6-52b3-4102-aeff-aad2292ab01c", "Microsoft Office"],
]);

/** Settings of a stack that give access to more callers than they seem to. */
export function openAccess({ apps, identities }: Settings): OpenAccess[] {
  return [
    ...Object.entries(apps).flatMap(([name, app]) => {
      if (app.credential !== "managedIdentity") return openTrusts(app.federated, ["apps", name, "federated"]);
      return (app.logicApp?.callers ?? []).flatMap((clientId, index) => {
        const client = publicClients.get(clientId.toLowerCase());
        return client === undefined
          ? []
          : [openCaller(["apps", name, "logicApp", "callers", index], clientId, client)];
      });
    }),
    ...Object.entries(identities).flatMap(([name, { federated }]) =>
      openTrusts(federated, ["identities", name, "federated"]),
    ),
  ];
}

/** A caller of a Logic App that is a public client. @param client Its name. */
export function openCaller(path: Path, clientId: string, client: string): OpenAccess {
  return {
    key: configKey(path),
    value: clientId,
    reason: `${client} is a public client: every user who can sign in with it gets its tokens, and could call the Logic App.`,
    advice: "Let an application with a credential of its own call, or the connector with named users.",
  };
}

/** Entries of a `federated` list by which more than one job or workload can sign in. */
export function openTrusts(
  trusts: readonly Trust[],
  path: Path,
  namespace: string = settingsNamespace,
): OpenAccess[] {
  return trusts.flatMap((trust) => {
    if (trust.kind === "identity") return [];
    const { issuer, subject } = signInOf(trust);
    const reason = openSubject(issuer, subject);
    if (reason === undefined) return [];
    const advice =
      reason === patternReason
        ? "Name each subject, letter by letter."
        : "Name a protected environment: { github: owner/name, environment: NAME }.";
    return [{ key: configKey(path, namespace), value: subject, reason, advice }];
  });
}

const patternReason =
  "Entra compares letter by letter: * and ? are not wildcards, so this matches no token, or an unexpected one.";

/**
 * Why more can sign in by a subject than one environment or branch.
 *
 * @returns undefined where the subject says which one, or the issuer's subjects are not known here.
 * @see https://docs.github.com/actions/reference/security/oidc (read 2026-11): subjects, also customized ones
 */
function openSubject(issuer: string, subject: string): string | undefined {
  if (/[*?]/.test(subject)) return patternReason;
  if (issuer !== githubIssuer && !issuer.startsWith(`${githubIssuer}/`)) return undefined;
  if (/(?:^|:)pull_request(?::|$)/.test(subject)) {
    return "Every workflow of a pull request can sign in with it, before anyone has reviewed the code.";
  }
  const workflow = /(?:^|:)job_workflow_ref:[^:@]+@refs\/heads\/[^:]+/.test(subject);
  if (!workflow && !/(?:^|:)(?:repo|repository|repository_id):[^:]+/.test(subject)) {
    return "The subject names no repository: a job of another repository can have the same one.";
  }
  if (!workflow && !/:(?:environment:[^:]+|ref:refs\/heads\/[^:]+)/.test(subject)) {
    return "The subject names neither an environment nor a branch: a job of any branch can sign in with it, and so can anyone who can push a branch.";
  }
  return undefined;
}

/** As one line, for people. */
export function openAccessLine({ key, value, reason, advice }: OpenAccess): string {
  return oneLine(`${key} ${JSON.stringify(value)}: ${reason} ${advice}`);
}
