import { FaultsError, OperatorError } from "./errors";
import type { Fix } from "./fix";
import { oneLine } from "./sinks";

// All texts are written for a clone of this project: npm's scripts run the commands, and a stack's settings say what is deployed. In a
// program of another project, which has installed the package, the commands have another name, and arguments of components take the
// settings' place. These functions say a text, as a whole, for such a program.

/** Top-level settings of this project; a test compares them with the settings themselves. */
export const settingNames = [
  "apps",
  "identities",
  "granter",
  "rotation",
  "vault",
  "owners",
  "protect",
  "alerts",
  "powerPlatform",
  "acceptTierZero",
] as const;

const step = /\.[A-Za-z_][\w-]*|\[\d+\]|\["(?:[^"\\]|\\.)*"\]/.source;
const setting = new RegExp(`copilot-token:((?:${settingNames.join("|")})\\b(?:${step})*)`, "g");
const word = /(?:\$'(?:[^'\\]|\\.)*'|'[^']*'|\\.|[^\s;&,'\\])+/.source;
const change = new RegExp(
  `pulumi config (?:set (?:--path )?'?copilot-token:(?<set>[^\\s']+)'? (?<value>${word})` +
    `|rm (?:--path )?'?copilot-token:(?<removed>[^\\s']+)'?)(?: --stack[ =](?:${word}))?(?<next> && )?`,
  "g",
);
const command =
  /\bnpm run (local|tenant|init|doctor|verify|rotate|destroy|token|copilot|<command>)(?![\w-])(?: --(?= ))?/g;

/** A text for people in a program of another project; a text that was said so already stays as it is. */
export function saidInOtherProgram(text: string): string {
  return text
    .replace(change, (...matched) => changeOf(matched.at(-1) as ChangeGroups))
    .replace(setting, (_whole, path: string) => argumentOf(path))
    .replace(command, "npx copilot-token $1")
    .replace(/(?<![\w/])docs\/(?=[a-z-]+\.md)/g, "node_modules/copilot-token/docs/")
    .replace(/(?<![\w/])infra\/bootstrap(?! of)/g, "infra/bootstrap of a clone of copilot-token");
}

/**
 * A report with all of its texts as {@link saidInOtherProgram} says them. A fix whose commands would change a stack's settings becomes one that a person
 * carries out, in the program.
 */
export function reportedInOtherProgram<Report>(report: Report): Report {
  return reworded(report) as Report;
}

function reworded(value: unknown): unknown {
  if (typeof value === "string") return saidInOtherProgram(value);
  if (Array.isArray(value)) return value.map(reworded);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  const given = isFix(value) ? fixInOtherProgram(value) : value;
  return Object.fromEntries(Object.entries(given).map(([key, inner]) => [key, reworded(inner)]));
}

function isFix(value: object): value is Fix {
  return "kind" in value && "text" in value && "commands" in value && Array.isArray(value.commands);
}

function fixInOtherProgram(fix: Fix): Fix {
  if (!fix.commands.some((one) => one.includes("pulumi config ") && saidInOtherProgram(one) !== one)) {
    return fix;
  }
  const steps = fix.commands.map(saidInOtherProgram).join(", then ");
  const text = fix.text === "" ? capital(steps) : `${fix.text.replace(/[.:]$/, "")}: ${steps}`;
  return { ...fix, kind: "person", text: `${text}.`, commands: [] };
}

interface ChangeGroups {
  readonly set?: string;
  readonly value?: string;
  readonly removed?: string;
  readonly next?: string;
}

function changeOf({ set, value = "", removed = "", next }: ChangeGroups): string {
  const said =
    set === undefined ? `take ${argumentOf(removed)} out` : `set ${argumentOf(set)} to ${unquoted(value)}`;
  return next === undefined ? said : `${said}, then `;
}

/** A shell's word as the program gets it. What holds control characters stays as it was. */
function unquoted(text: string): string {
  if (text.startsWith("$")) return text;
  return text.replace(/'([^']*)'|\\(.)/g, (_, inQuotes = "", escaped = "") => `${inQuotes}${escaped}`);
}

/** What a program calls a setting. @param path Of the setting, without the prefix. */
function argumentOf(path: string): string {
  if (path === "apps") return "the program";
  // The vault is the program's own.
  if (/^vault\.allowedIpRanges\b/.test(path)) return "the vault's firewall";
  const [, plain, quoted, rest] =
    /^apps(?:\.([A-Za-z_][\w-]*)|\["((?:[^"\\]|\\.)*)"\])(.*)$/.exec(path) ?? [];
  const app = plain ?? quoted;
  if (app === undefined || rest === undefined) return path;
  return rest === "" ? app : `${rest.replace(/^\./, "")} of ${app}`;
}

function capital(text: string): string {
  return text.replace(/^./, (first) => first.toUpperCase());
}

/**
 * An error about settings, in the words of a program that gave them as arguments of a component.
 *
 * @param name Of the component.
 * @returns any other error as it is.
 */
export function argumentsError(error: unknown, name: string): unknown {
  if (!(error instanceof FaultsError)) return error;
  const said = (text: string): string => saidInOtherProgram(text).replaceAll(` of ${name}`, "");
  const lines = error.faults.map(({ key, value, reason, repair }) => {
    const way = repair.startsWith("pulumi config ") ? `${capital(said(repair))}.` : said(repair);
    const [first, ...rest] = [`${said(key)}: ${value}`, said(reason), way].map(oneLine);
    return [`  ${first ?? ""}`, ...rest.map((line) => `    ${line}`)].join("\n");
  });
  return new OperatorError(
    error.code,
    `Arguments of ${name} cannot work. Nothing of it was changed.\n${lines.join("\n")}`,
    { cause: error },
  );
}
