import * as pulumi from "@pulumi/pulumi";
import type { Adoption } from "../components/appRegistration";
import type { Fault } from "../../core/errors";
import {
  adoptionNotice,
  grantsBeyond,
  grantsToTakeOver,
  type ExistingApp,
  type ExistingGrant,
} from "../../core/permissions/existingApps";
import type { AppRole, GraphPermissions } from "../../core/permissions/permissions";
import type { PreviousApp } from "../../core/outputs/previousApps";
import type { AppSettings } from "../../core/settings/settings";
import { configKey, removeCommand } from "../../core/settings/settingsFaults";
import type { Directory } from "./directory";

/** What an app's resources take over instead of making it. */
export interface TakeOver {
  readonly adoption?: Adoption;
  /** Assignment IDs by permission name. */
  readonly existingGrantIds: Readonly<Record<string, string>>;
}

export interface TakeOverQuestion {
  readonly name: string;
  readonly app: AppSettings;
  readonly roles: readonly AppRole[];
  readonly previous: PreviousApp | undefined;
  readonly graph: GraphPermissions;
}

/**
 * Looks for what the tenant already has of an app. A stack whose permissions all stem from earlier runs asks
 * nothing.
 */
export async function findTakeOver(
  { name, app, roles, previous, graph }: TakeOverQuestion,
  directory: Directory,
): Promise<TakeOver | Fault> {
  if (app.adopt !== undefined && previous?.applicationObjectId !== app.adopt.toLowerCase()) {
    if (previous !== undefined) return adoptFault(name, app.adopt, otherAppReason(previous));
    const existing = await directory.application(app.adopt);
    return existing === undefined
      ? adoptFault(
          name,
          app.adopt,
          "The tenant has no application with this object ID (it is not the client ID).",
        )
      : await adopt(name, existing, roles, graph, directory);
  }
  const unknown = roles.filter((role) => previous?.permissions.includes(role.name) !== true);
  if (unknown.length === 0) return { existingGrantIds: {} };
  const principal =
    previous?.servicePrincipalObjectId ??
    (await onlyOneNamed(app.identity ?? app.displayName ?? name, directory));
  const grants = principal === undefined ? [] : await directory.grantsOf(principal, graph.graphObjectId);
  const existingGrantIds = grantsToTakeOver(unknown, grants);
  if (Object.keys(existingGrantIds).length > 0) {
    void pulumi.log.info(
      `${name}: already granted in the tenant, and taken over: ${Object.keys(existingGrantIds).join(", ")}.`,
    );
  }
  return { existingGrantIds };
}

/** What a first run that failed may have left behind: azuread lets no second app have the name. */
async function onlyOneNamed(displayName: string, directory: Directory): Promise<string | undefined> {
  const [only, ...others] = await directory.servicePrincipalsNamed(displayName);
  return others.length === 0 ? only?.objectId : undefined;
}

async function adopt(
  name: string,
  existing: ExistingApp,
  roles: readonly AppRole[],
  graph: GraphPermissions,
  directory: Directory,
): Promise<TakeOver> {
  const { applicationObjectId, servicePrincipalObjectId } = existing;
  const grants: readonly ExistingGrant[] =
    servicePrincipalObjectId === undefined
      ? []
      : await directory.grantsOf(servicePrincipalObjectId, graph.graphObjectId);
  void pulumi.log.info(adoptionNotice(name, existing, grantsBeyond(roles, grants, graph.appRoleIds)));
  return {
    adoption:
      servicePrincipalObjectId === undefined
        ? { applicationObjectId }
        : { applicationObjectId, servicePrincipalObjectId },
    existingGrantIds: grantsToTakeOver(roles, grants),
  };
}

function otherAppReason({ applicationObjectId = "" }: PreviousApp): string {
  return (
    `This stack has already made the app with object ID ${applicationObjectId} under this key. ` +
    "Adopt the other one under a key of its own."
  );
}

function adoptFault(name: string, adopted: string, reason: string): Fault {
  const path = ["apps", name, "adopt"];
  return {
    code: "ADOPT_IMPOSSIBLE",
    key: configKey(path),
    value: JSON.stringify(adopted),
    reason,
    repair: removeCommand(path),
  };
}
