import { commandFix, ownCommand, personFix, refreshCommand, type Fix } from "../../../core/fix";
import { azureRoles } from "../../../core/access/azureRoles";
import type { OperatorError } from "../../../core/errors";
import { configKey } from "../../../core/settings/settingsFaults";
import { ServiceRefusal } from "../../../azure/serviceRefusal";
import { shellFlag } from "../../../core/sinks";
import type { AppEvidence, StackEvidence } from "../evidence";
import type { Finding } from "../report";
import { TokenRefused } from "../appToken";
import { isUnreadable, notReached, refusalFacts } from "./explain";

/** What to do about the codes that an operator meets; see docs/troubleshooting.md. */
function refusalFix(code: string, { name }: AppEvidence, { cloud, stackName }: StackEvidence): Fix {
  const rotate = ownCommand("rotate", stackName, shellFlag("app", name), "--now");
  const refresh = refreshCommand(stackName);
  switch (code) {
    case "AADSTS7000215":
      return commandFix(
        "token.wrong-secret",
        "The vault's value is not one of the app's client secrets (or is the secret's ID). Publish a new one",
        rotate,
      );
    case "AADSTS700027":
      return commandFix(
        "token.wrong-secret",
        "The app has no certificate of the vault's key, or it has expired. Publish a new one",
        rotate,
      );
    case "AADSTS7000222":
      return commandFix("token.expired", "The client secret has expired. Publish a new one", rotate);
    case "AADSTS700016":
      return commandFix(
        "token.app-gone",
        "The app is gone, unless the outputs are another tenant's. Make it again, with a new client ID",
        refresh,
      );
    case "AADSTS7000229":
      return commandFix(
        "token.no-service-principal",
        "The app has no service principal in this tenant. Make it again",
        refresh,
      );
    case "AADSTS70021":
    case "AADSTS700211":
    case "AADSTS700212":
    case "AADSTS700213":
      return commandFix(
        "token.no-trust",
        "The app does not accept this sign-in any more, or only since some minutes ago: then run this again. Otherwise",
        refresh,
      );
    case "AADSTS90002":
      return personFix("token.tenant", "The tenant does not exist. Take the outputs from the stack itself.");
    case "AADSTS7000112":
      return personFix(
        "token.disabled",
        "The app is disabled. Find out why, then enable it: portal, Enterprise applications, Properties.",
      );
    default:
      return code.startsWith("AADSTS")
        ? personFix(
            "token.unknown",
            `Look the code up: ${cloud.authority}/error?code=${code.slice("AADSTS".length)}`,
          )
        : personFix(
            "token.interception",
            "Something between here and Entra answered instead of it: check HTTPS_PROXY and captive portals.",
          );
  }
}

/** `token`: Entra gives a token for what the app's consumers sign in by. */
export function checkToken(app: AppEvidence, stack: StackEvidence): Finding {
  if (isUnreadable(app)) return notReached("vault-secret");
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
      status: isUntrusted && stack.ifTrusted ? "skip" : "fail",
      summary: error.message,
      evidence: refusalFacts(error),
      fixes: [
        isUntrusted
          ? personFix(
              "token.elsewhere",
              "Run npm run verify where one of these signs in: in that workflow or on that Azure resource.",
            )
          : mayNotSign(error)
            ? personFix(
                "token.signer",
                `Verify as one of the certificate's signers, or make this identity one: { id: ${stack.callerObjectId ?? "<object id>"}, type: ServicePrincipal } in ` +
                  `${configKey(["apps", app.name, "readers"])}, which gives it ${azureRoles.cryptoUser.name} at the key, then pulumi up.`,
              )
            : personFix("token.unknown", "Correct what the message names, then run this again."),
      ],
    };
  }
  const { code, status, correlationId, timestamp, description } = error.refusal;
  return {
    status: "fail",
    summary: `the token endpoint refuses (${status} ${code}): ${firstSentence(description)}`,
    evidence: { status, code, correlationId: correlationId ?? null, timestamp: timestamp ?? null },
    fixes: [refusalFix(code, app, stack)],
  };
}

function mayNotSign(error: OperatorError): boolean {
  return error instanceof ServiceRefusal && error.serviceCode === "ForbiddenByRbac";
}

/** Entra's text without the trace that follows it, which is evidence of its own. */
function firstSentence(description: string): string {
  return description
    .replace(/\s+/g, " ")
    .replace(/ Trace ID: .*$/, "")
    .replace(/^AADSTS\d+: /, "");
}
