import { fixLine } from "../../core/fix";
import { html, type Html } from "./html";
import type { AppReport, CheckResult, CheckStatus, Fact, PermissionRow, VerifyReport } from "./report";
import { reportStyle } from "./reportStyle";
import { timeline } from "./timeline";

const words: Readonly<Record<CheckStatus, string>> = {
  pass: "✓ pass",
  note: "i note",
  warn: "! warn",
  fail: "✗ fail",
  skip: "– skip",
};

/** The report as one page that needs nothing from elsewhere: verdict first. */
export function reportHtml(report: VerifyReport): string {
  const now = new Date(report.startedAt);
  const verdict = report.verified ? "Verified" : "Not verified";
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        />
        <title>${verdict}: copilot-token</title>
        <link rel="icon" href="data:," />
        <style>
          ${{ html: reportStyle }}
        </style>
      </head>
      <body>
        <main>
          <header class="verdict ${report.verified ? "verified" : "not"}">
            <h1>${verdict}${report.strict ? " (strict)" : ""}</h1>
            <p>${tally(report)}</p>
          </header>
          ${overview(report)}
          ${
            // What needs doing comes before what is well.
            problems(report)
          }
          ${report.apps.map((app) => appSection(app, checksOf(report, app.name), now))}
          <section>
            <h2>What the apps share</h2>
            ${checkTable("Checks of outputs and vault", checksOf(report, null))}
          </section>
        </main>
      </body>
    </html> `;
  return page.html;
}

function checksOf(report: VerifyReport, app: string | null): CheckResult[] {
  return report.checks.filter((check) => check.app === app);
}

function tally({ counts, durationSeconds }: VerifyReport): string {
  const parts = (["pass", "note", "warn", "fail", "skip"] as const)
    .filter((status) => counts[status] > 0)
    .map((status) => `${counts[status]} ${status}`);
  return `${parts.join(", ")} in ${durationSeconds.toFixed(1)} s`;
}

function overview(report: VerifyReport): Html {
  const facts: [string, string | null][] = [
    ["When", report.startedAt],
    ["Tenant", report.tenantId],
    ["Vault", report.vaultName],
    ["Signed in as", report.signedInAs],
    ["Outputs from", report.outputsFrom],
  ];
  return html`<dl class="facts">
    ${facts.map(([name, value]) =>
      value === null
        ? undefined
        : html`<dt>${name}</dt>
            <dd>${value}</dd>`,
    )}
  </dl>`;
}

function problems(report: VerifyReport): Html | undefined {
  const open = report.checks.filter(({ status }) => status === "fail" || status === "warn");
  if (open.length === 0) return undefined;
  return html`<section>
    <h2>To do</h2>
    <ul>
      ${open.map(
        ({ app, id, status, summary, fixes = [] }) =>
          html`<li>
            <strong class="${status}">${app ?? "stack"}: ${id}</strong>
            ${summary}${fixes.map((fix) => html`<p class="fix">${fixLine(fix)}</p>`)}
          </li>`,
      )}
    </ul>
  </section>`;
}

const signInNames: Readonly<Record<AppReport["signIn"], string>> = {
  secret: "client secret",
  certificate: "by the certificate in the vault",
  federated: "federation",
  managedIdentity: "managed identity",
};

function appSection(app: AppReport, checks: readonly CheckResult[], now: Date): Html {
  return html`<section>
    <h2>${app.name}</h2>
    <dl class="facts">
      <dt>Display name</dt>
      <dd>${app.displayName}</dd>
      <dt>Client ID</dt>
      <dd><code>${app.clientId}</code></dd>
      <dt>Signs in by</dt>
      <dd>${signInNames[app.signIn]}</dd>
      ${
        app.secretName === null
          ? undefined
          : html`<dt>Vault secret</dt>
              <dd><code>${app.secretName}</code></dd>`
      }
      ${
        app.expiresAt === null
          ? undefined
          : html`<dt>Expires</dt>
              <dd>${app.expiresAt}</dd>`
      }
      ${
        app.nextRotationAt === null
          ? undefined
          : html`<dt>Next rotation</dt>
              <dd>${app.nextRotationAt}</dd>`
      }
    </dl>
    <h3>Permissions</h3>
    ${permissionTable(app.permissions)}
    ${
      app.credentials.length === 0
        ? undefined
        : html`<h3>Credentials</h3>
            <div class="scroll" tabindex="0" role="region" aria-label="Timeline of ${app.name}">
              ${timeline(app, now)}
            </div>`
    }
    <h3>Checks</h3>
    ${checkTable(`Checks of ${app.name}`, checks)}
  </section>`;
}

function permissionTable(rows: readonly PermissionRow[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Permissions">
    <table>
      <caption>
        Asked for in the settings, declared by the app, granted by an administrator, seen in the token
      </caption>
      <thead>
        <tr>
          <th scope="col">Permission</th>
          <th scope="col">Asked</th>
          <th scope="col">Declared</th>
          <th scope="col">Granted</th>
          <th scope="col">In token</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ permission, asked, declared, granted, inToken }) =>
            html`<tr>
              <th scope="row">${permission}</th>
              ${[asked, declared, granted, inToken].map((seen) => permissionCell(seen, asked))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Right is what agrees with the settings, whichever way. */
function permissionCell(seen: boolean | null, asked: boolean): Html {
  if (seen === null) return html`<td class="skip">not seen</td>`;
  return html`<td class="${seen === asked ? "pass" : "fail"}">${seen ? "✓ yes" : "✗ no"}</td>`;
}

function checkTable(caption: string, checks: readonly CheckResult[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
    <table>
      <thead>
        <tr>
          <th scope="col">Result</th>
          <th scope="col">Check</th>
          <th scope="col">Finding</th>
        </tr>
      </thead>
      <tbody>
        ${checks.map(
          (check) =>
            html`<tr>
              <td class="${check.status}">${words[check.status]}</td>
              <td class="id">${check.id}</td>
              <td>
                ${check.summary}${
                  check.status === "pass"
                    ? undefined
                    : (check.fixes ?? []).map((fix) => html`<p class="fix">${fixLine(fix)}</p>`)
                }${evidenceList(check)}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function evidenceList({ evidence }: CheckResult): Html | undefined {
  const facts = Object.entries(evidence);
  if (facts.length === 0) return undefined;
  return html`<details>
    <summary>Evidence</summary>
    <ul class="evidence">
      ${facts.map(([name, value]) => html`<li>${name}: ${factText(value)}</li>`)}
    </ul>
  </details>`;
}

function factText(value: Fact): string {
  if (value === null) return "none";
  return typeof value === "object" ? value.join(", ") || "none" : String(value);
}
