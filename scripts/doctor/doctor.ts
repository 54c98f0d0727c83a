import { type IdentityKey, identityKeys } from "../../core/access/rights";
import type { Finding } from "../verify/report";
import { inParallel } from "../../core/inParallel";
import type { LoadDefaultCredential } from "../../azure/signIn";
import { withoutSecrets } from "../shared/stackFile";
import { selectedStack } from "../shared/engines/pulumiCli";
import type { World } from "../shared/world";
import { checkAzureRights } from "./azureRights";
import { doctorContext, type DoctorContext } from "./context";
import { checkDeployed } from "./deployed";
import { checkExistingGrants, checkSameName } from "./existingApps";
import { doctorCheckIds, type DoctorCheckId, type DoctorReport } from "./finding";
import { checkGitHubEnvironment } from "./gitHubEnvironment";
import { checkGraphRights } from "./graphRights";
import { checkIdentity } from "./identity";
import { checkKeyVaultApi } from "./keyVaultApi";
import { checkClock, checkNetwork } from "./network";
import { checkOpenAccess } from "./openAccess";
import { checkPublished } from "./otherProgram";
import { checkPermissionNames } from "./permissionNames";
import { checkPowerPlatform } from "./powerPlatform";
import { checkReaders } from "./readers";
import { checkResourceProviders } from "./resourceProviders";
import { checkSecretPolicy } from "./secretPolicy";
import { checkStackSettings } from "./settings";
import { checkNode, checkPulumi } from "./tools";
import { checkVaultFirewall, checkVaultName } from "./vault";
import { jsonText } from "../../core/sinks";
import { UsageError, type ExitCode, type Flags } from "../shared/command";
import { findingLines } from "../verify/findingLines";

/** Carries out `npm run doctor`. */
export async function runDoctor(flags: Flags, world: World): Promise<ExitCode> {
  const report = world.words(await examine(world, flags.text("stack"), readWho(flags.text("for"))));
  if (flags.on("json")) {
    world.print(jsonText(report));
  } else {
    for (const line of findingLines(report.checks, world.colours)) world.print(line);
    world.print("");
    world.print(
      report.ready
        ? `READY: ${report.who === "deployer" ? "pulumi up" : `the ${report.who}`} has what it needs.`
        : "NOT READY: fix the failed checks, then run this again.",
    );
  }
  return report.ready ? 0 : 1;
}

function readWho(text = "deployer"): IdentityKey {
  const who = identityKeys.find((key) => key === text);
  if (who === undefined) throw new UsageError(`--for ${text}: it is one of ${identityKeys.join(", ")}.`);
  return who;
}

type DoctorCheck = (context: DoctorContext) => Finding | Promise<Finding>;

const checks: Readonly<Record<DoctorCheckId, DoctorCheck>> = {
  node: () => checkNode(process.version),
  pulumi: checkPulumi,
  "key-vault-api": checkKeyVaultApi,
  settings: (context) => (context.world.inOtherProgram ? checkPublished : checkStackSettings)(context),
  "open-access": checkOpenAccess,
  network: checkNetwork,
  clock: checkClock,
  identity: checkIdentity,
  "github-environment": checkGitHubEnvironment,
  "graph-rights": checkGraphRights,
  "azure-rights": checkAzureRights,
  "resource-providers": checkResourceProviders,
  "permission-names": checkPermissionNames,
  "same-name": checkSameName,
  "existing-grants": checkExistingGrants,
  "secret-policy": checkSecretPolicy,
  deployed: checkDeployed,
  "vault-name": checkVaultName,
  "vault-firewall": checkVaultFirewall,
  "power-platform": checkPowerPlatform,
  readers: checkReaders,
};

/** Everyone stumbles over these. */
const common: readonly DoctorCheckId[] = [
  "node",
  "settings",
  "network",
  "clock",
  "identity",
  "github-environment",
];

/** What each identity's own work can stumble over. */
const checksOf: Readonly<Record<IdentityKey, readonly DoctorCheckId[]>> = {
  deployer: doctorCheckIds,
  granter: [...common, "graph-rights", "permission-names"],
  rotator: [...common, "pulumi", "graph-rights", "azure-rights", "deployed", "vault-firewall", "readers"],
  verifier: [...common, "azure-rights", "vault-firewall", "readers"],
};

/**
 * Looks at everything that an identity's work stumbles over, a first `pulumi up` before all; changes nothing.
 *
 * @param stack Default: the one that is selected, else `dev`.
 * @param who Whose work the signed-in identity is to do. Default: the deployer's.
 * @param loadDefault How `DefaultAzureCredential` is loaded; default: from its library.
 */
export async function examine(
  world: World,
  stack?: string,
  who: IdentityKey = "deployer",
  loadDefault?: LoadDefaultCredential,
): Promise<DoctorReport> {
  const context = await doctorContext(world, stack ?? (await selectedStack(world)), who, loadDefault);
  const ids = doctorCheckIds.filter((id) => checksOf[who].includes(id));
  const results = await inParallel(ids, ids.length, async (id) => ({
    id,
    ...(await checks[id](context)),
  }));
  return {
    schemaVersion: 1,
    ready: !results.some(({ status }) => status === "fail"),
    stack: context.stack,
    who,
    checks: withoutSecrets(results, context.file.known ? context.file.value.secrets : []),
  };
}
