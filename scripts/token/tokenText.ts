import { oneLine } from "../../core/sinks";
import { unixInstant } from "../../azure/tokenClaims";
import type { SignatureCheck } from "./checkSignature";
import type { TokenExplanation } from "./explainToken";

const kinds: Readonly<Record<TokenExplanation["kind"], string>> = {
  app: "an access token of an application on its own",
  delegated: "an access token of an application for a signed-in user",
  id: "an ID token",
};

/** Claims whose values are Unix seconds. */
const instants = new Set(["iat", "nbf", "exp", "xms_tcdt"]);

/** An explanation for a terminal. */
export function tokenText(token: TokenExplanation, now: Date, signature?: SignatureCheck): string {
  const facts: [string, string | null][] = [
    ["For", token.audienceName === null ? token.audience : `${token.audienceName} (${token.audience ?? ""})`],
    ["Tenant", token.tenantId],
    ["App", token.appName === null ? token.clientId : `${token.appName} (${token.clientId ?? ""})`],
    ["User", token.user],
    ["Issued", time(token.issuedAt, now)],
    ["Expires", time(token.expiresAt, now)],
    [
      "Signed by",
      token.signingKeyId === null ? token.algorithm : `${token.algorithm ?? ""}, key ${token.signingKeyId}`,
    ],
    ["Signature", signature === undefined ? null : `${signature.result}: ${signature.reason}`],
  ];
  const width = Math.max(...token.permissions.map(({ name }) => name.length), 0);
  const claimWidth = Math.max(...token.claims.map(({ name }) => name.length), 0);
  return [
    `This is ${kinds[token.kind]}.`,
    "",
    ...facts.flatMap(([name, value]) => (value === null ? [] : [`  ${name.padEnd(9)}  ${oneLine(value)}`])),
    ...titled(
      "It may",
      token.permissions.map(({ name, allows }) => oneLine(`${name.padEnd(width)}  ${allows}`)),
    ),
    ...titled(
      "Mind",
      token.warnings.map(({ message }) => oneLine(`! ${message}`)),
    ),
    ...titled(
      "All claims",
      token.claims.map(({ name, value, meaning }) => {
        const instant = instants.has(name) ? unixInstant(value) : undefined;
        const shown = instant === undefined ? plain(value) : localTime(instant);
        return oneLine(`${name.padEnd(claimWidth)}  ${shown}${meaning === null ? "" : `  (${meaning})`}`);
      }),
    ),
  ].join("\n");
}

function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `${title}:`, ...lines.map((line) => `  ${line}`)];
}

function time(iso: string | null, now: Date): string | null {
  if (iso === null) return null;
  const instant = new Date(iso);
  return `${localTime(instant)} (${relativeTime(instant, now)})`;
}

function plain(value: unknown): string {
  return oneLine(typeof value === "string" ? value : JSON.stringify(value));
}

const units: readonly (readonly [string, number])[] = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
];

/** "in 43 min", "2 h ago", "now"; rounded to whole units, of which the largest is days. */
export function relativeTime(instant: Date, now: Date): string {
  const seconds = Math.round((instant.getTime() - now.getTime()) / 1000);
  const distance = Math.abs(seconds);
  if (distance < 5) return "now";
  const [unit, size] = units.find(([, unitSeconds]) => distance >= unitSeconds) ?? ["s", 1];
  const amount = `${Math.floor(distance / size)} ${unit}`;
  return seconds > 0 ? `in ${amount}` : `${amount} ago`;
}

/** `2026-11-22 11:05:00 +01:00`: this machine's own time, with its offset. */
export function localTime(instant: Date): string {
  const offsetMinutes = -instant.getTimezoneOffset();
  const shifted = new Date(instant.getTime() + offsetMinutes * 60_000).toISOString();
  const sign = offsetMinutes < 0 ? "-" : "+";
  const pad = (value: number): string => String(value).padStart(2, "0");
  const offset = `${sign}${pad(Math.floor(Math.abs(offsetMinutes) / 60))}:${pad(Math.abs(offsetMinutes) % 60)}`;
  return `${shifted.slice(0, 10)} ${shifted.slice(11, 19)} ${offset}`;
}
