import { judgeSettings, type Reader } from "../../core/settings/settings";
import { ownershipFault } from "../../core/access/ownership";
import { parseStackName, stackNameRule } from "../../core/stackName";
import { nearestNames } from "../../core/permissions/nearestNames";
import type { Known } from "../shared/known";
import type { Question, Verdict } from "./question";
import type { Caller, TenantView } from "./tenantView";
import { usual } from "./usual";

/** @param selected The stack that the Pulumi CLI has selected. */
export function stackQuestion(selected: string | undefined): Question {
  return {
    flag: "stack",
    text: "Stack",
    takesMany: false,
    usual: [selected ?? usual.stack],
    judge: single((name) => (parseStackName(name) === undefined ? [`"${name}": ${stackNameRule}`] : [])),
  };
}

/**
 * Azure takes "West Europe" too; settings and other tools compare the short form.
 *
 * @param known Names of the locations that there are.
 */
export function locationQuestion(present: string | undefined, known: Known<readonly string[]>): Question {
  return {
    flag: "location",
    text: "Azure location of the vault",
    takesMany: false,
    usual: [present ?? usual.location],
    ...(known.known ? { suggestions: known.value } : {}),
    judge: (values) => {
      const verdict = single((given) => locationFaults(given, known))(values);
      if (verdict.values !== undefined) return { values: verdict.values.map(shortLocation) };
      const nearest = nearestLocations(values[0] ?? "", known).slice(0, 1);
      return nearest.length === 0 ? verdict : { ...verdict, instead: nearest };
    },
  };
}

function locationFaults(given: string, known: Known<readonly string[]>): string[] {
  if (!/^[a-z]+[0-9]?$/.test(shortLocation(given))) {
    return [
      `"${given}": A location's name has letters, and one digit at its end at most, such as westeurope; "West Europe" will do too.`,
    ];
  }
  if (!known.known || known.value.includes(shortLocation(given))) return [];
  const nearest = nearestLocations(given, known);
  return [
    `"${given}": The subscription has no such location${nearest.length === 0 ? "" : `; nearest: ${nearest.join(", ")}`}. ` +
      "All of them: az account list-locations --query [].name -o tsv",
  ];
}

function nearestLocations(given: string, known: Known<readonly string[]>): string[] {
  return known.known ? nearestNames(shortLocation(given), known.value) : [];
}

function shortLocation(given: string): string {
  return given.replace(/\s/g, "").toLowerCase();
}

export function appQuestion(present: string | undefined): Question {
  return {
    flag: "app",
    text: "App: its key here and its name in Entra",
    takesMany: false,
    usual: [present ?? usual.app],
    judge: single((app) => faultsIn({ apps: { [app]: { permissions: usual.permissions } } })),
  };
}

/** An identity is given as `object ID:kind`; the kind may be left out where the tenant can be asked. */
export function readersQuestion(present: readonly Reader[], tenant: TenantView): Question<Reader> {
  return {
    flag: "reader",
    text: "Readers of the secret, by object ID",
    takesMany: true,
    usual: present.map(({ id, type }) => `${id}:${type}`),
    judge: async (texts) => {
      const given = texts.map((text) => text.split(":")).map(([id = "", type]) => ({ id, type }));
      const wrongIds = faultsIn({ vault: { readers: given.map(({ id }) => ({ id, type: "User" })) } });
      if (wrongIds.length > 0) return { faults: wrongIds };
      const types = await tenant.typesOf(given.flatMap(({ id, type }) => (type === undefined ? [id] : [])));
      const readers = given.map(({ id, type }) => ({ id, type: type ?? types.get(id) ?? "unknown" }));
      const judged = judgeSettings({ vault: { readers } });
      if (judged.settings !== undefined) return { values: judged.settings.vault.readers };
      return {
        faults: readers.flatMap(({ id, type }) =>
          faultsIn({ vault: { readers: [{ id, type }] } }).map(
            () =>
              `${id}: Say which kind of identity it is: ${id}:User, ${id}:Group or ${id}:ServicePrincipal.`,
          ),
        ),
      };
    },
  };
}

/** @param caller The signed-in identity; a service principal is most likely the deployer. */
export function ownersQuestion(present: readonly string[], caller: Known<Caller>): Question {
  return {
    flag: "owner",
    text: "Owners of the app, by object ID",
    takesMany: true,
    usual: present,
    judge: (values) => {
      const faults = faultsIn({ owners: values });
      const ownership =
        faults.length === 0 && caller.known
          ? ownershipFault(values, {
              objectId: caller.value.objectId,
              isApplication: caller.value.type === "ServicePrincipal",
              holds: caller.value.holds,
            })
          : undefined;
      return verdictOf(
        values,
        ownership === undefined ? faults : [`${ownership.value}: ${ownership.reason}`],
      );
    },
  };
}

export function emailQuestion(present: string | undefined): Question {
  return {
    flag: "email",
    text: "E-mail address to warn before a secret expires",
    takesMany: false,
    usual: present === undefined ? [] : [present],
    judge: (values) =>
      verdictOf(
        values,
        values.flatMap((email) => faultsIn({ alerts: { email } })),
      ),
  };
}

/** Errors in these settings only. */
function faultsIn(settings: Readonly<Record<string, unknown>>): string[] {
  return judgeSettings(settings).faults.map(({ value, reason }) => `${value}: ${reason}`);
}

function single(judge: (value: string) => readonly string[]): (values: readonly string[]) => Verdict<string> {
  return ([value, ...others]) => {
    if (value === undefined) return { faults: ["This is needed."] };
    if (others.length > 0) return { faults: ["One is needed, not several."] };
    return verdictOf([value], judge(value));
  };
}

function verdictOf(values: readonly string[], faults: readonly string[]): Verdict<string> {
  return faults.length === 0 ? { values } : { faults };
}
