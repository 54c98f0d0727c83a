import { addDays } from "../../core/secrets/rotation";
import { html, type Html } from "./html";
import type { AppReport, CredentialSpan } from "./report";

const width = 760;
const left = 8;
const rowHeight = 34;
const axisHeight = 30;

/** How the kinds of credential are named to a reader. */
const kindNames: Readonly<Record<CredentialSpan["kind"], string>> = {
  published: "published",
  earlier: "earlier",
  unknown: "not this stack's",
};

/**
 * An app's credentials as bars over the months: what was, what is, when the next one is due, until when that
 * may be late, and today. At least half a year to both sides of today.
 */
export function timeline(app: AppReport, now: Date): Html {
  const scale = timeScale(app, now);
  const height = axisHeight + app.credentials.length * rowHeight + 26;
  const bottom = height - 22;
  const today = scale.x(now);
  const due = app.nextRotationAt === null ? undefined : scale.x(new Date(app.nextRotationAt));
  const graceEnd = app.graceEndsAt === null ? undefined : scale.x(new Date(app.graceEndsAt));
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${description(app, now)}">
    ${scale.months.map(
      ({ x, label }) =>
        html`<line class="axis" x1="${x}" x2="${x}" y1="18" y2="${bottom}" /><text
            class="dim"
            x="${x + 3}"
            y="13"
            >${label}</text
          >`,
    )}
    ${due === undefined || graceEnd === undefined ? undefined : html`<rect class="grace" x="${due}" y="20" width="${round(graceEnd - due)}" height="${bottom - 20}" />`}
    ${app.credentials.map((span, index) => bar(span, axisHeight + index * rowHeight, scale))}
    ${due === undefined ? undefined : html`<line class="due" x1="${due}" x2="${due}" y1="20" y2="${bottom}" />`}
    <line class="today" x1="${today}" x2="${today}" y1="20" y2="${bottom}" />
    ${markNames(today, due, graceEnd === undefined ? "next due" : "next due, then grace", height - 6)}
  </svg>`;
}

interface TimeScale {
  x(instant: Date): number;
  readonly months: readonly { readonly x: number; readonly label: string }[];
}

function timeScale(app: AppReport, now: Date): TimeScale {
  const instants = [
    addDays(now, -183),
    addDays(now, 183),
    ...(app.expiresAt === null ? [] : [new Date(app.expiresAt)]),
    ...app.credentials
      .flatMap(({ startsAt, endsAt }) => [startsAt, endsAt])
      .flatMap((text) => (text === null ? [] : [new Date(text)])),
  ].map((instant) => instant.getTime());
  const from = Math.min(...instants);
  const to = Math.max(...instants);
  const x = (instant: Date): number =>
    round(left + ((instant.getTime() - from) / (to - from)) * (width - 2 * left));
  const first = new Date(from);
  const monthCount = Math.ceil((to - from) / (30 * 86_400_000));
  // Labels need some 40 units each.
  const step = Math.max(1, Math.ceil(monthCount / 15));
  const months = Array.from(
    { length: monthCount + 1 },
    (_, index) => new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1 + index * step, 1)),
  ).filter((month) => month.getTime() < to);
  return { x, months: months.map((month) => ({ x: x(month), label: month.toISOString().slice(2, 7) })) };
}

function bar(span: CredentialSpan, y: number, scale: TimeScale): Html {
  const start = span.startsAt === null ? left : scale.x(new Date(span.startsAt));
  const end = span.endsAt === null ? width - left : scale.x(new Date(span.endsAt));
  const label = `${span.displayName ?? span.keyId.slice(0, 8)} · ${kindNames[span.kind]}`;
  // A label that would leave the picture ends at its bar's end instead.
  const late = start > width * 0.6;
  return html`<rect
      class="${span.kind}"
      x="${start}"
      y="${y}"
      width="${round(Math.max(2, end - start))}"
      height="12"
      rx="3"
    >
      <title>${span.keyId}: ${span.startsAt ?? "?"} to ${span.endsAt ?? "no end"}</title>
    </rect>
    <text x="${late ? end : start}" y="${y + 24}" text-anchor="${late ? "end" : "start"}">${label}</text>`;
}

function markNames(today: number, due: number | undefined, dueName: string, y: number): Html {
  const anchor = (x: number): string => (x > width * 0.8 ? "end" : "start");
  if (due === undefined) return html`<text x="${today}" y="${y}" text-anchor="${anchor(today)}">today</text>`;
  const close = Math.abs(today - due) < 90;
  return close
    ? html`<text x="${Math.min(today, due)}" y="${y}" text-anchor="${anchor(Math.min(today, due))}"
        >today, ${dueName}</text
      >`
    : html`<text x="${today}" y="${y}" text-anchor="${anchor(today)}">today</text
        ><text x="${due}" y="${y}" text-anchor="${anchor(due)}">${dueName}</text>`;
}

function description(app: AppReport, now: Date): string {
  const spans = app.credentials.map(
    ({ keyId, kind, startsAt, endsAt }) =>
      `${keyId}, ${kindNames[kind]}, from ${startsAt?.slice(0, 10) ?? "unknown"} to ${endsAt?.slice(0, 10) ?? "no end"}`,
  );
  return `Credentials of ${app.name} as of ${now.toISOString().slice(0, 10)}: ${spans.join("; ")}.${app.nextRotationAt === null ? "" : ` Next rotation ${app.nextRotationAt.slice(0, 10)}.`}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
