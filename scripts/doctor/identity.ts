import type { Cloud } from "../../core/cloud/clouds";
import { commandFix, onStack, personFix } from "../../core/fix";
import { shellWord } from "../../core/sinks";
import { azureCliToken } from "../../azure/azureCliToken";
import { textClaim } from "../../azure/tokenClaims";
import { OperatorError } from "../../core/errors";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { fail, pass, warn } from "./finding";

/** Which identity the scripts and the engine's providers sign in as, and whether it is the same one. */
export async function checkIdentity(context: DoctorContext): Promise<Finding> {
  const { identity, graphToken, callerObjectId } = context;
  if (!identity.known) {
    return fail(identity.error.message, personFix("identity.sign-in", "Correct the ARM_* variables."));
  }
  const scripts = identity.value.description;
  if (!graphToken.known) {
    const fix = personFix("identity.sign-in", "Sign in: az login, or set the ARM_* variables.");
    return fail(graphToken.error.message, fix, { scripts });
  }
  const name =
    textClaim(graphToken.value, "upn") ??
    textClaim(graphToken.value, "app_displayname") ??
    textClaim(graphToken.value, "appid") ??
    "unnamed";
  const who = `${name}, object ${callerObjectId ?? "unknown"}`;
  const engine = await engineIdentity(context);
  const evidence = {
    scripts,
    engine: engine.description,
    objectId: callerObjectId ?? null,
    tenantId: textClaim(graphToken.value, "tid") ?? null,
  };
  if (engine.objectId !== undefined && engine.objectId !== callerObjectId) {
    return warn(
      `the scripts sign in as ${who}, the engine as object ${engine.objectId} (${engine.description})`,
      personFix(
        "identity.one",
        "Make them one, unless it is meant: unset AZURE_* variables, or set ARM_CLIENT_ID, ARM_TENANT_ID and ARM_CLIENT_SECRET.",
      ),
      evidence,
    );
  }
  if (engine.settings.length > 0) {
    return warn(
      `the scripts sign in as ${who}; the engine by ${engine.description}`,
      commandFix(
        "identity.engine-settings",
        "Take the sign-in out of the stack's settings, and use ARM_* variables for both",
        ...engine.settings.map((key) => onStack(`pulumi config rm ${shellWord(key)}`, context.stack)),
      ),
      evidence,
    );
  }
  return pass(`${who}, for the engine and the scripts`, evidence);
}

interface EngineIdentity {
  readonly description: string;
  readonly objectId?: string;
  /** Keys in the stack file that are another way to sign in, as whom cannot be told. */
  readonly settings: readonly string[];
}

const providerKeys = [
  "clientId",
  "clientSecret",
  "useMsi",
  "useOidc",
  "clientCertificatePath",
  "clientCertPath",
];

/** The providers take their own settings first, then `ARM_*`, then the Azure CLI, and nothing else. */
async function engineIdentity({ world, client, file, identity }: DoctorContext): Promise<EngineIdentity> {
  const own = file.known
    ? [...Object.keys(file.value.values), ...file.value.secretKeys].filter((key) =>
        providerKeys.some((name) => key === `azure-native:${name}` || key === `azuread:${name}`),
      )
    : [];
  if (own.length > 0) return { description: `settings of the providers (${own.join(", ")})`, settings: own };
  if (identity.known && identity.value.kind !== "default") {
    return { description: identity.value.description, settings: [] };
  }
  if (/^(?:1|true)$/i.test(world.env["ARM_USE_MSI"] ?? "")) {
    return { description: "managed identity (ARM_USE_MSI)", settings: [] };
  }
  const objectId = await azureCliObjectId(client.cloud, world);
  return {
    description: "the Azure CLI's sign-in",
    settings: [],
    ...(objectId === undefined ? {} : { objectId }),
  };
}

/** Who the Azure CLI is signed in as, by what its token says. */
async function azureCliObjectId(
  cloud: Cloud,
  { runTool }: DoctorContext["world"],
): Promise<string | undefined> {
  try {
    const token = await azureCliToken(runTool, cloud);
    return token === undefined ? undefined : textClaim(token.decode(), "oid");
  } catch (error) {
    if (error instanceof OperatorError) return undefined;
    throw error;
  }
}
