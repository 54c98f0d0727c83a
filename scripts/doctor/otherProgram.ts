import { isIpv4Range } from "../../core/vault/ipv4Range";
import type { StackOutputs } from "../../core/outputs/stackOutputs";
import { tierZeroPermissions } from "../../core/permissions/tierZero";
import { judgeSettings, type JudgedSettings } from "../../core/settings/settings";
import { personFix } from "../../core/fix";
import type { VaultResource } from "../../azure/arm";
import type { OperatorError } from "../../core/errors";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { fail, pass, warn } from "./finding";

/**
 * The settings with which this project would deploy what a program of another project has deployed. So the checks of settings look at
 * it as well. Readers are not among its outputs.
 *
 * @param vault Undefined where it could not be read.
 */
export function publishedSettings(outputs: StackOutputs, vault: VaultResource | undefined): JudgedSettings {
  const { environmentId, agents } = outputs.powerPlatform;
  const apps = Object.entries(outputs.apps);
  return judgeSettings({
    apps: Object.fromEntries(
      apps.map(([name, { displayName, permissions, apis, sites, signIn, federated }]) => [
        name,
        {
          displayName,
          permissions,
          ...(apis === undefined
            ? {}
            : { apis: Object.fromEntries(apis.map((api) => [api.clientId, api.permissions])) }),
          ...(sites === undefined ? {} : { sites: sites.map(({ url, role }) => ({ url, role })) }),
          credential: signIn,
          federated: federated.map(({ issuer, subject, audience }) => ({ issuer, subject, audience })),
        },
      ]),
    ),
    rotation: outputs.rotation,
    vault: {
      name: outputs.vaultName,
      allowedIpRanges: (vault?.properties.networkAcls?.ipRules ?? [])
        .map(({ value }) => value)
        .filter(isIpv4Range),
    },
    owners: apps[0]?.[1].owners ?? [],
    protect: false,
    powerPlatform: { ...(environmentId === undefined ? {} : { environmentId }), agents },
    // What is deployed was accepted.
    acceptTierZero: [
      ...new Set(
        apps.flatMap(([, { permissions }]) => permissions.filter((one) => tierZeroPermissions.has(one))),
      ),
    ],
  });
}

/** What the program's stack publishes. A program of another project has no settings to judge. */
export function checkPublished({ stack, outputs }: DoctorContext): Finding {
  if (outputs.known) {
    const apps = Object.keys(outputs.value.apps);
    return pass(`stack ${stack} publishes ${apps.join(", ")}`, { stack, apps });
  }
  return isNothingYet(outputs.error)
    ? warn(
        `stack ${stack} publishes no app yet, so permissions, names, vault and credentials were not looked at`,
        personFix(
          "details.export",
          "See what pulumi preview says, in which GraphApp checks its arguments. Export its output details under any name, deploy, then run this again.",
        ),
        { stack },
      )
    : fail(
        `stack ${stack}: ${outputs.error.message}`,
        personFix("details.export", "Export the output details of GraphApp under any name, and deploy."),
        { stack },
      );
}

function isNothingYet({ code }: OperatorError): boolean {
  return code === "OUTPUTS_MISSING" || code === "STACK_MISSING";
}
