import type { Cloud } from "../../core/cloud/clouds";
import * as azuread from "@pulumi/azuread";
import * as pulumi from "@pulumi/pulumi";
import * as z from "zod/mini";
import { objectIdIn } from "../../core/adoption/whereabouts";
import {
  grantsGivenAgain,
  grantsGivenAgainNotice,
  grantsToImport,
  grantsToAdopt,
  type ExistingGrant,
} from "../../core/permissions/existingApps";
import type { AppRole } from "../../core/permissions/permissions";
import type { Settings } from "../../core/settings/settings";
import { isKnown, valueIfKnown } from "../known";
import { readRecorded, type Recorded } from "../plan/tenant";

export interface AdminConsentArgs {
  /** Object ID of the service principal that receives the permissions (not its client ID). */
  principalObjectId: pulumi.Input<string>;
  /** Object ID of Microsoft Graph's service principal; it differs from tenant to tenant. */
  resourceObjectId: string;
  /** App roles to grant. Plain values, not Inputs: each name becomes part of a child's identity. */
  roles: AppRole[];
  /**
   * App roles of the resource that the tenant grants to the principal already. Those that the state lacks are imported, since Graph
   * refuses to grant them again. Default: none; so it is where the value is not known in a preview.
   */
  existingGrants?: pulumi.Input<ExistingGrant[]>;
}

export interface AdminConsentOptions extends pulumi.ComponentResourceOptions {
  /** What the state holds as the run begins. Default: nothing. */
  recorded?: Recorded | undefined;
}

/** Grants app roles to a service principal: the portal's "Grant admin consent" button. */
export class AdminConsent extends pulumi.ComponentResource {
  /** Permissions that are granted when the run ends; in a preview all that it is to grant. */
  readonly granted: pulumi.Output<string[]>;

  constructor(
    name: string,
    args: AdminConsentArgs,
    { recorded = new Map(), ...opts }: AdminConsentOptions = {},
  ) {
    // A service principal that is still to be made holds nothing.
    const existing = valueIfKnown(pulumi.output(args.existingGrants ?? [])).then((grants = []) => grants);
    const givenAgain = existing.then((grants) =>
      grantsGivenAgain(args.roles, grants, assignmentsIn(recorded, name)),
    );
    // Another value in each such run: see refreshed().
    const lookedAt = givenAgain.then((again) => again && new Date().toISOString());
    super(consentType, name, { givenAgain, lookedAt }, opts);

    const registered = Promise.all([existing, givenAgain]).then(async ([grants, again]) => {
      const held = again === undefined ? recorded : await this.refreshed();
      const missing = grantsToImport(name, args.roles, grants, [...held.keys()]);
      const stale = Object.entries(again ?? {}).flatMap(([permission, id]) =>
        missing.some(({ assignmentId }) => assignmentId === id) ? [] : [permission],
      );
      if (stale.length > 0)
        void pulumi.log.warn(grantsGivenAgainNotice(name, stale, pulumi.getStack()), this);
      const importIds = grantsToAdopt(args.roles, missing);
      return Promise.all(args.roles.map((role) => this.grant(name, role, args, importIds[role.name])));
    });
    this.granted = pulumi.output(
      registered.then((grants) => grants.flat().map(([permission]) => permission)),
    );
    this.registerOutputs({
      granted: this.granted,
      assignments: registered.then((grants) => Object.fromEntries(grants.flat())),
    });
  }

  /**
   * What the state holds now. A refresh at the beginning of a run is written to the state's file only with the next change,
   * and this component's inputs are one.
   *
   * @see https://github.com/pulumi/pulumi/blob/v3.260.0/pkg/backend/snapshot.go `refreshSnapshotMutation` (read 2026-11)
   */
  private async refreshed(): Promise<Recorded> {
    await isKnown(this.urn);
    return readRecorded();
  }

  /** @returns the permission's name and its assignment's ID, empty in a preview, when it is granted. */
  private async grant(
    name: string,
    role: AppRole,
    { principalObjectId, resourceObjectId }: AdminConsentArgs,
    assignmentId: string | undefined,
  ): Promise<[permission: string, assignmentId: string][]> {
    // Graph takes a grant once, so a replacement (by another granter) cannot come first.
    const options = { parent: this, deleteBeforeReplace: true };
    const assignment = new azuread.AppRoleAssignment(
      `${name}-${role.name}`,
      { appRoleId: role.appRoleId, principalObjectId, resourceObjectId },
      assignmentId === undefined
        ? options
        : { ...options, import: `/servicePrincipals/${resourceObjectId}/appRoleAssignedTo/${assignmentId}` },
    );
    const id = await valueIfKnown(assignment.id);
    if (id === undefined) return pulumi.runtime.isDryRun() ? [[role.name, ""]] : [];
    return [[role.name, objectIdIn(id)]];
  }
}

/** Assignment IDs by permission, as the last run that ended well left them in the state. */
function assignmentsIn(recorded: Recorded, name: string): Readonly<Record<string, string>> {
  const [, consent] = [...recorded].find(([urn]) => urn.endsWith(`${consentType}::${name}`)) ?? [];
  return consentShape.safeParse(consent).data?.outputs.assignments ?? {};
}

const consentType = "copilot-token:infra:AdminConsent";
const consentShape = z.object({ outputs: z.object({ assignments: z.record(z.string(), z.string()) }) });

/**
 * The identity that gives admin consent: the deployer, or a separate granter that may do nothing else. The granter signs
 * in only by federation: a provider's settings are part of the stack's state, and a secret would be too. It signs in at
 * every run that does not exclude the consents, even if there is nothing to grant.
 *
 * @param granter Without a client ID, the deployer gives consent.
 */
export function granterOptions(
  { clientId }: Settings["granter"],
  tenantId: string,
  cloud: Cloud,
): pulumi.ComponentResourceOptions {
  if (clientId === undefined) return {};
  // A provider of its own does not read the stack's azuread:environment.
  const environment = cloud.name === "public" ? {} : { environment: cloud.providers.azuread };
  const args = { clientId, tenantId, useOidc: true, ...environment };
  return { providers: { azuread: new azuread.Provider("granter", args) } };
}
