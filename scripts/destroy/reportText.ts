import { commandFix, listedFix, ownCommand, type Fix } from "../../core/fix";
import { oneLine, shellFlag } from "../../core/sinks";
import type { Leftover } from "./leftovers";
import type { DestroyReport } from "./report";
import { shortType } from "./protection";

/** What a run of the command did and what is left, for a terminal; verdict last. */
export function destroyText(report: DestroyReport): string {
  return [
    ...stepLines(report),
    ...leftoverLines(report),
    ...tokenLines(report),
    ...choiceLines(report),
    ...earlierLines(report),
    "",
    verdict(report),
  ].join("\n");
}

function stepLines({ dryRun, steps }: DestroyReport): string[] {
  if (!dryRun || steps.length === 0) return [];
  return [
    "",
    "Would go:",
    ...steps.map(({ operation, type, name }) =>
      oneLine(`  ${operation === "forget" ? "kept" : operation} ${shortType(type)} ${name}`),
    ),
  ];
}

const kinds = {
  vault: "vault",
  application: "application",
  servicePrincipal: "service principal",
  workspace: "audit log",
} as const;

function isApp({ kind, purpose }: Leftover): boolean {
  return kind === "application" && purpose === "app";
}

function leftoverLines({ leftovers, mode, dryRun, steps }: DestroyReport): string[] {
  if (leftovers.length === 0 && steps.length === 0) {
    return ["", "The stack holds nothing, and no record tells what an earlier destruction left."];
  }
  const shown = leftovers.filter(({ state }) => state !== "gone");
  if (shown.length === 0) return ["", "Azure shows nothing of this stack any more."];
  const standing = dryRun && steps.length > 0;
  const title = mode === "restore" ? "As Azure shows it:" : "What is left, as Azure shows it:";
  return ["", standing ? "At present:" : title, ...shown.map(leftoverLine)];
}

function leftoverLine(leftover: Leftover): string {
  const { kind, name, id } = leftover;
  const identifier = kind === "application" || kind === "servicePrincipal" ? ` (${id})` : "";
  return oneLine(`  ${kinds[kind].padEnd(17)} ${name}${identifier}: ${stateText(leftover)}`);
}

function stateText(leftover: Leftover): string {
  const { kind, purpose, state, until, isPurgeProtected, reason } = leftover;
  if (state === "live") return "is there";
  if (state === "gone") return "is gone";
  if (state === "unseen") return `could not be seen: ${reason ?? ""}`;
  const end = until === null ? "" : ` until ${until}`;
  if (kind === "vault") {
    return (
      `deleted, and kept with its secrets${end}` +
      (isPurgeProtected === true ? "; purge protection is on, so it cannot be purged earlier" : "")
    );
  }
  // Azure tells the list of deleted workspaces, and no date.
  if (kind === "workspace") return "deleted; it can be recovered for 14 days";
  if (purpose === "logicApp") return `deleted, and kept${end}; it is not restored: pulumi up makes another`;
  return `deleted; it can be restored${end}`;
}

/**
 * @see https://learn.microsoft.com/entra/identity-platform/configurable-token-lifetimes (read 2026-11): 60 to 90 minutes
 */
function tokenLines({ mode, dryRun, leftovers, managedIdentities }: DestroyReport): string[] {
  if (mode === "restore" || dryRun) return [];
  const lines = [
    ...(leftovers.some((one) => isApp(one) && one.state === "live")
      ? ["An app that is there again takes its old client secrets: npm run rotate -- --leaked ends them."]
      : []),
    ...(leftovers.some((one) => isApp(one) && one.state !== "live")
      ? [
          "Client secrets ended with their app: Entra gives no token for a deleted one. Tokens that are out already work until " +
            "they end, within 60 to 90 minutes.",
        ]
      : []),
    ...(managedIdentities
      ? [
          "The managed identities are deleted permanently. Azure caches their tokens for up to 24 hours, and until then they work.",
        ]
      : []),
  ];
  return lines.length === 0 ? [] : ["", ...lines];
}

