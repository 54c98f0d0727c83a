import { fixesText } from "../../core/fix";
import { logText } from "../../core/sinks";
import * as pulumi from "@pulumi/pulumi";
import type { Adoption } from "../components/appRegistration";
import type { Cloud } from "../../core/cloud/clouds";
import type { Fault } from "../../core/errors";
import {
  adoptionNotice,
  adoptionObstacle,
  claimOn,
  grantsBeyond,
  nameConflict,
  notOursReason,
  type ExistingApp,
  type ExistingApplication,
} from "../../core/permissions/existingApps";
import { consentBeyond, consentObstacle } from "../../core/permissions/existingConsents";
import { ownershipOf } from "../../core/ownershipMark";
import type { AppRole, GraphPermissions } from "../../core/permissions/permissions";
import type { AppOutputs } from "../../core/outputs/stackOutputs";
import type { RegisteredAppSettings } from "../../core/settings/settings";
import { configKey, removeCommand } from "../../core/settings/settingsFaults";
import type { Directory } from "./directory";
import { findHalfMadeApp } from "./unrecorded";

/** What the tenant has already of an app. */
export interface AppAdoption {
  /** Imported instead of made. */
  readonly adoption?: Adoption;
  /** Tags on what is there: those that others wrote stay. */
  readonly tags: { readonly application: readonly string[]; readonly servicePrincipal: readonly string[] };
}

export const nothingToAdopt: AppAdoption = { tags: { application: [], servicePrincipal: [] } };

export interface AdoptionQuestion {
  readonly cloud: Cloud;
  /** Says a text for a reader of this program. */
  readonly words: (text: string) => string;
  readonly name: string;
  readonly app: RegisteredAppSettings;
  readonly roles: readonly AppRole[];
  readonly previous: AppOutputs | undefined;
  readonly graph: GraphPermissions;
  /** Undefined in a preview of a stack that has none yet, so that no mark can be its own. */
  readonly stackId: string | undefined;
  readonly callerObjectId: string;
  /** Object IDs that the stack makes owners. */
  readonly ownerObjectIds: readonly string[];
}

/**
 * Looks for what the tenant has already of an app, and whose it is. What is in the stack's state is found by its ID; what
 * the settings adopt, by the ID that they name; what a killed run left, by the stack's mark.
 */
export async function findAppAdoption(
  question: AdoptionQuestion,
  directory: Directory,
): Promise<AppAdoption | Fault> {
  const { name, app, previous } = question;
  if (app.adopt !== undefined && previous?.applicationObjectId !== app.adopt.toLowerCase()) {
    if (previous !== undefined) return adoptFault(name, app.adopt, otherAppReason(previous));
    const existing = await directory.application(app.adopt);
    return existing === undefined
      ? adoptFault(
          name,
          app.adopt,
          "The tenant has no application with this object ID (it is not the client ID).",
        )
      : await adopt(existing, app.adopt, question, directory);
  }
  return previous?.applicationObjectId === undefined
    ? await newApp(question, directory)
    : await knownApp(previous.applicationObjectId, question, directory);
}

/** An app of an earlier run: it must not have become another stack's. */
async function knownApp(
  applicationObjectId: string,
  { name, stackId }: AdoptionQuestion,
  directory: Directory,
): Promise<AppAdoption | Fault> {
  const existing = await directory.application(applicationObjectId);
  if (existing === undefined) return nothingToAdopt;
  const ownership = ownershipOf(existing.tags, stackId);
  if (ownership.kind !== "otherStack") return { tags: tagsOf(existing) };
  return {
    code: "APP_NOT_OURS",
    key: configKey(["apps", name]),
    value: existing.displayName,
    reason: notOursReason(existing, ownership),
    repair: removeCommand(["apps", name]),
  };
}

/** An app that the stack has yet to make: what a killed run made of it is adopted, and its name must be free. */
async function newApp(question: AdoptionQuestion, directory: Directory): Promise<AppAdoption | Fault> {
  const { cloud, name, app, stackId, callerObjectId, ownerObjectIds } = question;
  const displayName = app.displayName ?? name;
  const ownOwners = [callerObjectId, ...ownerObjectIds];
  const [halfMade, namesakes] = await Promise.all([
    stackId === undefined ? undefined : findHalfMadeApp({ stackId, resource: name, ownOwners }, directory),
    directory.applicationsNamed(displayName),
  ]);
  if (halfMade !== undefined) {
    return { adoption: { ...adoptionOf(halfMade), isHalfMade: true }, tags: tagsOf(halfMade) };
  }
  for (const namesake of namesakes) {
    const claim = claimOn(namesake, stackId, callerObjectId);
    // In the state, or else azuread refuses the name.
    if (claim.kind === "ours") continue;
    const conflict = nameConflict({ app: name, stack: pulumi.getStack() }, namesake, claim, cloud);
    return {
      code: "APP_NAME_TAKEN",
      key: configKey(["apps", name]),
      value: JSON.stringify(displayName),
      ...conflict,
      repair: fixesText(conflict.fixes),
    };
  }
  return nothingToAdopt;
}

async function adopt(
  existing: ExistingApp,
  adopted: string,
  { cloud, words, name, app, roles, graph, stackId, callerObjectId }: AdoptionQuestion,
  directory: Directory,
): Promise<AppAdoption | Fault> {
  const obstacle = adoptionObstacle(existing, claimOn(existing, stackId, callerObjectId), cloud);
  if (obstacle !== undefined) return adoptFault(name, adopted, obstacle);
  const { servicePrincipal } = existing;
  const grants =
    servicePrincipal === undefined
      ? []
      : await directory.grantsOf(servicePrincipal.servicePrincipalObjectId, graph.graphObjectId);
  const { delegated, userSignIn } = app;
  if (delegated !== undefined && servicePrincipal !== undefined) {
    const consents = await directory.consentsOf(
      servicePrincipal.servicePrincipalObjectId,
      graph.graphObjectId,
    );
    const beyond = consentObstacle(consentBeyond(consents, delegated, userSignIn?.users ?? []));
    if (beyond !== undefined) return adoptFault(name, adopted, beyond);
  }
  void pulumi.log.info(
    logText(words(adoptionNotice(name, existing, grantsBeyond(roles, grants, graph.appRoleIds)))),
  );
  return { adoption: adoptionOf(existing), tags: tagsOf(existing) };
}

function adoptionOf({ applicationObjectId, servicePrincipal }: ExistingApp): Adoption {
  return servicePrincipal === undefined
    ? { applicationObjectId }
    : { applicationObjectId, servicePrincipalObjectId: servicePrincipal.servicePrincipalObjectId };
}

function tagsOf({ tags, servicePrincipal }: Pick<ExistingApp, "servicePrincipal"> & ExistingApplication) {
  return { application: tags, servicePrincipal: servicePrincipal?.tags ?? [] };
}

function otherAppReason({ applicationObjectId = "" }: AppOutputs): string {
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
