import { oneLine, type Annotation } from "../../core/sinks";
import { ageOf } from "../../core/instant";
import type { AppRotation, CredentialView, RotateReport } from "./report";
import { fixLine } from "../../core/fix";

/** The facts of a rotation for a terminal, verdict last. */
export function rotateText(report: RotateReport, now: Date): string {
  return [
    ...report.apps.flatMap((app) => ["", oneLine(app.name), ...appRows(app, report.dryRun, now)]),
    "",
    verdict(report),
  ].join("\n");
}

function appRows(app: AppRotation, dryRun: boolean, now: Date): string[] {
  const changed = app.after?.keyId !== app.before?.keyId;
  const isGone = app.removed.some(({ keyId }) => keyId === app.after?.keyId);
  // "Published" without this would read as if it were in use.
  const end = !isGone ? "" : dryRun ? ", would be removed from Entra" : ", removed from Entra";
  const rows: [string, string][] = [
    ["client ID", app.clientId],
    ...(changed ? ([["replaced", credentialText(app.before)]] as [string, string][]) : []),
    [app.after?.kind ?? "client secret", `${credentialText(app.after)}${end}`],
    [
      dryRun ? "would do" : "occasion",
      app.occasion === null ? `none: ${app.why}` : `${app.occasion}: ${app.why}`,
    ],
    ...(app.nextRotationAt === null
      ? []
      : ([["next rotation", `${day(app.nextRotationAt)}${distance(app.nextRotationAt, now)}`]] as [
          string,
          string,
        ][])),
    ...(app.liveCredentials === null
      ? []
      : ([
          [
            app.after?.kind === "certificate" ? "live certs" : "live secrets",
            `${app.liveCredentials}${dryRun ? " afterwards" : ""}`,
          ],
        ] as [string, string][])),
  ];
  return rows.map(([title, value]) => oneLine(`  ${title.padEnd(14)} ${value}`));
}

function credentialText(credential: CredentialView | null): string {
  if (credential === null) return "none";
  const { sequence, keyId, startsAt, endsAt, published } = credential;
  const state = published === null ? "vault not visible" : published ? "published" : "not in the vault";
  return `number ${sequence}, keyId ${keyId}, ${day(startsAt)} to ${endsAt === null ? "?" : day(endsAt)}, ${state}`;
}

function day(instant: string): string {
  return instant.slice(0, 10);
}

function distance(instant: string, now: Date): string {
  const at = new Date(instant);
  return at > now ? ` (in ${ageOf(now, at)})` : ` (${ageOf(at, now)} ago)`;
}

function verdict({ ok, dryRun, apps, verifiedAfter, failures }: RotateReport): string {
  if (dryRun) return ok ? "DRY RUN: nothing was changed." : "DRY RUN: it would fail; nothing was changed.";
  const rotated = apps.filter(({ before, after }) => after !== null && before?.keyId !== after.keyId).length;
  const removed = apps.reduce((sum, app) => sum + app.removed.length, 0);
  const done = `${rotated} rotated, ${removed} credential${removed === 1 ? "" : "s"} removed`;
  if (ok) return `DONE: ${done}, verified.`;
  const reason =
    failures.length > 0
      ? "see what failed above"
      : verifiedAfter?.verified === false
        ? "the result is not verified"
        : "";
  return `NOT DONE: ${done}; ${reason}.${leakWarning(apps)}`;
}

/** A leak that was not dealt with must not read like one that was. */
function leakWarning(apps: readonly AppRotation[]): string {
  const open = apps.filter(
    ({ occasion, before, after }) => occasion === "leaked" && before?.keyId === after?.keyId,
  );
  if (open.length === 0) return "";
  const what = open.every(({ before }) => before?.kind === "certificate") ? "key" : "secret";
  return ` The leaked ${what} of ${open.map(({ name }) => name).join(", ")} still works: repair the above and run this again.`;
}

/** Puts each failure of a rotation on the run's page. */
export function failureAnnotations({ failures }: RotateReport): Annotation[] {
  return failures.map(({ subject, message, fixes = [] }) => ({
    level: "error",
    title: `rotate: ${subject ?? "stack"}`,
    text: [message, ...fixes.map(fixLine)].join(" "),
  }));
}
