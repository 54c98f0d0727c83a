import { commandFix, personFix } from "../../core/fix";
import type { VerifyReport } from "../../scripts/verify/report";

/** A report with every status, a stranger's names and characters that each format must escape. */
export const sampleReport: VerifyReport = {
  schemaVersion: 1,
  verified: false,
  strict: false,
  startedAt: "2026-11-22T11:00:00.000Z",
  durationSeconds: 1.25,
  outputsFrom: "standard input",
  tenantId: "5b1c2f0e-7a64-4d0c-9a3b-2f6d8e1c4a70",
  vaultName: "copilot-test",
  signedInAs: "service principal 2c7e9b40-1d5f-4a86-b3c2-6e8f0a9d7154",
  apps: [
    {
      name: "CopilotAPIAuth",
      displayName: 'Copilot <b>"API"</b> & Auth',
      clientId: "0b7d2a51-6c3e-4f80-9d1a-2e5f8c7b6a49",
      signIn: "secret",
      secretName: "CopilotAPIAuth",
      permissions: [
        { permission: "User.Read.All", asked: true, declared: true, granted: true, inToken: true },
        { permission: "Mail.Send", asked: false, declared: false, granted: null, inToken: true },
      ],
      credentials: [
        {
          keyId: "11111111-6c3e-4f80-9d1a-2e5f8c7b6a49",
          displayName: "copilot-token CopilotAPIAuth-1",
          startsAt: "2026-07-01T10:00:00Z",
          endsAt: "2026-11-12T10:00:00Z",
          kind: "earlier",
        },
        {
          keyId: "22222222-6c3e-4f80-9d1a-2e5f8c7b6a49",
          displayName: "copilot-token CopilotAPIAuth-2",
          startsAt: "2026-11-20T10:00:00Z",
          endsAt: "2027-04-03T10:00:00Z",
          kind: "published",
        },
        {
          keyId: "33333333-6c3e-4f80-9d1a-2e5f8c7b6a49",
          displayName: "</text><script>alert(1)</script>",
          startsAt: "2026-11-21T10:00:00Z",
          endsAt: null,
          kind: "unknown",
        },
      ],
      expiresAt: "2027-04-03T10:00:00Z",
      nextRotationAt: "2027-01-19T10:00:00Z",
      graceEndsAt: "2027-02-02T10:00:00Z",
    },
  ],
  checks: [
    {
      id: "outputs",
      app: null,
      status: "pass",
      summary: "1 app, from standard input",
      evidence: { from: "standard input" },
    },
    {
      id: "token",
      app: "CopilotAPIAuth",
      status: "pass",
      summary: "Entra accepts the client secret",
      evidence: { expiresInSeconds: 3599 },
    },
    {
      id: "permissions-extra",
      app: "CopilotAPIAuth",
      status: "fail",
      summary: "in the token, but not requested: Mail.Send <script>alert(2)</script> | 100%\nsecond line",
      evidence: { extra: ["Mail.Send"], directoryRoles: [], count: 1, sure: true, nothing: null },
      fixes: [personFix("permissions.extra", "Ask for it, or remove the grant: portal, Permissions.")],
    },
    {
      id: "rotation",
      app: "CopilotAPIAuth",
      status: "warn",
      summary: "due for 3 days",
      evidence: {},
      fixes: [commandFix("rotation.due", "", "npm run rotate")],
    },
    {
      id: "least-privilege",
      app: "CopilotAPIAuth",
      status: "note",
      summary: "Mail.Send -> less",
      evidence: {},
      fixes: [personFix("privilege.smaller", "Try less.")],
    },
    {
      id: "grants",
      app: "CopilotAPIAuth",
      status: "skip",
      summary: "the caller may not read it",
      evidence: {},
    },
  ],
  counts: { pass: 2, note: 1, warn: 1, fail: 1, skip: 1 },
};