function choiceLines({ mode, stack, dryRun, leftovers, wayIn, outcomes }: DestroyReport): string[] {
  const isDeleted = ({ state }: Leftover): boolean => state === "deleted";
  if (dryRun)
    return mode === "destroy"
      ? []
      : ["", `Would then ${mode} what is deleted${mode === "purge" ? ", but for the vault" : ""}.`];
  if (mode === "restore") return wayInLines(wayIn, leftovers);
  const vaults = leftovers.filter(({ kind }) => kind === "vault").filter(isDeleted);
  const apps = leftovers.some((one) => one.kind !== "vault" && one.kind !== "workspace" && isDeleted(one));
  if (mode === "purge") return [...purgedLines(outcomes.length), ...vaultPurgeLines(vaults)];
  if (!apps && vaults.length === 0) return [];
  const restore = commandFix(
    "destroyed.restore",
    "restores apps and vault, and prints how the stack adopts them",
    ownCommand("destroy", stack, "--restore"),
  );
  const purge = commandFix(
    "destroyed.purge",
    "deletes the app registrations permanently",
    ownCommand("destroy", stack, "--purge"),
  );
  const line = ({ text, commands }: Fix): string => `  ${commands.join(" && ").padEnd(width)}   ${text}`;
  const width = restore.commands.join(" && ").length;
  return ["", "Two choices:", line(restore), ...(apps ? [line(purge)] : []), ...vaultPurgeLines(vaults)];
}

function earlierLines({ earlierDestructions, stack }: DestroyReport): string[] {
  if (earlierDestructions.length === 0) return [];
  return [
    "",
    "Earlier destructions of this stack are in the record. To restore or purge what Azure still keeps of one:",
    ...earlierDestructions.map(
      (startedAt) =>
        `  npm run destroy -- ${shellFlag("stack", stack)} --restore ${shellFlag("of", startedAt)}   (or --purge)`,
    ),
  ];
}

function purgedLines(count: number): string[] {
  return count === 0 ? ["", "There was no deleted app registration left to purge."] : [""];
}

/** @see https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview (read 2026-11) */
function vaultPurgeLines(vaults: readonly Leftover[]): string[] {
  return vaults.map(({ name, until, isPurgeProtected }) =>
    isPurgeProtected === true
      ? oneLine(
          `The vault ${name} cannot be purged before ${until ?? "its time is over"}: purge protection is on. Its name stays taken until then.`,
        )
      : oneLine(
          `The vault ${name} has no purge protection; to purge it: az keyvault purge ${shellFlag("name", name)}`,
        ),
  );
}

function wayInLines(wayIn: readonly string[], leftovers: readonly Leftover[]): string[] {
  if (wayIn.length === 0) return [];
  const hasApp = leftovers.some((one) => isApp(one) && one.state === "live");
  return [
    "",
    ...(hasApp
      ? [
          "The apps' client secrets of before work again until they expire. Consent, role assignments and the vault's " +
            "secrets come back by pulumi up, which makes new client secrets; to end those of before: npm run rotate -- --leaked.",
        ]
      : []),
    ...listedFix(commandFix("destroyed.adopt", "To adopt them into the stack:", ...wayIn)),
  ];
}

function verdict({ ok, mode, dryRun, outcomes, steps }: DestroyReport): string {
  if (dryRun) return ok ? "DRY RUN: nothing was changed." : "DRY RUN: it would fail; nothing was changed.";
  const done = outcomes.filter(({ refusal }) => refusal === null).length;
  const deleted = steps.filter(({ operation }) => operation === "delete").length;
  const facts = [
    ...(steps.length > 0 ? [`${deleted} resources deleted`] : []),
    ...(mode === "destroy" || outcomes.length === 0 ? [] : [`${done} ${mode}d`]),
  ].join(", ");
  const what = facts === "" ? "nothing was left to do" : facts;
  return ok
    ? `DONE: ${what}.`
    : `NOT DONE: ${what}; see what failed above. Run it again: it continues where it stopped.`;
}
