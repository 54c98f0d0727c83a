import { clouds, type Cloud } from "../../core/cloud/clouds";
import { tierZeroPermissions } from "../../core/permissions/tierZero";
import { graphClientId } from "../../azure/graph";
import { instantClaim, rolesOf, textClaim, type DecodedToken } from "../../azure/tokenClaims";
import { audienceName, claimMeanings } from "./claimMeanings";
import { permissionMeaning } from "./permissionMeaning";

export interface ExplainedPermission {
  readonly name: string;
  /** What it lets its holder do, in a few words. */
  readonly allows: string;
  /** How it can take over the tenant; null when it cannot. */
  readonly takesOverTenant: string | null;
}

export interface TokenWarning {
  /** Stable, for machines. */
  readonly code:
    | "EXPIRED"
    | "NOT_YET_VALID"
    | "OTHER_AUDIENCE"
    | "DELEGATED"
    | "ID_TOKEN"
    | "TIER_ZERO"
    | "NO_PERMISSIONS"
    | "UNSIGNED"
    | "ONLY_GRAPH_VERIFIES";
  readonly message: string;
}

/** What a token says, in plain words. Holds neither the token nor its signature. */
export interface TokenExplanation {
  readonly schemaVersion: 1;
  /** `app`: an application on its own; `delegated`: an application for a signed-in user. */
  readonly kind: "app" | "delegated" | "id";
  readonly algorithm: string | null;
  readonly signingKeyId: string | null;
  readonly audience: string | null;
  readonly audienceName: string | null;
  readonly tenantId: string | null;
  readonly clientId: string | null;
  readonly appName: string | null;
  readonly user: string | null;
  readonly issuedAt: string | null;
  readonly expiresAt: string | null;
  readonly permissions: readonly ExplainedPermission[];
  readonly warnings: readonly TokenWarning[];
  readonly claims: readonly {
    readonly name: string;
    readonly value: unknown;
    readonly meaning: string | null;
  }[];
}

const graphAudiences: readonly string[] = [
  ...Object.values(clouds).flatMap(({ graph }) => [graph, `${graph}/`]),
  graphClientId,
];

/** Whether a token is for Microsoft Graph of some cloud, in any of the spellings that Entra echoes. */
export function isForGraph(token: DecodedToken): boolean {
  const audience = textClaim(token, "aud") ?? "";
  return graphAudiences.includes(audience);
}

/** Explains a decoded token; verifies nothing. */
export function explainToken(cloud: Cloud, token: DecodedToken, now: Date): TokenExplanation {
  const kind = kindOf(token);
  const names =
    kind === "delegated" ? (textClaim(token, "scp") ?? "").split(" ").filter(Boolean) : rolesOf(token);
  const permissions = names.map((name) => ({
    name,
    allows: permissionMeaning(name),
    takesOverTenant: tierZeroPermissions.get(name) ?? null,
  }));
  const audience = textClaim(token, "aud") ?? null;
  const { alg, kid } = token.header;
  return {
    schemaVersion: 1,
    kind,
    algorithm: typeof alg === "string" ? alg : null,
    signingKeyId: typeof kid === "string" ? kid : null,
    audience,
    audienceName: audience === null ? null : (audienceName(audience) ?? null),
    tenantId: textClaim(token, "tid") ?? null,
    clientId: textClaim(token, "appid") ?? textClaim(token, "azp") ?? null,
    appName: textClaim(token, "app_displayname") ?? null,
    user:
      textClaim(token, "upn") ??
      textClaim(token, "preferred_username") ??
      textClaim(token, "unique_name") ??
      null,
    issuedAt: instantClaim(token, "iat")?.toISOString() ?? null,
    expiresAt: instantClaim(token, "exp")?.toISOString() ?? null,
    permissions,
    warnings: warningsFor(cloud, token, kind, permissions, now),
    claims: Object.entries(token.claims).map(([name, value]) => ({
      name,
      value,
      meaning: claimMeanings.get(name) ?? null,
    })),
  };
}

/** An ID token names a user to the app that asked; it has neither scopes nor an app that acts. */
function kindOf(token: DecodedToken): TokenExplanation["kind"] {
  if (textClaim(token, "scp") !== undefined) return "delegated";
  const actingApp = textClaim(token, "appid") ?? textClaim(token, "azp");
  const hasRoles = rolesOf(token).length > 0;
  return actingApp === undefined && !hasRoles ? "id" : "app";
}

function warningsFor(
  { graph }: Cloud,
  token: DecodedToken,
  kind: TokenExplanation["kind"],
  permissions: readonly ExplainedPermission[],
  now: Date,
): TokenWarning[] {
  const warnings: TokenWarning[] = [];
  const expiresAt = instantClaim(token, "exp");
  const validFrom = instantClaim(token, "nbf");
  if (expiresAt !== undefined && expiresAt <= now) {
    warnings.push({ code: "EXPIRED", message: "It has expired: every API refuses it. Get a new one." });
  }
  if (validFrom !== undefined && validFrom > now) {
    warnings.push({ code: "NOT_YET_VALID", message: "It is not valid yet: is this machine's clock behind?" });
  }
  if (kind === "id") {
    warnings.push({
      code: "ID_TOKEN",
      message:
        "This is an ID token: it tells an app who signed in, and no API takes it. Use the access_token.",
    });
  } else if (!isForGraph(token)) {
    const audience = textClaim(token, "aud") ?? "no audience";
    warnings.push({
      code: "OTHER_AUDIENCE",
      message: `It is for ${audienceName(audience) ?? audience}; Microsoft Graph refuses it. For Graph, ask for the scope ${graph}/.default.`,
    });
  } else {
    warnings.push({
      code: "ONLY_GRAPH_VERIFIES",
      message: "Only Microsoft Graph can verify this token. Other services must not rely on its claims.",
    });
  }
  if (kind === "delegated") {
    warnings.push({
      code: "DELEGATED",
      message: "It acts for a signed-in user: what it may do is also bounded by what that user may do.",
    });
  }
  if (kind === "app" && permissions.length === 0) {
    warnings.push({
      code: "NO_PERMISSIONS",
      message: "It carries no permission. Was admin consent given, and before this token was issued?",
    });
  }
  for (const { name, takesOverTenant } of permissions) {
    if (takesOverTenant === null) continue;
    warnings.push({
      code: "TIER_ZERO",
      message: `${name} can take over the tenant (${takesOverTenant}): treat this token like an administrator's password.`,
    });
  }
  if (token.header["alg"] === "none") {
    warnings.push({ code: "UNSIGNED", message: "It is unsigned (alg none): anyone could have written it." });
  }
  return warnings;
}
