import type { AppEvidence, StackEvidence } from "../evidence";
import type { Finding } from "../report";
import { TokenRefused } from "../appToken";
import { notReached, refusalFacts } from "./explain";

const federationRepair =
  "The app does not trust this sign-in (any more), or has done so for less than some minutes: run again, then pulumi up --refresh.";

/** What to do about the codes that an operator meets; see the README's troubleshooting table. */
const repairs: Readonly<Record<string, string>> = {
  AADSTS7000215:
    "The vault's value is not one of the app's client secrets (or is the secret's ID). Publish a new one: npm run rotate -- --now",
  AADSTS7000222: "The client secret has expired. Publish a new one: npm run rotate -- --now",
  AADSTS700016:
    "The app was deleted, or the outputs are of another tenant. Run pulumi up and use its outputs.",
  AADSTS7000229: "The app has no service principal in this tenant. Run pulumi up, which makes it.",
  AADSTS90002: "The tenant does not exist. Take the outputs from the stack itself.",
  AADSTS70021: federationRepair,
  AADSTS700211: federationRepair,
  AADSTS700212: federationRepair,
  AADSTS700213: federationRepair,
  AADSTS7000112: "The app is disabled: enable it in the portal, Enterprise applications, Properties.",
};

/** `token`: Entra gives a token for what the app's consumers sign in by. */
export function checkToken(app: AppEvidence, { ifTrusted }: StackEvidence): Finding {
  if (app.outputs.signIn === "secret" && app.secret?.known === false) return notReached("vault-secret");
  if (app.token.known) {
    const { by, expiresInSeconds, waitedSeconds } = app.token.value;
    return {
      status: "pass",
      summary: `Entra accepts ${by}; the token lives ${Math.round(expiresInSeconds / 60)} min`,
      evidence: { expiresInSeconds, ...(waitedSeconds > 0 ? { waitedSeconds } : {}) },
    };
  }
  const { error } = app.token;
  if (!(error instanceof TokenRefused)) {
    const isUntrusted = error.code === "SIGN_IN_UNTRUSTED";
    return {
      status: isUntrusted && ifTrusted ? "skip" : "fail",
      summary: error.message,
      evidence: refusalFacts(error),
      repair: isUntrusted
        ? "Run npm run verify where one of these can sign in: in that workflow or on that Azure resource."
        : "Fix what the message names, then run again.",
    };
  }
  const { code, status, correlationId, timestamp, description } = error.refusal;
  return {
    status: "fail",
    summary: `the token endpoint refuses (${status} ${code}): ${firstSentence(description)}`,
    evidence: { status, code, correlationId: correlationId ?? null, timestamp: timestamp ?? null },
    repair:
      repairs[code] ??
      (code.startsWith("AADSTS")
        ? `Look the code up: https://login.microsoftonline.com/error?code=${code.slice("AADSTS".length)}`
        : "Something between here and Entra answered in its place: check HTTPS_PROXY and captive portals."),
  };
}

/** Entra's text without the trace that follows it, which is evidence of its own. */
function firstSentence(description: string): string {
  return description
    .replace(/\s+/g, " ")
    .replace(/ Trace ID: .*$/, "")
    .replace(/^AADSTS\d+: /, "");
}
